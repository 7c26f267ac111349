"""The command line: `citygate`, or `python -m gateway`."""

from __future__ import annotations

import sys

import click

from adapters.contract.yaml_file import Misconfigured
from gateway.commands.lazy import LazyGroup

COMMANDS = ("demo", "serve", "sandbox", "check", "audit", "desk", "schema", "token", "revoke", "erase")


@click.group(
    cls=LazyGroup,
    modules={name: f"gateway.commands.{name}" for name in COMMANDS},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="citygate")
def cli() -> None:
    """Citygate: one GraphQL endpoint for everything a person does with a city.

    \b
    To look around:        citygate demo
    To run it for real:    citygate check && citygate serve
    To write an app:       citygate sandbox, citygate token resident, citygate schema
    """


def main() -> None:
    """Run a command; a refused configuration is one clear line and exit code 2."""
    try:
        cli()
    except (Misconfigured, FileNotFoundError) as exc:
        click.echo(f"citygate: {exc}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

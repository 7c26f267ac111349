"""The command line: `citygate`, or `python -m gateway`."""

from __future__ import annotations

import sys

import click

from adapters.contract.yaml_file import ConfigError
from gateway.commands.check import check
from gateway.commands.demo import demo
from gateway.commands.sandbox import sandbox
from gateway.commands.schema import schema
from gateway.commands.serve import serve
from gateway.commands.token import token

REFUSALS = (ConfigError, ValueError, FileNotFoundError)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="citygate")
def cli() -> None:
    """Citygate: one GraphQL endpoint for everything a person does with a city.

    \b
    To look around:        citygate demo
    To run it for real:    citygate check && citygate serve
    To write an app:       citygate sandbox, citygate token resident, citygate schema
    """


for command in (demo, serve, sandbox, check, schema, token):
    cli.add_command(command)


def main() -> None:
    """Run a command; a refused configuration is one clear line and exit code 2."""
    try:
        cli()
    except REFUSALS as exc:
        click.echo(f"citygate: {exc}", err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()

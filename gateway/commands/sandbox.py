"""`citygate sandbox`: the small city alone, to run a gateway or an adapter against."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gateway.commands import options

BASE_PORT = 8100


@click.command()
@options.seed
@options.data
@click.option(
    "--base-port",
    type=click.IntRange(0, 65000),
    default=BASE_PORT,
    show_default=True,
    help="The login service's port; departments get the next ones. 0 for free ones.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the addresses as one JSON object.")
def sandbox(seed: int, data: Path | None, base_port: int, *, as_json: bool) -> None:
    """Run the sandbox city: one server per department, and a login service with personas.

    Each department is a process of its own with its own state. Make one slow, silent or wrong with the header
    X-Sandbox-Scenario or at /_sandbox/scenario, and count the calls it got at /_sandbox/calls.
    """
    command = [*_command(seed, data, base_port), *(["--json"] if as_json else [])]
    sys.exit(subprocess.run(command, check=False).returncode)  # noqa: S603  # our own module


@contextmanager
def running_sandbox(seed: int, data: Path | None, base_port: int) -> Iterator[dict[str, str]]:
    """A sandbox city for as long as the context lasts: addresses by name, the login service as `issuer`.

    Raises: click.ClickException when it does not start.
    """
    process = subprocess.Popen(  # noqa: S603  # our own module
        [*_command(seed, data, base_port), "--json", "--with-parent"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for the gateway, which then ends the city
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise click.ClickException("the sandbox city did not start; see above")
        yield json.loads(line)
    finally:
        process.terminate()
        process.wait(timeout=20)


def _command(seed: int, data: Path | None, base_port: int) -> list[str]:
    ports = ["--base-port", str(base_port)] if base_port else []
    return [sys.executable, "-m", "sandbox", "--seed", str(seed), *(["--data", str(data)] if data else []), *ports]

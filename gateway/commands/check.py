"""`citygate check`: whether the configuration fits, before anything is started."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from gateway import wiring
from gateway.commands import options
from gateway.health import missing
from gateway.settings import load


@click.command()
@options.config
@click.option("--reach", is_flag=True, help="Also try to connect to every department.")
def check(config: Path, *, reach: bool) -> None:
    """Check the configuration: files, departments, options, store.

    Every refusal names the file, the line and the key. With --reach, exit code 1 when a department does not take
    a connection; the gateway would start nevertheless.
    """
    settings = load(config)
    registry = wiring.check(settings)
    away: list[str] = []
    if reach:
        away = asyncio.run(missing({name: one.address for name, one in settings.departments.items()}))
    for info in registry.infos():
        state = "" if not reach else "no connection  " if info.name in away else "reached        "
        operations = ", ".join(info.operations)
        click.echo(f"{info.code}  {info.name:20}  {state}{info.protocol}: {operations}")
    click.echo(f"{len(registry.manifests)} departments, {len(registry.bounds)} operations: the configuration fits.")
    if away:
        raise SystemExit(1)

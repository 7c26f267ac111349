"""`citygate serve`: the gateway alone, in front of the configured departments."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from gateway.commands import options, server
from gateway.settings import load


@click.command()
@options.config
@click.option("--host", help="Address to listen at; default from gateway.yaml.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at, 0 for a free one.")
def serve(config: Path, host: str | None, port: int | None) -> None:
    """Run the gateway in front of the configured departments.

    It starts whether or not they can be reached: what cannot be is an error in its own fields only.
    `citygate check` says beforehand whether the configuration fits.
    """
    settings = load(config)
    chosen = {"host": host, "port": port}
    listen = msgspec.structs.replace(
        settings.gateway.listen, **{key: value for key, value in chosen.items() if value is not None}
    )
    settings = msgspec.structs.replace(settings, gateway=msgspec.structs.replace(settings.gateway, listen=listen))
    server.run(settings, ready=lambda address: click.echo(f"Citygate answers at {address}/graphql"))

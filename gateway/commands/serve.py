"""`citygate serve`: the gateway alone, in front of the configured departments."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec

from gateway.commands import options, server, workers
from gateway.settings import Settings, load


@click.command()
@options.config
@click.option("--host", help="Address to listen at; default from gateway.yaml.")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen at, 0 for a free one.")
@click.option("--workers", "count", type=click.IntRange(1, 64), help="Processes that share the port.")
def serve(config: Path, host: str | None, port: int | None, count: int | None) -> None:
    """Run the gateway in front of the configured departments.

    It starts whether or not they can be reached: what cannot be is an error in its own fields only.
    `citygate check` says beforehand whether the configuration fits. With several workers, SIGHUP loads it again
    without losing a request.
    """

    def settings() -> Settings:
        return _listening(load(config), {"host": host, "port": port, "workers": count})

    def ready(address: str) -> None:
        click.echo(f"Citygate answers at {address}/graphql")

    first = settings()
    if first.gateway.listen.workers > 1:
        workers.run(first, reload=settings, ready=ready)
    else:
        server.run(first, ready=ready)


def _listening(settings: Settings, chosen: dict[str, str | int | None]) -> Settings:
    above = {key: value for key, value in chosen.items() if value is not None}
    listen = msgspec.structs.replace(settings.gateway.listen, **above)
    return msgspec.structs.replace(settings, gateway=msgspec.structs.replace(settings.gateway, listen=listen))

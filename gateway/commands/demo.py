"""`citygate demo`: the sandbox city with a gateway in front, ready to play."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import msgspec

from gateway.commands import options, server
from gateway.commands.sandbox import running_sandbox
from gateway.settings import Listen, Settings, load


@click.command()
@options.config
@options.seed
@options.data
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="The gateway's port.")
@click.option(
    "--sandbox-port",
    type=click.IntRange(0, 65000),
    default=0,
    show_default="free ports",
    help="The login service's port; departments get the next ones.",
)
def demo(config: Path, seed: int, data: Path | None, port: int, sandbox_port: int) -> None:
    """Run the sandbox city and a gateway in front of it, and print where to go.

    Open the printed page and press play: the query that is there asks five departments for one person.
    Ctrl-C ends everything.
    """
    server.end_cleanly_on_sigterm()
    began = time.monotonic()
    click.echo("Starting the sandbox city ...", err=True)
    with running_sandbox(seed, data, sandbox_port) as addresses, TemporaryDirectory(prefix="citygate-") as folder:
        settings = in_front_of(load(config), addresses, port, Path(folder))
        server.run(settings, ready=lambda address: _welcome(address, addresses, time.monotonic() - began))
    click.echo("The city is closed.", err=True)


def in_front_of(settings: Settings, addresses: Mapping[str, str], port: int, folder: Path) -> Settings:
    """The settings with every department at its sandbox address, and the sandbox's login service.

    The ledger and the access log are in `folder`: the sandbox forgets everything when it ends, and so must they. A
    store that is given without keys gets one that nobody has when the demo has ended.
    """
    departments = {
        name: msgspec.structs.replace(one, address=addresses[name])
        for name, one in settings.departments.items()
        if name in addresses
    }
    issuer = addresses["issuer"]
    gateway = msgspec.structs.replace(
        settings.gateway,
        data=str(folder),
        audit=msgspec.structs.replace(settings.gateway.audit, url=None),
        ledger=msgspec.structs.replace(settings.gateway.ledger, url=None),
        listen=Listen(port=port),
        store_keys=settings.gateway.store_keys or (f"plain:{secrets.token_urlsafe(32)}",),
        identity=msgspec.structs.replace(settings.gateway.identity, issuer=issuer),
        telemetry=msgspec.structs.replace(settings.gateway.telemetry, sample_ratio=1.0),
    )
    return msgspec.structs.replace(settings, gateway=gateway, departments=departments, sandbox_issuer=issuer)


def _welcome(address: str, addresses: Mapping[str, str], seconds: float) -> None:
    width = max(map(len, addresses))
    click.echo(f"Ready after {seconds:.1f} s. Departments of the sandbox city:", err=True)
    for name, where in addresses.items():
        click.echo(f"  {name:{width}}  {where}", err=True)
    click.echo(f"\n  Open      {address}/          GraphiQL, with examples and personas")
    click.echo(f"  Endpoint  {address}/graphql")
    click.echo(f"  Traces    {address}/traces")
    click.echo(f"  Token     citygate token resident --gateway {address}\n")
    click.echo("Ctrl-C ends everything.", err=True)

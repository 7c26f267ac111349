"""`citygate revoke`: tokens are not believed any more, in every process on the same store, within a second."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from gateway import stores
from gateway.commands import options
from gateway.revocations import Kind, NotKept, TooManyRevocations
from gateway.settings import load


@click.command()
@options.config
@click.option("--token-id", "jti", metavar="JTI", help="One token, by its `jti`.")
@click.option("--person", metavar="SUB", help="Every token that this person, or who acts for them, has now.")
def revoke(config: Path, jti: str | None, person: str | None) -> None:
    """Revoke one token, or all tokens that a person has now.

    A person who logs in again has a new one. A revocation ends when every token that it covers has expired.
    """
    if (jti is None) == (person is None):
        raise click.UsageError("give either --token-id or --person")
    kind: Kind = "sub" if jti is None else "jti"
    value = (jti or person or "").strip()
    if not value:
        raise click.UsageError("the value is empty")
    try:
        asyncio.run(stores.revoke(load(config), kind, value))
    except (TooManyRevocations, NotKept) as exc:
        raise click.ClickException(f"nothing was revoked: {exc}") from exc
    click.echo("Revoked.")

"""`citygate erase`: what is kept about a person is removed, everywhere on the same store, and the report says so."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from gateway import stores
from gateway.commands import options
from gateway.settings import load

STAYS = """What stays: orders in the ledger, the access log, and what the departments have; for how long, laws say.
The person's next request reads from the departments again; `citygate revoke --person` ends their tokens."""


@click.command()
@options.config
@click.argument("subject")
def erase(config: Path, subject: str) -> None:
    """Remove what is kept about a person (SUBJECT is the `sub` of their tokens) from store and memory.

    Prints what was removed where, and what a search of the whole store finds afterwards. Exit code 1 when that is
    anything, or when gateways could not be told.
    """
    subject = subject.strip()
    if not subject:
        raise click.UsageError("the subject is empty")
    try:
        erased = asyncio.run(stores.erase(load(config), subject))
    except stores.ERASURE_FAILURES as exc:
        raise click.ClickException(f"not certain to be erased, repeat it: {exc}") from exc
    found, searched = erased.left
    click.echo(f"store: {erased.from_store} entries removed; a search of {searched} finds {found}")
    for report in sorted(erased.reports, key=lambda one: one.gateway):
        forgotten = ", ".join(f"{count} {what}" for what, count in report.forgotten.items())
        click.echo(f"{report.gateway}: {forgotten} removed")
    click.echo(
        f"{len(erased.reports)} gateways have reported; one that has not serves nothing without asking the store"
    )
    click.echo(STAYS)
    if found:
        raise click.ClickException("something about the person was asked for meanwhile; repeat it")

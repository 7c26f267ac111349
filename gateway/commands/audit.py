"""`citygate audit`: whether the access log is whole, and what is in it, for those who must know."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from adapters.contract.records import PersonId
from adapters.contract.usage import LogBroken, UsageUnavailable
from gateway import wiring
from gateway.commands import options
from gateway.settings import load

_HEAD = re.compile(r"(\d{1,18}):([0-9a-f]{64})")


@click.group()
@options.config
@click.pass_context
def audit(context: click.Context, config: Path) -> None:
    """Check and read the access log: who saw what of whom.

    The log is a chain: each entry is hashed with the one before it. What the configuration names is read while gateways
    write to it.
    """
    context.obj = config


@audit.command()
@click.option("--expect", "heads", multiple=True, metavar="NUMBER:HASH", help="A head that was printed earlier.")
@click.pass_obj
def verify(config: Path, heads: Sequence[str]) -> None:
    """Check the whole chain, and name the first entry that is broken.

    Note the head that is printed where nobody can change it, and give it with --expect next time: so an end that was
    cut off is found, too.
    """
    expected = tuple(_head(one) for one in heads)
    try:
        found = _do(config, lambda log: log.verify(expected=expected))
    except LogBroken as exc:
        click.echo(f"The access log is broken at {exc}.")
        raise click.exceptions.Exit(1) from exc
    if found.head is None:
        click.echo("The access log is empty.")
        return
    since = f" after entry {found.after}, up to which it was deleted" if found.after else ""
    click.echo(f"The access log holds: {found.entries} {'entry' if found.entries == 1 else 'entries'}{since}.")
    click.echo(f"Its head is {found.head.seq}:{found.head.hash.hex()}")


@audit.command()
@click.argument("person")
@click.option("--last", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many entries.")
@click.pass_obj
def show(config: Path, person: str, last: int) -> None:
    """The last entries about one person, the newest first, as lines of JSON: personal data."""
    page = _do(
        config,
        lambda log: log.of_person(PersonId(person), most=last, older_than=None, newer_than=None, oldest_first=False),
    )
    for entry in page.entries:
        click.echo(msgspec.json.encode(entry).decode())
    click.echo(f"{len(page.entries)} of {page.total} entries, at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC.", err=True)


def _head(text: str) -> tuple[int, bytes]:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--expect {text!r} is not a number, a colon and 64 hexadecimal digits")
    return int(found[1]), bytes.fromhex(found[2])


def _do(config: Path, work: Callable[[Any], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        log = wiring.open_access_log(load(config))
        try:
            return await work(log)
        finally:
            await log.aclose()

    try:
        return asyncio.run(run())
    except UsageUnavailable as exc:
        raise click.ClickException(str(exc)) from exc

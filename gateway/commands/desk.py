"""`citygate desk`: orders that the gateway cannot settle by itself, for the people who can."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from gateway import wiring
from gateway.commands import options
from gateway.settings import load

STATES = ("desk", "ready", "sending", "unknown", "dropped", "delivered", "refused", "withdrawn")


@click.group()
@options.config
@click.pass_context
def desk(context: click.Context, config: Path) -> None:
    """Look after orders that could not be delivered.

    An order comes here when its department has been away for too long, or when nobody can tell whether the department
    has it. What is listed names no person; `show --order` does, and is for who must act on it.
    """
    context.obj = config


@desk.command("list")
@click.option("--state", "states", type=click.Choice(STATES), multiple=True, default=("desk",), show_default=True)
@click.pass_obj
def listed(config: Path, states: Sequence[str]) -> None:
    """Orders, longest unchanged first."""
    rows = [_row(each) for each in _do(config, lambda at: at.listed(states))]
    for row in rows:
        click.echo("  ".join(f"{text:{width}}" for text, width in zip(row, _widths(rows), strict=True)).rstrip())
    click.echo(f"{len(rows)} {'order' if len(rows) == 1 else 'orders'}.", err=True)


@desk.command()
@click.argument("reference")
@click.option("--order", "personal", is_flag=True, help="Also what was ordered, and by whom: personal data.")
@click.pass_obj
def show(config: Path, reference: str, *, personal: bool) -> None:
    """One order: where it is, and what went wrong last."""
    entry = _do(config, lambda at: at.one(reference))
    for name in ("reference", "department", "operation", "state", "attempts", "trouble"):
        click.echo(f"{name:12}{_text(getattr(entry, name))}")
    for name in ("created", "updated", "due"):
        click.echo(f"{name:12}{_moment(getattr(entry, name))}")
    if personal:
        ordered = _do(config, lambda at: at.order_of(reference))
        click.echo(json.dumps(ordered, ensure_ascii=False, indent=2))


@desk.command()
@click.argument("reference")
@click.argument("outcome", type=click.Choice(["delivered", "not-delivered"]))
@click.pass_obj
def settle(config: Path, reference: str, outcome: str) -> None:
    """End an order as you have made sure at the department.

    The person sees that it was delivered, or that it was not and they may order again.
    """
    entry = _do(config, lambda at: at.settle(reference, delivered=outcome == "delivered"))
    click.echo(f"{reference} is {entry.state.value}.")


@desk.command()
@click.argument("reference")
@click.option("--send", is_flag=True, help="You have made sure that the department does not have it: send it anew.")
@click.pass_obj
def retry(config: Path, reference: str, *, send: bool) -> None:
    """Let a running gateway try again now.

    Without --send it never risks a second delivery: it repeats the order where the department knows our reference, asks
    the department first where it can be asked, and gives the order back to the desk otherwise.
    """
    _do(config, lambda at: at.retry(reference, send=send))
    click.echo(f"{reference} is due now.")


def _do(config: Path, work: Callable[[wiring.HumanDesk], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        at = wiring.open_desk(load(config))
        try:
            return await work(at)
        finally:
            await at.aclose()

    try:
        return asyncio.run(run())
    except wiring.DESK_REFUSALS as exc:
        raise click.ClickException(str(exc)) from exc


def _row(entry: Any) -> tuple[str, ...]:
    waits = _age(datetime.now(UTC).timestamp() - entry.created)
    facts = (entry.reference, entry.state.value, entry.department, entry.operation, waits)
    return (*facts, f"{entry.attempts} attempts", _text(entry.trouble))


def _widths(rows: Sequence[Sequence[str]]) -> list[int]:
    return [max(map(len, column)) for column in zip(*rows, strict=True)]


def _text(value: Any) -> str:
    return "-" if value is None else str(getattr(value, "value", value))


def _moment(seconds: float | None) -> str:
    return "-" if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def _age(seconds: float) -> str:
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= size:
            return f"{seconds / size:.0f}{unit}"
    return f"{max(seconds, 0):.0f}s"

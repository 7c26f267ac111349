"""`citygate schema`: the schema as text, and whether the committed one is up to date."""

from __future__ import annotations

import difflib
from pathlib import Path

import click

from gateway.schema import build_schema, sdl
from gateway.settings import ROOT

FILE = ROOT / "schema.graphql"


@click.command()
@click.option("--write", is_flag=True, help="Write schema.graphql.")
@click.option("--check", is_flag=True, help="Exit with 1 and show the difference when schema.graphql is out of date.")
def schema(*, write: bool, check: bool) -> None:
    """Print the schema in GraphQL's schema definition language."""
    now = sdl(build_schema())
    if write:
        FILE.write_text(now, "utf-8")
        click.echo(f"{FILE.name}: {now.count(chr(10))} lines", err=True)
    elif check:
        _compare(FILE, now)
    else:
        click.echo(now, nl=False)


def _compare(file: Path, now: str) -> None:
    committed = file.read_text("utf-8") if file.exists() else ""
    if committed != now:
        click.echo("".join(_difference(committed, now)))
        raise click.ClickException(f"{file.name} is out of date: run `citygate schema --write` and commit it")
    click.echo(f"{file.name} is up to date.", err=True)


def _difference(committed: str, now: str) -> list[str]:
    return list(
        difflib.unified_diff(
            committed.splitlines(keepends=True), now.splitlines(keepends=True), "schema.graphql", "the code's schema"
        )
    )

"""Every GraphQL block on every page fits the schema, every JSON block is JSON, and every command exists."""

from __future__ import annotations

import json
import re

import pytest
from graphql import parse, validate

from gateway.__main__ import COMMANDS
from gateway.schema import build_schema, graphql_schema
from tests.docs.pages import DOCS, ROOT, Block, blocks_of_all

SCHEMA = graphql_schema(build_schema())


@pytest.mark.parametrize("block", blocks_of_all("graphql"), ids=lambda block: block.where)
def test_graphql_fits_the_schema(block: Block) -> None:
    assert validate(SCHEMA, parse(block.text)) == []


@pytest.mark.parametrize("block", blocks_of_all("json"), ids=lambda block: block.where)
def test_json_is_json(block: Block) -> None:
    assert json.loads(block.text)


def test_commands_and_scripts_exist() -> None:
    text = "\n".join(page.read_text("utf-8") for page in [*DOCS.rglob("*.md"), ROOT / "README.md"])
    used = set(
        re.findall(r"\bcitygate ([a-z]+)\b(?= |`|\n|\))", "\n".join(re.findall(r"`[^`]+`|```.*?```", text, re.S)))
    )
    assert used
    assert used <= set(COMMANDS)
    scripts = set(re.findall(r"\bscripts/([a-z-]+)", text))
    assert scripts
    assert {name for name in scripts if not (ROOT / "scripts" / name).exists()} == set()

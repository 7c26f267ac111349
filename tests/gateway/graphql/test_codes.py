"""The codes in the source, in the table beside it and in the documentation are the same, with the same status."""

import re
from pathlib import Path

import msgspec
import pytest

from gateway.graphql import refusal
from gateway.graphql.limits import DocumentLimits

ROOT = Path(refusal.__file__).parents[2]
PACKAGE = ROOT / "gateway" / "graphql"
PAGE = ROOT / "docs" / "graphql-over-http.md"


def raised() -> set[tuple[str, str]]:
    """Code and status wherever a refusal is made."""
    text = "\n".join(path.read_text() for path in PACKAGE.glob("*.py")).replace("INTERNAL, MESSAGE", '"INTERNAL"')
    made = set(re.findall(r"(?:HTTPRefusal|_too_large)\(\s*(\d{3}),\s*\"([A-Z_]+)\"", text))
    return made - {("400", "MALFORMED_REQUEST")}  # the exception that the documentation names in its row


def test_the_table_beside_the_source():
    table = set(re.findall(r"^([A-Z_]+) +(\d{3}) ", refusal.__doc__ or "", re.MULTILINE))
    assert {(status, code) for code, status in table} == raised()


def test_the_documentation():
    rows = set(re.findall(r"^\| `([A-Z_]+)` \| (\d{3})", PAGE.read_text(), re.MULTILINE))
    assert {(status, code) for code, status in rows} - {("294", "ARGUMENT_INVALID")} == raised()


@pytest.mark.parametrize("limit", msgspec.structs.fields(DocumentLimits), ids=lambda limit: limit.name)
def test_the_limits_in_the_documentation(limit: msgspec.structs.FieldInfo):
    assert re.search(rf"`{limit.name}`.*\| {limit.default} \|", PAGE.read_text())

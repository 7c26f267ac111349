"""Every error code has its page or its row, every page its code, and every example is what the gateway would say."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLError

from adapters.contract import errors
from adapters.contract.city import DepartmentInfo
from adapters.contract.manifest import read_manifest
from adapters.contract.operations import operations
from adapters.runtime import registry
from gateway.errors import ErrorTable
from gateway.graphql.masking import INTERNAL, MESSAGE
from resolvers.common import errors as refusals
from resolvers.common.assurance import Assurance
from tests.docs.pages import DOCS, ROOT, blocks, code_in, table, tables

FOLDER = DOCS / "errors"
INDEX = FOLDER / "README.md"
PAGES = sorted(page.stem for page in FOLDER.glob("*.md") if page != INDEX)
ENDPOINT = ROOT / "gateway"
_IN_BOTH_LANGUAGES = ["zh-CN", "en"]
_HEADINGS = ["## What happened", "## What the app shows", "## Try again?", "## Example"]


def kinds() -> dict[str, type[errors.AdapterError]]:
    """The contract's errors by the kind that codes are made of."""
    found = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.AdapterError)]
    return {one.kind: one for one in found if "kind" in vars(one) and one is not errors.AdapterError}


def refusal_codes() -> dict[str, type[refusals.Refusal]]:
    return {one.code: one for one in refusals.Refusal.__subclasses__()}


def endpoint_codes() -> set[str]:
    """Codes that the gateway's modules write: the second argument of HTTPRefusal and of what makes one, and `code`."""
    return {code for path in ENDPOINT.rglob("*.py") for code in _codes_in(ast.parse(path.read_text("utf-8")))}


def _codes_in(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else ""
            if name in ("HTTPRefusal", "_too_large") and len(node.args) > 1:
                yield from _text(node.args[1])
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == "code":
                    yield from _text(value)


def _text(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.Name) and node.id == "INTERNAL":
        yield INTERNAL


def rows() -> dict[str, list[str]]:
    """The index's first table by code, a department's without its letters' place."""
    first = next(tables(INDEX))
    return {code_in(row[0])[0]: row for row in first[1:]}


def own_rows() -> set[str]:
    return {code for rows in tables(INDEX) if rows[0] == ["code"] for row in rows[1:] for code in code_in(row[0])}


def test_the_scan_finds_the_codes_of_the_endpoint() -> None:
    assert {"IDENTITY_UNAVAILABLE", "HEADERS_TOO_LARGE", "ARGUMENT_INVALID", "INTERNAL"} <= endpoint_codes()


def test_every_code_has_a_row_and_every_row_a_code() -> None:
    departments = {"NOT_OFFERED" if kind == "NOT_OFFERED" else f"…_{kind}" for kind in kinds()}
    assert set(rows()) | own_rows() == departments | set(refusal_codes()) | endpoint_codes()


def test_every_row_has_a_page_and_every_page_a_row() -> None:
    assert {code.removeprefix("…_") for code in rows()} == set(PAGES)


def test_the_index_says_what_is_retryable() -> None:
    for kind, error in kinds().items():
        row = rows().get(f"…_{kind}") or rows()[kind]
        assert row[1] == ("yes" if error.retryable else "no"), kind


@pytest.mark.parametrize("code", PAGES)
def test_a_page_has_its_parts_in_both_languages(code: str) -> None:
    text = (FOLDER / f"{code}.md").read_text("utf-8")
    assert text.startswith(f"# {code}\n")
    assert [line for line in text.splitlines() if line.startswith("## ")] == _HEADINGS
    sentences = {row[0]: row[1] for row in table(FOLDER / f"{code}.md", "language")}
    assert list(sentences) == _IN_BOTH_LANGUAGES
    assert any("\u4e00" <= letter <= "\u9fff" for letter in sentences["zh-CN"])


EXAMPLES = [(page, block) for page in PAGES for block in blocks(FOLDER / f"{page}.md", "json")]


@pytest.mark.parametrize(("page", "block"), EXAMPLES, ids=[block.where for _, block in EXAMPLES])
def test_an_example_is_what_the_gateway_says(page: str, block: Any) -> None:
    example = json.loads(block.text)
    code: str = example["extensions"]["code"]
    assert code.endswith(page)
    del example["extensions"]["traceId"]
    if page in kinds():
        assert example == said_about(kinds()[page], example)
    elif page in refusal_codes() and "path" in example:
        cause = _refusal(refusal_codes()[page], example)
        error = GraphQLError(str(cause), path=example["path"], original_error=cause)
        assert example == plain(ErrorTable(()).format(error))
    elif page == INTERNAL:
        assert example["message"] == MESSAGE
    else:
        source = "\n".join(
            (ENDPOINT / name).read_text("utf-8") for name in ("identity.py", "rates.py", "access_log.py", "purposes.py")
        )
        assert f'"{example["message"]}"' in source


def said_about(kind: type[errors.AdapterError], example: dict[str, Any]) -> dict[str, Any]:
    """What the gateway makes of such an error of the example's department."""
    extensions = example["extensions"]
    until = extensions.get("maintenanceUntil")
    cause: errors.AdapterError
    if kind is errors.Maintenance:
        moment = datetime.fromisoformat(until) if until else None
        cause = errors.Maintenance("x", retry_after=extensions.get("retryAfter"), until=moment)
    elif issubclass(kind, errors.TryLater):
        cause = kind("x", retry_after=extensions.get("retryAfter"))
    else:
        cause = kind("x")
    cause.department, cause.operation = extensions["department"], extensions["operation"]
    assert cause.operation in operations()
    told = ErrorTable(DEPARTMENTS).format(GraphQLError("x", path=example["path"], original_error=cause))
    return plain(told)


def plain(formatted: Any) -> dict[str, Any]:
    return {key: value for key, value in formatted.items() if key != "locations"}


def _refusal(kind: type[refusals.Refusal], example: dict[str, Any]) -> refusals.Refusal:
    if kind is refusals.InvalidPage:
        return refusals.InvalidPage(example["message"])
    if kind is refusals.ScopeMissing:
        return refusals.ScopeMissing(example["extensions"]["requiredScopes"])
    if kind is refusals.AssuranceTooLow:
        return refusals.AssuranceTooLow(Assurance[example["extensions"]["requiredAssurance"]])
    return kind()


def _info(name: str, code: str, title: str, *, phone: str, office: str | None) -> DepartmentInfo:
    return DepartmentInfo(
        name=name, code=code, title_en=title, title_zh=title, protocol="", operations=(), phone=phone, office=office
    )


CENTRE = "东湖高新区政务服务中心 East Lake High-tech Zone Service Centre"
DEPARTMENTS = (
    _info("hotline", "HOT", "Hotline 12345", phone="12345", office=None),
    _info("service_centre", "SVC", "Administrative Service Centre", phone="027-00000101", office=CENTRE),
)
"""The examples' departments, so that the pages stand whatever departments the tree has."""


@pytest.mark.parametrize("row", table(INDEX, "letters"), ids=lambda row: row[1].strip("`"))
def test_the_letters_are_the_manifest_s(row: list[str]) -> None:
    (code,), (name,) = code_in(row[0]), code_in(row[1])
    path: Path = registry.FOLDER / name / "manifest.yaml"
    if not path.is_file():
        pytest.skip(f"the tree has no department {name}")
    manifest = read_manifest(path)
    assert (manifest.code, manifest.title.en) == (code, row[2])

"""What the integrator's page says of manifests, cases and errors is what the code takes."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
import yaml

from adapters.contract import errors
from adapters.contract.manifest import Manifest, Provided
from adapters.products.replies import ERRORS
from gateway.settings import DepartmentsFile
from tests.conformance import test_departments as conformance
from tests.conformance.cases import Case, ExpectedRequest, ScriptedReply
from tests.docs.pages import DOCS, Block, blocks, code_in, table

PAGE = DOCS / "add-a-department.md"
YAML = blocks(PAGE, "yaml")
CASES = [block for block in YAML if "operation:" in block.text]
MANIFESTS = [block for block in YAML if "provides:" in block.text]
CONFIGURATIONS = [block for block in YAML if "departments:\n" in block.text]


def converted(block: Block, into: Any) -> Any:
    return msgspec.convert(yaml.safe_load(block.text), into)


def keys_of(heading: str) -> list[str]:
    return [key for row in table(PAGE, heading) for key in code_in(row[0])]


def fields_of(struct: type[msgspec.Struct]) -> list[str]:
    return [field.encode_name for field in msgspec.structs.fields(struct)]


def test_every_block_is_checked_here() -> None:
    assert len(YAML) == len(CASES) + len(MANIFESTS) + len(CONFIGURATIONS)
    assert CASES
    assert MANIFESTS
    assert CONFIGURATIONS


@pytest.mark.parametrize("block", CASES, ids=lambda block: block.where)
async def test_a_case_passes_with_the_template(block: Block) -> None:
    case = converted(block, Case)
    assert case.operation in conformance.manifest_of("_template").provides
    await conformance.test_case_passes("_template", case)


@pytest.mark.parametrize("block", MANIFESTS, ids=lambda block: block.where)
def test_a_manifest_fits(block: Block) -> None:
    assert converted(block, Manifest).name == "library"


@pytest.mark.parametrize("block", CONFIGURATIONS, ids=lambda block: block.where)
def test_a_configuration_fits(block: Block) -> None:
    assert converted(block, DepartmentsFile).departments["library"].options == {"api_key": "env:LIBRARY_KEY"}


@pytest.mark.parametrize(
    ("heading", "struct"),
    [
        ("key of an operation", Provided),
        ("key of a case", Case),
        ("key of a request", ExpectedRequest),
        ("key of a reply", ScriptedReply),
    ],
)
def test_a_table_has_the_keys_of_its_struct(heading: str, struct: type[msgspec.Struct]) -> None:
    assert sorted(keys_of(heading)) == sorted(fields_of(struct))


def test_the_defaults_of_an_operation_are_the_manifest_s() -> None:
    documented = {code_in(row[0])[0]: row[1].strip("`") for row in table(PAGE, "key of an operation")}
    plain = {**msgspec.to_builtins(Provided()), "idempotent_by": "none"}
    assert documented == {name: str(value).lower() for name, value in plain.items()}


def test_every_error_that_an_adapter_may_raise_is_there() -> None:
    kinds = {name for name, kind in vars(errors).items() if isinstance(kind, type) and "kind" in vars(kind)}
    assert set(keys_of("error")) == kinds - {"AdapterError", "NotOffered", "NotRecorded"}


def test_the_statuses_become_what_the_page_says() -> None:
    documented = {
        int(status): code_in(row[1])[0]
        for row in table(PAGE, "HTTP status")
        for status in row[0].replace(",", " ").split()
        if status.isdecimal() and len(status) == 3
    }
    assert documented == {status: kind.__name__ for status, kind in ERRORS.items()}

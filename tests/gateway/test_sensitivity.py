"""What is sensitive is declared or follows from what is; what is not, among what persons have and give, is a list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import pytest
import strawberry
from graphql import GraphQLInputObjectType, GraphQLObjectType, GraphQLScalarType, GraphQLSchema, get_named_type

from adapters.contract.operations import Kind, operations
from adapters.contract.ports import appointments, civil_affairs, complaints, registrations, tax, usage
from adapters.contract.records import Record
from gateway.schema import build_schema, graphql_schema
from gateway.sensitivity import SensitiveInputs, is_declared
from resolvers.common import sensitivity
from resolvers.common.selection import _snake

OPEN = Path(__file__).with_name("open_places.txt")


@strawberry.type
class File:
    id: strawberry.ID = strawberry.field(directives=sensitivity.IDENTIFIER)
    title: str = strawberry.field(directives=sensitivity.WORDS)
    kind: str


@strawberry.input
class FileInput:
    title: str
    kind: str
    note: str = strawberry.field(directives=sensitivity.WORDS)


@strawberry.type
class Query:
    @strawberry.field
    def files(
        self,
        file_id: strawberry.ID,
        file_ids: list[strawberry.ID],
        titles: list[str],
        office_id: strawberry.ID,
        input: FileInput,  # noqa: A002  # GraphQL's word
        purpose: Annotated[str, strawberry.argument(directives=sensitivity.WORDS)],
    ) -> list[File]:
        return []


SMALL = graphql_schema(strawberry.Schema(Query))


@pytest.mark.parametrize(
    ("name", "covered"),
    [
        ("fileId", True),
        ("fileIds", True),
        ("titles", True),
        ("officeId", False),
        ("input", False),
        ("purpose", True),
    ],
)
def test_an_argument_that_takes_a_sensitive_value_is_sensitive(name: str, covered: bool) -> None:
    assert SMALL.query_type is not None
    place = SMALL.query_type.fields["files"].args[name]
    assert SensitiveInputs(SMALL).cover(name, place) is covered


@pytest.mark.parametrize(("name", "covered"), [("title", True), ("kind", False), ("note", True)])
def test_so_is_an_input_field(name: str, covered: bool) -> None:
    kind = SMALL.type_map["FileInput"]
    assert isinstance(kind, GraphQLInputObjectType)
    assert SensitiveInputs(SMALL).cover(name, kind.fields[name]) is covered


REAL = graphql_schema(build_schema())


def open_places(schema: GraphQLSchema) -> Iterator[str]:
    """Texts, ids, times and numbers that are not sensitive: below a person, in a payload, and in any input."""
    yield from open_fields(schema)
    inputs = SensitiveInputs(schema)
    seen: set[str] = set()
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            for field, definition in kind.fields.items():
                for name, place in definition.args.items():
                    yield from open_inputs(f"{kind.name}.{field}({name}:)", name, place, inputs, seen)


def open_fields(schema: GraphQLSchema) -> Iterator[str]:
    seen: set[str] = set()
    todo: list[Any] = [schema.type_map["Viewer"], schema.mutation_type]
    while todo:
        kind = todo.pop()
        if kind.name in seen or not isinstance(kind, GraphQLObjectType):
            continue
        seen.add(kind.name)
        for name, definition in kind.fields.items():
            if is_declared(definition):
                continue  # and so is all below it
            named = get_named_type(definition.type)
            if says_something(named):
                yield f"{kind.name}.{name}"
            todo.append(named)


def open_inputs(coordinate: str, name: str, place: Any, inputs: SensitiveInputs, seen: set[str]) -> Iterator[str]:
    if inputs.cover(name, place):
        return
    named = get_named_type(place.type)
    if says_something(named):
        yield coordinate
    elif isinstance(named, GraphQLInputObjectType) and named.name not in seen:
        seen.add(named.name)
        for member, below in named.fields.items():
            yield from open_inputs(f"{named.name}.{member}", member, below, inputs, seen)


def says_something(kind: object) -> bool:
    return isinstance(kind, GraphQLScalarType) and kind.name != "Boolean"


def test_what_is_not_sensitive_is_so_on_purpose() -> None:
    """`open_places.txt` is the reviewed list: add a line only if its values may stand in a log."""
    reviewed = [line for line in OPEN.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert reviewed == sorted(open_places(REAL))


RECORDS: dict[str, type[Record]] = {
    "Appointment": appointments.Appointment,
    "CivilRecord": civil_affairs.Person,
    "Complaint": complaints.Complaint,
    "Household": civil_affairs.Household,
    "Registration": registrations.Registration,
    "RegisterExtract": civil_affairs.Extract,
    "RegisterUse": usage.RegisterUse,
    "TaxComplianceCertificate": tax.ComplianceCertificate,
    "TaxLiability": tax.Liability,
    "TaxPayment": tax.Payment,
}
"""What is read for a person, by the type that describes it."""
NAMES_IT = {"id", "tracking_number"}
"""What tells a record from others is always in it."""


def test_what_is_sensitive_is_kept_only_for_who_selects_it() -> None:
    """The schema says what is about a person; the records' `personal` fields are those, and no others."""
    for name, record in RECORDS.items():
        kind = REAL.type_map[name]
        assert isinstance(kind, GraphQLObjectType)
        sensitive = {_snake(field) for field, definition in kind.fields.items() if is_declared(definition)}
        assert {one.partition(".")[0] for one in record.personal} == sensitive - NAMES_IT, name


def test_every_read_of_such_a_record_is_told_what_is_selected() -> None:
    for name, operation in operations().items():
        if operation.kind is Kind.READ and operation.personal:
            assert operation.selects_fields, name

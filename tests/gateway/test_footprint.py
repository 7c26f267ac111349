"""The footprint names exactly the fields that an operation can show, on the types that have them."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from graphql import GraphQLObjectType, OperationDefinitionNode, parse

from adapters.contract.manifest import Personal
from adapters.contract.operations import operations
from adapters.runtime import registry
from gateway.footprint import Footprints
from gateway.graphql.operation import Operation
from gateway.schema import CALLS, NODE_CALLS, build_schema, graphql_schema
from gateway.settings import load


@cache
def footprints() -> Footprints:
    return Footprints(graphql_schema(build_schema()), CALLS, NODE_CALLS)


def operation(document: str) -> Operation:
    node = parse(document)
    (definition,) = (one for one in node.definitions if isinstance(one, OperationDefinitionNode))
    return Operation(node, definition, None)


def shown(document: str, **variables: Any) -> dict[str, set[str]]:
    return {name: set(fields) for name, fields in footprints().of(operation(document), variables).items()}


def test_fields_are_named_on_their_types_and_by_what_they_came_with() -> None:
    found = shown("{ viewer { name taxAccount { payments { amount { amount } } liabilities { __typename } } } }")
    assert found == {
        "tax.payments": {"TaxAccount.payments", "TaxPayment.amount", "Money.amount"},
        "tax.liabilities": {"TaxAccount.liabilities"},
    }


def test_an_alias_changes_nothing_and_a_fragment_is_looked_into() -> None:
    document = """{ viewer { a: civilRecord { ...Names } civilRecord { ... on CivilRecord { age } } } }
    fragment Names on CivilRecord { x: name { full } }"""
    fields = {"Viewer.civilRecord", "CivilRecord.name", "PersonName.full", "CivilRecord.age"}
    assert shown(document) == {"persons.by_id": fields}


def test_a_fragment_on_another_type_shows_nothing_there() -> None:
    document = """query ($id: ID!) { node(id: $id) { id ... on Appointment { startsAt } ... on Office { name } } }"""
    found = shown(document, id="x")
    assert found["appointments.of_person"] == {"Appointment.id", "Appointment.startsAt"}
    assert found["complaints.of_person"] == {"Complaint.id"}
    assert set(found) == {call.operation for calls in NODE_CALLS.values() for call in calls}


@pytest.mark.parametrize("skipping", [True, False])
def test_what_is_skipped_is_not_shown(skipping: bool) -> None:
    document = """query ($skip: Boolean!, $not: Boolean = false) { viewer { complaints {
      totalCount @skip(if: $skip) nodes @include(if: $not) { description } ... @skip(if: true) { source { asOf } }
      ... @include(if: true) { pageInfo { endCursor } } } } }"""
    always = {"Viewer.complaints", "ComplaintConnection.pageInfo", "PageInfo.endCursor"}
    once = set() if skipping else {"ComplaintConnection.totalCount"}
    assert shown(document, skip=skipping) == {"complaints.of_person": always | once}
    nodes = {"ComplaintConnection.nodes", "Complaint.description"}
    assert shown(document, skip=skipping, **{"not": True}) == {"complaints.of_person": always | once | nodes}


def test_a_default_says_what_a_request_does_not() -> None:
    document = """query ($yes: Boolean = true, $no: Boolean) { viewer { household {
      number @include(if: $yes) kind @include(if: $no) } } }"""
    number, kind = "Household.number", "Household.kind"
    for variables, expected in (({}, {number}), ({"yes": False, "no": True}, {kind}), ({"yes": None}, set())):
        (found,) = shown(document, **variables).values()
        assert found & {number, kind} == expected


def test_it_is_found_once_for_an_operation_and_its_conditions() -> None:
    one = operation("query ($a: Boolean!) { viewer { household { number @skip(if: $a) kind } } }")
    assert footprints().of(one, {"a": True}) is footprints().of(one, {"a": True, "else": 1})
    assert footprints().of(one, {"a": True}) is not footprints().of(one, {"a": False})


def test_what_is_public_within_what_is_personal_is_not_the_person_s() -> None:
    found = shown("{ viewer { registrations { nodes { title kind { name } } } } }")
    assert "RegistrationKind.name" not in found["registrations.of_person"]


def test_every_personal_operation_of_a_department_is_some_field_s() -> None:
    named = {name for found in footprints()._uses.values() for name in found}
    personal = {
        name
        for department in load(environ={}).departments
        for name, provided in registry.manifest_of(department).provides.items()
        if provided.personal is Personal.SUBJECT
    }
    assert personal <= named, "the access log would know the operation and no field of it"
    assert named <= set(operations())


def test_every_field_of_the_viewer_that_may_wait_says_what_it_asks() -> None:
    schema = graphql_schema(build_schema())
    own = {"dataUsage", "filings"}  # the gateway's own
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and kind.name in ("Viewer", "TaxAccount", "RegisterLog", "Mutation"):
            for name, field in kind.fields.items():
                definition = field.extensions["strawberry-definition"]
                if definition.is_async and name not in own:
                    assert footprints().used_at(kind, name), f"{kind.name}.{name} says nothing of what it asks"

"""Introspection: on or off, and never dearer than what tools ask for."""

import pytest
from graphql import get_introspection_query, parse, validate

from gateway.graphql.document import Documents
from gateway.graphql.introspection import Introspection
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.lookup import Policy
from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.validation import Validation
from gateway.schema import build_schema, graphql_schema
from tests.gateway.graphql.conftest import City, Servers

SCHEMA = graphql_schema(build_schema())
ASKED = {
    "schema": "{ __schema { description } }",
    "type": '{ __type(name: "Query") { name } }',
    "in a fragment": "{ ...f } fragment f on Query { __schema { description } }",
    "aliased and nested": "{ self { greeting } ... { x: __schema { description } } }",
}


@pytest.mark.parametrize("text", ASKED.values(), ids=ASKED.keys())
async def test_it_can_be_switched_off(servers: Servers, text: str):
    client = servers.start(operations={"policy": Policy(introspection=False)})
    reply = await client.post(text)
    assert (reply.status, reply.code) == (403, "INTROSPECTION_DISABLED")
    assert (await client.post("{ __typename }")).status == 200


def test_it_is_refused_before_validation(monkeypatch: pytest.MonkeyPatch):
    documents = Documents(City().schema(), DocumentLimits(), introspection=False)
    monkeypatch.setattr(Validation, "refuse_invalid", lambda *_arguments, **_options: pytest.fail("validated"))
    with pytest.raises(HTTPRefusal, match="switched off"):
        documents.check(get_introspection_query())


DEAR = {
    "twice": get_introspection_query().replace("types {", "types { ...FullType } more: types {", 1),
    "types of fields of types": "{ __schema { types { fields { type { fields { args { name type { name kind } } "
    "type { fields { name description type { name ofType { name kind } } } } } } } } } }",
    "by many names": "{ __schema { "
    + " ".join(f"a{n}: types {{ fields {{ name args {{ name }} }} }}" for n in range(40))
    + " } }",
}


@pytest.mark.parametrize("text", DEAR.values(), ids=DEAR.keys())
def test_what_is_dearer_than_tools_is_refused(text: str):
    with pytest.raises(HTTPRefusal) as caught:
        Introspection(SCHEMA, allowed=True).refuse_excess(parse(text))
    assert caught.value.errors[0].extensions["limit"] == "introspection"  # type: ignore[index]


def test_a_fragment_that_spreads_itself_is_left_to_validation():
    text = "{ __schema { ...f } } fragment f on __Schema { types { name } ...f }"
    document = parse(text)
    Introspection(SCHEMA, allowed=True).refuse_excess(document)
    assert "Cannot spread fragment 'f' within itself." in [error.message for error in validate(SCHEMA, document)]


def test_what_tools_ask_passes():
    most = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
        one_of=True,
    )
    for text in (most, get_introspection_query(), get_introspection_query(descriptions=False)):
        Introspection(SCHEMA, allowed=True).refuse_excess(parse(text))

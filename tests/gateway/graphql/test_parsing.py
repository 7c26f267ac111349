"""Parsing and validation find what graphql-core's own find, and leave nothing to the garbage collector."""

import gc
from collections.abc import Iterator

import graphql
import pytest
from graphql import GraphQLSyntaxError, specified_rules

from gateway.graphql.parsing import parse, validate
from gateway.schema import build_schema, graphql_schema

SCHEMA = graphql_schema(build_schema())
VALID = """
query Q($first: Int = 3, $of: ID) {
  viewer(onBehalfOf: $of) { name appointments(first: $first) { nodes { ...A } } complaints { totalCount } }
}
fragment A on Appointment { id state services { name } }  # said
"""
INVALID = [
    "{ nothing }",
    "query ($a: Int) { viewer { name(a: $b) { x } } }",
    "{ viewer { ...F } } fragment F on Viewer { ...F }",
    "{ viewer { name name: id } } fragment Unused on Nobody { id }",
    "query ($a: Nope, $a: Int!) { viewer { appointments(first: $a) { nodes { id } } } }",
    "{ " + " ".join(f"a{number}" for number in range(30)) + " }",
]
WRONG = ["{ viewer { name ", "{ viewer(a: 1, a: ) }", '{ a(b: "unended) }', "{" * 50, "a b c"]
LIMITS = {"most_tokens": 500}


@pytest.fixture
def garbage() -> Iterator[list[object]]:
    """What a collection finds, once somebody has asked for one."""
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        yield gc.garbage
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


@pytest.mark.parametrize("text", [VALID, *INVALID])
@pytest.mark.parametrize("suggestions", [True, False])
def test_what_is_found_is_what_graphql_core_finds(text: str, suggestions: bool) -> None:
    ours = validate(SCHEMA, parse(text, **LIMITS), specified_rules, most=10, suggestions=suggestions)
    theirs = graphql.validate(SCHEMA, graphql.parse(text), max_errors=10, hide_suggestions=not suggestions)
    assert [each.formatted for each in ours] == [each.formatted for each in theirs]
    assert [type(each) for each in ours] == [type(each) for each in theirs]
    assert bool(ours) == (text != VALID)


@pytest.mark.parametrize("text", [VALID, *INVALID])
def test_a_validation_leaves_nothing_to_collect(text: str, garbage: list[object]) -> None:
    validate(SCHEMA, parse(text, **LIMITS), specified_rules, most=10, suggestions=True)
    gc.collect()
    assert garbage == []


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_parsed_leaves_nothing_to_collect(text: str, garbage: list[object]) -> None:
    with pytest.raises(GraphQLSyntaxError) as caught:
        parse(text, **LIMITS)
    del caught
    gc.collect()
    assert [one for one in garbage if type(one).__module__.startswith("graphql")] == []


def test_the_text_of_a_node_is_still_found() -> None:
    document = parse("{ viewer { name } }", **LIMITS)
    assert document.loc is not None
    assert document.loc.source.body == "{ viewer { name } }"
    plain = graphql.parse("{ viewer { name } }")
    assert plain.loc is not None
    assert (document.loc.start, document.loc.end) == (plain.loc.start, plain.loc.end)

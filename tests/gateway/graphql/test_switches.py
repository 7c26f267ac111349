"""What the conditions of a document come to: named once, for its cost, for who sees what, and for its plan."""

from __future__ import annotations

import pytest
from graphql import FragmentDefinitionNode, OperationDefinitionNode, parse

from gateway.graphql.switches import conditions_of, defaults_of, selections_in, switches_of


@pytest.mark.parametrize(
    ("directives", "conditions"),
    [
        ("", set()),
        ("@skip(if: $a)", {("a", False)}),
        ("@include(if: $a)", {("a", True)}),
        ("@skip(if: $a) @include(if: $b)", {("a", False), ("b", True)}),
        ("@skip(if: $a) @include(if: $a)", {("a", False), ("a", True)}),
        ("@skip(if: false) @include(if: true)", set()),
        ("@skip(if: true) @include(if: $a)", None),
        ("@include(if: $a) @skip(if: true)", None),
        ("@include(if: false)", None),
        ("@other(if: false)", set()),
    ],
)
@pytest.mark.parametrize("selection", ["a {}", "...F {}", "... on T {} {{ b }}"])
def test_what_a_selection_depends_on(selection: str, directives: str, conditions: set[tuple[str, bool]] | None) -> None:
    (operation,) = parse(f"{{ {selection.format(directives)} }}").definitions
    assert isinstance(operation, OperationDefinitionNode)
    (node,) = operation.selection_set.selections
    assert conditions_of(node) == conditions


def test_the_variables_of_all_conditions_are_named_once_and_in_order() -> None:
    document = parse("""query ($z: Boolean!, $id: ID) {
      a(id: $id) @include(if: $z) { b @skip(if: $y) }
      ...F @skip(if: $x)
      ... @include(if: $w) { c @skip(if: true) @include(if: $v) { d } e @other(if: $u) }
    }
    fragment F on T { e @skip(if: $z) { f @include(if: $t) } }""")
    parts = [d for d in document.definitions if isinstance(d, OperationDefinitionNode | FragmentDefinitionNode)]
    assert switches_of(selections_in(part.selection_set for part in parts)) == ("t", "v", "w", "x", "y", "z")
    assert switches_of(selections_in([parts[1].selection_set])) == ("t", "z")


def test_defaults_are_those_that_are_written() -> None:
    text = "query ($a: Boolean = true, $b: Boolean = null, $c: Boolean, $d: [Int] = [1, 2]) { a }"
    (operation,) = parse(text).definitions
    assert isinstance(operation, OperationDefinitionNode)
    assert defaults_of(operation) == {"a": True, "b": None, "d": [1, 2]}

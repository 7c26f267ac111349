"""Merging is certain only of what graphql-core finds valid, and then of nearly all of it."""

import random

import pytest
from graphql import (
    DocumentNode,
    KnownFragmentNamesRule,
    NoFragmentCyclesRule,
    NoUnusedFragmentsRule,
    OverlappingFieldsCanBeMergedRule,
    PossibleFragmentSpreadsRule,
    build_schema,
    parse,
    validate,
)

from gateway.graphql.overlap import Merging, OverlappingFieldsRule

SCHEMA = build_schema(
    """
    interface Being { name: String, age: Int, friend: Being, tags: [String] }
    type Dog implements Being { name: String age: Int friend: Being tags: [String] bark(loud: Int): Int near: Cat }
    type Cat implements Being { name: String age: Int friend: Being tags: [String] meow(loud: Int): Int! near: Dog }
    union Pet = Dog | Cat
    type Query { being: Being, beings: [Being], pet: Pet, dog: Dog, cat: Cat, echo(a: Any, b: Any): Query }
    scalar Any
    """
)
FIELDS = {
    "Query": [
        ("being", "Being"),
        ("beings", "Being"),
        ("pet", "Pet"),
        ("dog", "Dog"),
        ("cat", "Cat"),
        ("echo", "Query"),
    ],
    "Being": [("name", ""), ("age", ""), ("friend", "Being"), ("tags", "")],
    "Dog": [("name", ""), ("age", ""), ("bark", ""), ("near", "Cat"), ("friend", "Being")],
    "Cat": [("name", ""), ("tags", ""), ("meow", ""), ("near", "Dog"), ("friend", "Being")],
    "Pet": [("__typename", "")],
}
CONDITIONS = {"Being": ["Dog", "Cat", "Being"], "Pet": ["Dog", "Cat", "Pet"], "Dog": ["Dog", "Being"], "Cat": ["Cat"]}
ARGUMENTS = {
    "bark": ["", "(loud: 1)", "(loud: 2)"],
    "meow": ["", "(loud: 1)"],
    "echo": ["(a: 1, b: {x: 1, y: [2]})", "(b: {y: [2], x: 1}, a: 1)", '(a: "1")', '(a: """1""")', "(a: $v)", "(a: v)"],
}


def written(chance: random.Random, kind: str, depth: int, fragments: list[str]) -> str:
    """A selection set on a type."""
    parts = [selection(chance, kind, depth, fragments) for _ in range(chance.randint(1, 4))]
    return "{ " + " ".join(parts) + " }"


def selection(chance: random.Random, kind: str, depth: int, fragments: list[str]) -> str:
    roll = chance.random()
    if roll < 0.25 and depth:
        on = chance.choice(CONDITIONS.get(kind, [kind]))
        return f"... on {on} {written(chance, on, depth - 1, fragments)}"
    if roll < 0.35 and depth:
        fragments.append(f"fragment f{len(fragments)} on {kind} {written(chance, kind, depth - 1, list(fragments))}")
        return f"...f{chance.randrange(len(fragments))}"
    name, of = chance.choice(FIELDS[kind])
    if of and not depth:
        return "__typename"
    alias = chance.choice(["", "", "", "x: ", "name: "])
    arguments = chance.choice(ARGUMENTS.get(name, [""]))
    return f"{alias}{name}{arguments} {written(chance, of, depth - 1, fragments) if of else ''}"


def generated(seed: int) -> DocumentNode:
    chance, fragments = random.Random(seed), list[str]()
    query = written(chance, "Query", chance.randint(1, 4), fragments)
    query = query.replace("{", "{ e: echo(a: $v) { __typename }", 1)
    return parse(f"query ($v: Any) {query} {' '.join(fragments)}")


def conflicts(document: DocumentNode, rule: type[OverlappingFieldsCanBeMergedRule]) -> list[str]:
    return [error.message for error in validate(SCHEMA, document, [rule], max_errors=1000)]


def test_it_agrees_with_graphql_core_on_generated_documents():
    """But for what only other rules refuse: fragments that are unknown, unused, impossible or spread themselves."""
    others = [KnownFragmentNamesRule, NoFragmentCyclesRule, NoUnusedFragmentsRule, PossibleFragmentSpreadsRule]
    certain = valid = conflicting = 0
    for seed in range(1500):
        document = generated(seed)
        if validate(SCHEMA, document, others):
            continue
        expected = conflicts(document, OverlappingFieldsCanBeMergedRule)
        assert conflicts(document, OverlappingFieldsRule) == expected
        certain += Merging(SCHEMA, document).certain()
        valid += not expected
        conflicting += bool(expected)
    assert valid > 400
    assert conflicting > 100
    assert 0.9 * valid < certain <= valid


VALID = {
    "same field": "{ dog { name name } }",
    "same arguments in another order": "{ echo(a: 1, b: 2) { dog { age } } echo(b: 2, a: 1) { dog { age } } }",
    "apart by type": "{ being { ... on Dog { x: bark(loud: 1) } ... on Dog { x: bark(loud: 1) } } }",
    "different leaves of the same shape, apart": "{ pet { ... on Dog { x: name } ... on Cat { x: name } } }",
    "a typename on a union": "{ pet { __typename __typename } }",
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID.keys())
def test_certain(text: str):
    assert Merging(SCHEMA, parse(text)).certain()


CONFLICTING = {
    "fields": "{ dog { name: age name } }",
    "arguments": "{ dog { bark(loud: 1) bark(loud: 2) } }",
    "one with, one without": "{ dog { bark bark(loud: 2) } }",
    "a block and a string": '{ echo(a: "1") { dog { age } } echo(a: """1""") { dog { age } } }',
    "below": "{ dog { near { x: name } } dog { near { x: tags } } }",
    "shapes apart": "{ pet { ... on Dog { x: bark } ... on Cat { x: meow } } }",
    "lists apart": "{ pet { ... on Dog { x: name } ... on Cat { x: tags } } }",
    "through fragments": "{ ...a ...b } fragment a on Query { x: dog { age } } fragment b on Query { x: cat { age } }",
    "an interface and a type": "{ being { x: age ... on Dog { x: bark } } }",
}


@pytest.mark.parametrize("text", CONFLICTING.values(), ids=CONFLICTING.keys())
def test_conflicts_have_graphql_cores_words(text: str):
    document = parse(text)
    assert not Merging(SCHEMA, document).certain()
    found = conflicts(document, OverlappingFieldsRule)
    assert found
    assert found == conflicts(document, OverlappingFieldsCanBeMergedRule)


def test_what_other_rules_refuse_is_passed_over():
    assert Merging(SCHEMA, parse("{ unknown { a a } dog { ... on Nobody { b } ...nothing name { c } } }")).certain()

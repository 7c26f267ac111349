"""Limits of a document, each named in its refusal, and the bounded memory of valid ones."""

from typing import Any

import pytest
from graphql import NoSchemaIntrospectionCustomRule, get_introspection_query

from gateway.graphql.document import Documents
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.memory import Memory
from gateway.graphql.parsing import validate
from gateway.graphql.refusal import HTTPRefusal
from tests.gateway.graphql.conftest import City, Client, Servers

LIMITS = DocumentLimits(characters=3000, tokens=700, depth=4, fields=40, aliases=5, root_fields=6)
EXCESS = [
    ("characters", "{ greeting } #" + "x" * 3000),
    ("tokens", "{ self { " + "a " * 700 + "} }"),
    ("tokens", "{ greeting }" + "#\n" * 701),
    ("depth", "{ self { self { self { self { greeting } } } } }"),
    (
        "depth",
        "{ self { ...a } } fragment a on Query { self { ...b } }"
        " fragment b on Query { self { ... { self { greeting } } } }",
    ),
    ("depth", "{" + "self{" * 300 + "greeting" + "}" * 301),
    ("depth", "{ echo(value: " + "[" * 300 + "]" * 300 + ") }"),
    ("fields", "{ self { " + "greeting " * 40 + "} }"),
    (
        "fields",
        f"{{ self {{ ...a ...b }} }} fragment a on Query {{ ...b ...b }} fragment b on Query {{ {'greeting ' * 14} }}",
    ),
    ("aliases", "{ self { " + " ".join(f"a{n}: greeting" for n in range(6)) + " } }"),
    (
        "aliases",
        "{ self { a: self { ...f } b: self { ...f } } } fragment f on Query { c: greeting d: greeting }",
    ),
    ("root_fields", "{ " + "greeting " * 7 + "}"),
    (
        "root_fields",
        "{ ...a ...a } fragment a on Query { ... { greeting greeting } ...b }"
        " fragment b on Query { greeting greeting }",
    ),
    ("root_fields", "query A { greeting } query B { " + "greeting " * 7 + "}"),
]
BOMB = "{ ...f0 } fragment f14 on Query { greeting }" + "".join(
    f" fragment f{n} on Query {{ self {{ ...f{n + 1} }} self {{ ...f{n + 1} }} }}" for n in range(14)
)


def refused(documents: Documents, text: str) -> HTTPRefusal:
    with pytest.raises(HTTPRefusal) as caught:
        documents.get(text)
    return caught.value


@pytest.mark.parametrize(("limit", "text"), EXCESS)
def test_each_excess_names_its_limit(limit: str, text: str):
    refusal = refused(Documents(City().schema(), LIMITS), text)
    maximum = getattr(LIMITS, limit)
    code = {"code": "DOCUMENT_LIMIT_EXCEEDED", "retryable": False}
    assert refusal.errors[0].extensions == {**code, "limit": limit, "maximum": maximum}
    assert refusal.status == 422
    assert str(maximum) in str(refusal)


def test_fragments_that_double_are_counted_without_expanding_them():
    refusal = refused(Documents(City().schema(), DocumentLimits()), BOMB)
    assert "fields 49150" in str(refusal)


AT_THE_LIMIT = {
    "depth": "{ self { self { self { greeting } } } }",
    "fields": "{ self { " + "greeting " * 39 + "} }",
    "aliases": "{ self { " + " ".join(f"a{n}: greeting" for n in range(5)) + " } }",
    "root fields": "{ " + "greeting " * 6 + "}",
}


@pytest.mark.parametrize("text", AT_THE_LIMIT.values(), ids=AT_THE_LIMIT.keys())
def test_what_reaches_a_limit_passes(text: str):
    assert Documents(City().schema(), LIMITS).get(text).text == text


def test_a_fragment_cycle_is_left_to_validation():
    text = "{ ...a } fragment a on Query { self { ...b } } fragment b on Query { self { ...a } }"
    assert refused(Documents(City().schema(), LIMITS), text).code == "VALIDATION_FAILED"


def test_a_long_chain_of_fragments_does_not_exhaust_the_stack():
    chain = "{ ...f0 } fragment f300 on Query { greeting }" + "".join(
        f" fragment f{n} on Query {{ ...f{n + 1} }}" for n in range(300)
    )
    refusal = refused(Documents(City().schema(), DocumentLimits(tokens=10_000)), chain)
    assert refusal.status == 422


@pytest.mark.parametrize("descriptions", [True, False])
async def test_the_default_limits_let_introspection_pass(client: Client, descriptions: bool):
    query = get_introspection_query(
        descriptions=descriptions, specified_by_url=True, directive_is_repeatable=True, schema_description=True
    )
    assert (await client.post(query)).status == 200


async def test_further_rules_and_no_suggestions(servers: Servers):
    options: dict[str, Any] = {"rules": [NoSchemaIntrospectionCustomRule], "suggestions": False}
    client = servers.start(operations=options)
    assert (await client.post("{ __schema { description } }")).code == "VALIDATION_FAILED"
    assert "greeting" not in (await client.post("{ greetin }")).body.decode().replace("greetin'", "")


class Counting:
    """Counts what is validated."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0

        def counting(*arguments: Any, **options: Any) -> Any:
            self.count += 1
            return validate(*arguments, **options)

        monkeypatch.setattr("gateway.graphql.validation.validate", counting)


def test_the_same_text_is_validated_once(monkeypatch: pytest.MonkeyPatch):
    validations = Counting(monkeypatch)
    documents = Documents(City().schema(), LIMITS)
    first = documents.get("{ greeting }")
    assert documents.get("{ greeting }") is first
    documents.get("{ greeting  }")
    assert validations.count == 2


@pytest.mark.parametrize(("entries", "size"), [(2, 1000), (1000, 2 * len("{ a: greeting }"))])
def test_the_least_recently_used_document_is_forgotten(monkeypatch: pytest.MonkeyPatch, entries: int, size: int):
    validations = Counting(monkeypatch)
    documents = Documents(City().schema(), LIMITS, memory=Memory(entries, size))
    for name in "abac":
        documents.get(f"{{ {name}: greeting }}")
    assert validations.count == 3
    documents.get("{ a: greeting }")
    assert validations.count == 3
    documents.get("{ b: greeting }")
    assert validations.count == 4


def test_a_document_larger_than_the_memory_passes_through():
    documents = Documents(City().schema(), LIMITS, memory=Memory(1000, 5))
    assert documents.get("{ greeting }") is not documents.get("{ greeting }")


def test_what_is_refused_is_not_remembered(monkeypatch: pytest.MonkeyPatch):
    validations = Counting(monkeypatch)
    documents = Documents(City().schema(), LIMITS, suggestions=False)
    for _ in range(2):
        refused(documents, "{ unknown }")
    assert validations.count == 2

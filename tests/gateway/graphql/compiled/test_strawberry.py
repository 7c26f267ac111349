"""What Strawberry adds to a schema works unchanged, on compiled plans as on the reference."""

import datetime
import enum
import json
from collections.abc import AsyncIterator
from functools import wraps
from typing import Annotated, Any

import graphql
import pytest
import strawberry
from graphql import GraphQLSchema
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.relay import GlobalID
from strawberry.schema.config import StrawberryConfig

from gateway.graphql.compiled import strawberry_fields
from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor
from gateway.schema import graphql_schema

SEEN: list[Any] = []


class Record:
    """What crosses a port."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.born = datetime.date(2000, 1, 2)
        self.colour = Colour.RED


@strawberry.enum
class Colour(enum.Enum):
    RED = "r"
    BLUE = "b"


@strawberry.enum
class Odd(enum.Enum):
    """Values that are equal to others, or cannot be looked up."""

    ONE = 1
    TRUE = True
    LIST = ["x"]  # noqa: RUF012  a member


@strawberry.enum
class Level(enum.IntFlag):
    LOW = 1
    HIGH = 2


class Allowed(BasePermission):
    message = "not yours"

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        SEEN.append(("permission", info.field_name, sorted(kwargs)))
        return bool(info.context["allowed"])


class AllowedLater(Allowed):
    async def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:  # type: ignore[override]
        return super().has_permission(source, info, **kwargs)


class Upper(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return next_(source, info, **kwargs).upper()


@strawberry.interface
class Named:
    name: str


def _shout(self: Any) -> str:
    return f"{self.name}!"


async def _friend(root: strawberry.Parent[Record], info: strawberry.Info) -> Record:
    SEEN.append(observed(info))
    return Record(f"{root.name}'s friend")


def _name(root: strawberry.Parent[Record]) -> str:
    return root.name


def _secret() -> str:
    return "secret"


async def _later_secret(code: int = 3) -> str:
    return f"secret {code}"


@strawberry.type
class Person(Named):
    born: datetime.date
    colour: Colour
    absent: int | None
    shout = strawberry.field(resolver=_shout)
    friend = strawberry.field(resolver=_friend, graphql_type=Annotated["Person", strawberry.lazy(__name__)])
    upper = strawberry.field(resolver=_name, extensions=[Upper()])
    secret = strawberry.field(resolver=_secret, graphql_type=str | None, permission_classes=[Allowed])
    later_secret = strawberry.field(resolver=_later_secret, graphql_type=str | None, permission_classes=[AllowedLater])

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        return isinstance(value, Record)


def _dogs_name(root: strawberry.Parent[dict[str, Any]]) -> str:
    return str(root["name"])


@strawberry.type
class Dog(Named):
    name: str = strawberry.field(resolver=_dogs_name)

    @classmethod
    def is_type_of(cls, value: Any, _info: Any) -> bool:
        return isinstance(value, dict)


@strawberry.input
class Filter:
    names: list[str]
    colour: Colour = Colour.BLUE
    since: datetime.date | None = strawberry.UNSET


Pet = Annotated[Person | Dog, strawberry.union("Pet")]


def _people(info: strawberry.Info, first: int = 2, where: Filter | None = None) -> list[Record]:
    SEEN.append((first, where, observed(info)))
    return [Record(f"person {number}") for number in range(first)]


async def _named() -> list[Any]:
    return [Record("Ann"), {"name": "Rex"}]


def _pets() -> list[Any]:
    return [{"name": "Rex"}, Record("Ann"), None, object()]


async def _stream() -> AsyncIterator[str]:
    for word in ("a", "b"):
        yield word


Since = Annotated[datetime.date | None, strawberry.argument(name="from")]


async def _told(
    info: strawberry.Info, first_name: str = "nobody", colour: Colour = Colour.RED, since: Since = None
) -> str:
    SEEN.append(observed(info))
    return repr((first_name, colour, since))


def _global(id: GlobalID) -> str:  # noqa: A002  GraphQL's word
    return repr(id)


def _maybe(word: strawberry.Maybe[str | None]) -> str:
    return repr(word)


def _words(words: list[str] = ["a"]) -> str:  # noqa: B006  copied by Strawberry for each call
    words.append("changed")
    return repr(words)


def _colour(of: str) -> Any:
    return {"red": Colour.RED, "b": "b", "?": "?", "other": Level.LOW, "null": None}[of]


def _odds() -> list[Any]:
    return [Odd.ONE, Odd.TRUE, Odd.LIST]


def _level(of: int) -> Any:
    return Level(of)


@strawberry.type
class Query:
    colour = strawberry.field(resolver=_colour, graphql_type=Colour | None)
    sure = strawberry.field(resolver=_colour, graphql_type=Colour)
    odds = strawberry.field(resolver=_odds, graphql_type=list[Odd])
    level = strawberry.field(resolver=_level, graphql_type=Level | None)
    told = strawberry.field(resolver=_told)
    global_ = strawberry.field(resolver=_global, name="global")
    maybe = strawberry.field(resolver=_maybe)
    words = strawberry.field(resolver=_words)
    people = strawberry.field(resolver=_people, graphql_type=list[Person])
    named = strawberry.field(resolver=_named, graphql_type=list[Named])
    pets = strawberry.field(resolver=_pets, graphql_type=list[Pet | None])
    stream = strawberry.field(resolver=_stream, graphql_type=list[str])


async def _rename(name: str) -> Record:
    SEEN.append(name)
    return Record(name)


@strawberry.type
class Mutation:
    rename = strawberry.field(resolver=_rename, graphql_type=Person)


SCHEMA: GraphQLSchema = graphql_schema(strawberry.Schema(Query, Mutation, types=[Person, Dog]))


def observed(info: strawberry.Info) -> Any:
    """All that an `Info` tells."""
    raw = info._raw_info
    return (
        info.field_name,
        info.python_name,
        info.path.as_list(),
        str(info.return_type),
        info.variable_values,
        [repr(selection) for selection in info.selected_fields],
        info.operation.loc,
        info.query,
        info.context,
        info.root_value,
        str(raw.parent_type),
        [node.loc for node in raw.field_nodes],
        sorted(raw.fragments),
        raw.is_awaitable(None),
        raw.schema is info.schema._schema,
    )


OPERATIONS = [
    "{ people { name born colour absent shout upper } }",
    "{ people(first: 3) { friend { name friend { shout } } secret laterSecret(code: 9) } }",
    'query ($n: Int!) { people(first: $n, where: {names: ["x"], since: "2020-02-02"}) { ...F } } '
    "fragment F on Person { again: name friend { name } }",
    "{ people(where: {names: [], colour: RED}) { __typename } }",
    "{ named { __typename name ... on Person { secret friend { name } } } }",
    "{ stream pets { __typename ... on Person { shout } ... on Dog { name } } }",
    '{ __schema { types { name fields { name } } } __type(name: "Person") { description } }',
    'mutation { a: rename(name: "A") { shout } b: rename(name: "B") { friend { name } absent } }',
    "{ people(first: -1) { name } __typename }",
    '{ a: told b: told(firstName: "Ann", colour: BLUE, from: "2020-02-02") c: told(from: null) }',
    "query ($n: Int, $w: String, $c: Colour! = BLUE) { told(colour: $c, firstName: $w) people(first: $n) { name } }",
    "query ($n: Int, $at: Date) { a: told(from: $at) b: told(colour: RED, from: $at) people(first: $n) { name } }",
    'query ($n: Int, $no: Colour) { told(colour: $no, firstName: "x") people(first: $n) { name } }',
    '{ a: colour(of: "red") b: colour(of: "b") c: colour(of: "?") d: colour(of: "other") e: colour(of: "null") }',
    '{ sure(of: "red") }',
    '{ sure(of: "null") }',
    "{ odds a: level(of: 1) b: level(of: 3) c: level(of: 0) }",
    '{ global(id: "UGVyc29uOjE=") b: maybe(word: null) c: maybe(word: "x") d: words e: words(words: []) }',
]


async def ask(executor: Any, document: Any, *, allowed: bool) -> str:
    SEEN.clear()
    variables = {"n": 2} if "$n" in document.loc.source.body else {}
    options = {"context": {"allowed": allowed}, "variables": variables, "operation_name": None}
    result = await executor.execute(SCHEMA, document, **options)
    return json.dumps({"result": result.formatted, "seen": SEEN}, default=repr)


@pytest.mark.parametrize("allowed", [True, False])
@pytest.mark.parametrize("text", OPERATIONS)
async def test_answers_and_what_resolvers_see_are_the_same(text: str, allowed: bool) -> None:
    document = graphql.parse(text)
    assert not graphql.validate(SCHEMA, document)
    compiled = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1))
    expected = await ask(ReferenceExecutor(), document, allowed=allowed)
    for _ in range(3):
        assert await ask(compiled, document, allowed=allowed) == expected
    assert compiled.counts.compiled == 3


async def test_permissions_are_asked() -> None:
    """So that the comparison above is of something."""
    answer = await ask(ReferenceExecutor(), graphql.parse(OPERATIONS[1]), allowed=False)
    assert "not yours" in answer
    assert "permission" in answer


@pytest.mark.parametrize(
    ("kind", "name", "attribute", "direct"),
    [
        ("Person", "name", "name", False),
        ("Person", "born", "born", False),
        ("Person", "shout", None, True),
        ("Person", "friend", None, True),
        ("Person", "upper", None, False),
        ("Person", "secret", None, False),
        ("Person", "laterSecret", None, False),
        ("Query", "people", None, False),
        ("Query", "stream", None, False),
        ("Query", "pets", None, True),
        ("Query", "told", None, True),
        ("Query", "global", None, False),
        ("Query", "maybe", None, False),
        ("Query", "words", None, False),
        ("Mutation", "rename", None, True),
    ],
)
def test_only_what_is_nothing_more_is_read_directly(kind: str, name: str, attribute: str | None, direct: bool) -> None:
    field = SCHEMA.type_map[kind].fields[name]  # type: ignore[attr-defined]
    assert strawberry_fields.attribute(field) == attribute
    assert (strawberry_fields.direct(field, StrawberryConfig()) is not None) is direct


@pytest.mark.parametrize(("name", "known"), [("Colour", ["r", "b"]), ("Odd", None), ("Level", [1, 2]), ("Date", None)])
def test_enumerations_whose_values_have_a_hash_become_tables(name: str, known: list[Any] | None) -> None:
    found = strawberry_fields.enumerated(SCHEMA.type_map[name])  # type: ignore[arg-type]
    assert (found and [*found[1]]) == known


def test_a_wrapped_resolver_is_left_as_it_is() -> None:
    for name in ("name", "shout"):
        field = SCHEMA.type_map["Person"].fields[name]  # type: ignore[attr-defined]
        original = field.resolve
        field.resolve = wraps(original)(lambda *_arguments, **_options: "wrapped")
        try:
            assert strawberry_fields.attribute(field) is None
            assert strawberry_fields.direct(field, StrawberryConfig()) is None
        finally:
            field.resolve = original

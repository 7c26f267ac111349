"""Attacks on permissions: every way to a guarded field, on both executors, with every lesser standing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Any

import graphql
import pytest
import strawberry
from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, GraphQLUnionType, get_named_type

from adapters.contract.city import Uses
from adapters.contract.records import PersonId
from gateway.graphql.answers import Answers
from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.guards import guard_of, guards_of
from gateway.graphql.operation import Executor, Operation, ReferenceExecutor
from gateway.permissions import enforce
from gateway.schema import NODES, build_schema, graphql_schema, sdl
from gateway.wiring import _asker
from resolvers.common.assurance import Assurance
from resolvers.common.context import Context, Viewer
from resolvers.common.permissions import (
    Authenticated,
    OwnedByViewer,
    OwnNode,
    Permission,
    RequiresAssurance,
    RequiresScopes,
    own,
    own_node,
    permission_of,
)

SECRET = "the-secret"
ROWS = 40


def secret(coordinates: str) -> str:
    """The value of a guarded field."""
    return f"{SECRET} {coordinates}"


@strawberry.interface
class Named:
    name: str
    number: str | None = strawberry.field(directives=[RequiresScopes(scopes=[["a", "b"], ["all"]])])


@dataclass
class Row:
    """A value of each type; `kind` is its type, and a secret says of which type and field it is."""

    kind: str
    name: str = "open"
    number: str = ""
    income: str = ""

    def __post_init__(self) -> None:
        self.number = self.number or secret(f"{self.kind}.number")
        self.income = self.income or secret(f"{self.kind}.income")


def _is(kind: str) -> Any:
    return classmethod(lambda _cls, value, _info: value.kind == kind)


def _rows(root: strawberry.Parent[Row]) -> list[Row]:
    return [Row("Person") for _ in range(2)]


async def _later(root: strawberry.Parent[Row]) -> str:
    return secret("Person.later")


async def _required(root: strawberry.Parent[Row]) -> str:
    return secret("Person.required")


@strawberry.type
class Person(Named):
    income: str | None = strawberry.field(
        directives=[Authenticated(), RequiresAssurance(level=Assurance.SUBSTANTIAL)], default=None
    )
    later: str | None = strawberry.field(resolver=_later, directives=[OwnedByViewer()])
    required: str = strawberry.field(resolver=_required, directives=[Authenticated()])
    friends = strawberry.field(resolver=_rows, graphql_type=list[Annotated["Person", strawberry.lazy(__name__)]])
    is_type_of = _is("Person")


@strawberry.type(directives=[RequiresScopes(scopes=[["vault"]])])
class Vault(Named):
    income: str | None = None
    number: str | None = strawberry.field(default=None, description="Says nothing of what the interface demands.")
    is_type_of = _is("Vault")


Thing = Annotated[Person | Vault, strawberry.union("Thing")]


def _paid(root: None, amount: int) -> Row:
    return Row("Person", income=f"{SECRET}{amount}")


@strawberry.type
class Query:
    person = strawberry.field(resolver=lambda: Row("Person"), graphql_type=Person | None)
    people = strawberry.field(resolver=lambda: [Row("Person") for _ in range(ROWS)], graphql_type=list[Person])
    named = strawberry.field(resolver=lambda: [Row("Person"), Row("Vault")], graphql_type=list[Named])
    things = strawberry.field(resolver=lambda: [Row("Vault"), Row("Person")], graphql_type=list[Thing | None])
    paid = strawberry.field(resolver=_paid, graphql_type=Person | None, directives=[Authenticated()])


@strawberry.type
class Mutation:
    pay = strawberry.field(resolver=_paid, graphql_type=Person | None, directives=own("tax"))


def small_schema() -> GraphQLSchema:
    schema = graphql_schema(strawberry.Schema(Query, Mutation, types=[Person, Vault]))
    enforce(schema)
    return schema


SMALL = small_schema()


@dataclass
class Asking:
    """What the guards look at of a context."""

    viewer: Viewer | None
    uses: Uses = field(default_factory=Uses)


ANN = Viewer(PersonId("ann"))
FULL = replace(ANN, scopes=frozenset({"all", "person", "vault"}), assurance=Assurance.HIGH)
STANDINGS = {
    "nobody": None,
    "no scope": ANN,
    "half of a list": replace(FULL, scopes=frozenset({"a"}), assurance=Assurance.LOW),
    "low": replace(FULL, assurance=Assurance.LOW),
    "no level": replace(FULL, assurance=None),
    "full": FULL,
}
EXECUTORS = ["reference", "compiled", "compiled in slices"]


def executor_of(name: str) -> Executor:
    if name == "reference":
        return ReferenceExecutor()
    slice_seconds = 0.004 if name == "compiled" else 1e-6
    return CompiledExecutor(ReferenceExecutor(), Settings(sightings=1, slice_seconds=slice_seconds))


@pytest.fixture(params=EXECUTORS)
def executor(request: pytest.FixtureRequest) -> Executor:
    return executor_of(request.param)


@cache
def valid(document: str) -> graphql.DocumentNode:
    """One object for one text, as the gateway has it: a plan hangs on it."""
    parsed = graphql.parse(document)
    assert not (problems := graphql.validate(SMALL, parsed)), problems
    return parsed


async def run(executor: Executor, document: str, viewer: Viewer | None, **variables: Any) -> tuple[Any, Asking]:
    parsed = valid(document)
    context = Asking(viewer)
    result = await executor.execute(SMALL, parsed, context=context, variables=variables, operation_name=None)
    return result, context


WAYS = {
    "plainly": "{ person { income } }",
    "by an alias": "{ person { name: income open: name } }",
    "in a fragment": "{ person { ...f } } fragment f on Person { income }",
    "in a fragment of a fragment": "{ person { ...f } } fragment f on Person { ...g } fragment g on Named "
    "{ ... on Person { ... { income } } }",
    "in a list": "{ people { income } }",
    "in a list of a list": "{ people { friends { income } } }",
    "through an interface": "{ named { ... on Person { income } } }",
    "through a union": "{ things { ... on Person { income } } }",
    "through an interface in a union": "{ things { ... on Named { ... on Person { income } } } }",
    "on a condition": "query ($yes: Boolean!) { person { income @include(if: $yes) } }",
    "merged": "{ person { name } person { income } }",
    "deep": "{ person { friends { friends { income } } } }",
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
@pytest.mark.parametrize("standing", [name for name in STANDINGS if name != "full"])
async def test_a_guarded_field_is_refused_whatever_the_way(executor: Executor, way: str, standing: str) -> None:
    result, context = await run(executor, way, STANDINGS[standing], yes=True)
    assert SECRET not in str(result.data)
    assert result.errors
    codes = {error.original_error.code for error in result.errors}
    assert codes == ({"UNAUTHENTICATED"} if standing in ("nobody",) else {"ASSURANCE_TOO_LOW"})
    assert context.uses.personal
    full, full_context = await run(executor, way, FULL, yes=True)
    assert full_context.uses.personal
    assert SECRET in str(full.data)
    assert full.errors is None


async def test_what_is_awaited_is_refused_before_it_is_begun(executor: Executor) -> None:
    for _ in range(2):
        result, _ = await run(executor, "{ person { later } }", None)
        assert result.data == {"person": {"later": None}}
        assert [error.original_error.code for error in result.errors] == ["UNAUTHENTICATED"]
        result, _ = await run(executor, "{ person { later } }", ANN)
        assert result.data == {"person": {"later": secret("Person.later")}}


ON_TYPES = {
    "an interface's own field": "{ named { number } }",
    "an interface's field that a type has anew": "{ things { ... on Vault { number } } }",
    "a field of a guarded type": "{ things { ... on Vault { income name } } }",
    "an open field of a guarded type, through its interface": "{ named { name } }",
}
WITHOUT_SCOPES = ("nobody", "no scope", "half of a list")


@pytest.mark.parametrize("document", ON_TYPES.values(), ids=ON_TYPES.keys())
@pytest.mark.parametrize("standing", STANDINGS)
async def test_what_types_and_interfaces_demand_holds_for_the_concrete_field(
    executor: Executor, document: str, standing: str
) -> None:
    result, _ = await run(executor, document, STANDINGS[standing])
    assert bool(result.errors) is (standing in WITHOUT_SCOPES), result


async def test_a_type_that_has_an_interface_s_field_anew_takes_nothing_off_it(executor: Executor) -> None:
    viewer = replace(FULL, scopes=frozenset({"vault"}))
    result, _ = await run(executor, "{ things { ... on Vault { number } } }", viewer)
    assert result.errors
    assert SECRET not in str(result.data)


async def test_two_of_a_list_are_as_good_as_the_other_list(executor: Executor) -> None:
    for scopes, allowed in (({"a", "b"}, True), ({"all"}, True), ({"b"}, False), ({"a,b"}, False), ({"A", "B"}, False)):
        result, _ = await run(executor, "{ person { number } }", replace(FULL, scopes=frozenset(scopes)))
        assert (result.errors is None) is allowed


async def test_a_refusal_of_what_may_not_be_null_takes_its_object(executor: Executor) -> None:
    result, _ = await run(executor, "{ person { name required } }", None)
    assert result.data == {"person": None}
    result, _ = await run(executor, "{ people { name required } }", None)
    assert result.data is None


async def test_an_argument_that_does_not_fit_is_told_before_a_refusal(executor: Executor) -> None:
    result, _ = await run(executor, "query ($a: Int = 5) { paid(amount: $a) { name } }", None, a=None)
    assert "amount" in result.errors[0].message


async def test_a_mutation_that_is_refused_does_nothing(executor: Executor) -> None:
    for standing in ("nobody", "no scope", "half of a list"):
        result, _ = await run(executor, "mutation { pay(amount: 5) { name income } }", STANDINGS[standing])
        assert result.data == {"pay": None}
        assert len(result.errors) == 1
    result, _ = await run(executor, "mutation { pay(amount: 5) { income } }", FULL)
    assert result.data == {"pay": {"income": f"{SECRET}5"}}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
async def test_who_is_refused_does_not_decide_for_who_comes_next(way: str) -> None:
    """One executor, all standings in turn, several times: plans of one standing serve no other."""
    compiled, reference = executor_of("compiled"), executor_of("reference")
    for _ in range(3):
        for viewer in (*STANDINGS.values(), FULL, None):
            got, context = await run(compiled, way, viewer, yes=True)
            wanted, wanted_context = await run(reference, way, viewer, yes=True)
            assert got.data == wanted.data
            assert [(str(one), one.path) for one in got.errors or ()] == [
                (str(one), one.path) for one in wanted.errors or ()
            ]
            assert context.uses.personal
            assert wanted_context.uses.personal


async def test_an_open_operation_is_nobodys_in_particular(executor: Executor) -> None:
    _, context = await run(executor, "{ person { name friends { name } } }", None)
    assert not context.uses.personal


async def test_a_guard_is_asked_once_for_each_execution_and_not_for_each_row(monkeypatch: pytest.MonkeyPatch) -> None:
    executor = executor_of("compiled")
    document = graphql.parse("{ people { income number friends { income } } }")

    async def execute() -> Any:
        return await executor.execute(SMALL, document, context=Asking(FULL), variables={}, operation_name=None)

    await execute()
    asked: list[object] = []
    monkeypatch.setattr(Permission, "refusal_of", lambda self, viewer: asked.append(self))
    monkeypatch.setattr(Permission, "refusal", lambda self, context: asked.append(self))
    result = await execute()
    assert len(result.data["people"]) == ROWS
    assert asked == []


class Shelf(dict[Any, Any]):
    """Keeps every answer."""

    async def get(self, key: Any) -> Any:  # type: ignore[override]
        return super().get(key)

    async def put(self, key: Any, body: bytes, uses: Any, owner: Any) -> Any:
        self[key] = SimpleNamespace(body=body, owner=owner)
        return self[key]


async def test_a_narrower_token_gets_nothing_that_was_kept_for_a_wider_one() -> None:
    document = graphql.parse("{ person { income } }")
    (definition,) = document.definitions
    assert isinstance(definition, graphql.OperationDefinitionNode)
    operation = Operation(document, definition, None)
    answers = Answers(Shelf(), _asker)

    def asking(viewer: Viewer | None) -> Context:
        context = Context(city=None, viewer=viewer, locale="en")  # type: ignore[arg-type]
        context.uses.personal = True
        return context

    await answers.keep(operation, {}, asking(FULL), b"kept")
    assert await answers.find(operation, {}, asking(replace(FULL, name="other")))
    narrower = [
        replace(FULL, scopes=FULL.scopes - {"all"}),
        replace(FULL, assurance=Assurance.LOW),
        replace(FULL, actor=PersonId("bob")),
        replace(FULL, basis="mandate"),
        replace(FULL, id=PersonId("bob")),
        None,
    ]
    for viewer in narrower:
        assert await answers.find(operation, {}, asking(viewer)) is None


def test_levels_and_lists_of_several_directives_all_hold() -> None:
    permission = permission_of(
        [
            RequiresAssurance(level=Assurance.HIGH),
            RequiresAssurance(level=Assurance.LOW),
            RequiresScopes(scopes=[["a"]]),
            RequiresScopes(scopes=[["b"]]),
        ]
    )
    assert permission is not None
    assert permission.assurance is Assurance.HIGH
    for scopes, refused in (({"a"}, True), ({"b"}, True), ({"a", "b"}, False)):
        viewer = replace(ANN, scopes=frozenset(scopes), assurance=Assurance.HIGH)
        assert (permission.refusal_of(viewer) is not None) is refused
    assert permission_of([RequiresScopes(scopes=[])]).refusal_of(FULL) is not None  # type: ignore[union-attr]
    assert permission_of([]) is None
    with pytest.raises(ValueError, match="demand nothing"):
        own_node([], _fetch)


async def _fetch(context: Any, local: str, selected: Any) -> None:
    return None


# The real schema

REAL = graphql_schema(build_schema())
PUBLIC = Path(__file__).with_name("public_fields.txt")


def open_fields(schema: GraphQLSchema) -> Iterator[str]:
    """Fields that nobody in particular can reach: from the roots on, through everything that has no guard."""
    seen: set[str] = set()
    todo: list[Any] = [kind for kind in (schema.query_type, schema.mutation_type) if kind]
    while todo:
        kind = todo.pop()
        if kind.name in seen:
            continue
        seen.add(kind.name)
        if isinstance(kind, GraphQLInterfaceType):
            todo.extend(one for one in schema.get_possible_types(kind) if is_open_node(one.name))
        elif isinstance(kind, GraphQLUnionType):
            todo.extend(kind.types)
        elif isinstance(kind, GraphQLObjectType):
            for name, one in kind.fields.items():
                if guard_of(one) is None:
                    yield f"{kind.name}.{name}"
                    todo.append(get_named_type(one.type))


def is_open_node(kind: str) -> bool:
    return kind in NODES and not isinstance(NODES[kind], OwnNode)


def test_what_is_public_is_public_on_purpose() -> None:
    """`public_fields.txt` is the reviewed list: add a field to it only if everybody may see it."""
    reviewed = [line for line in PUBLIC.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert reviewed == sorted(open_fields(REAL))


def test_every_personal_node_is_behind_a_permission() -> None:
    possible = {kind.name for kind in REAL.get_possible_types(REAL.type_map["Node"])}  # type: ignore[arg-type]
    assert possible == set(NODES)
    assert {kind for kind in possible if is_open_node(kind)} <= {
        "ComplaintCategory",
        "Office",
        "PublicService",
        "RegistrationKind",
    }


def test_everything_of_the_viewer_is_owned_and_scoped() -> None:
    viewer = REAL.type_map["Viewer"]
    assert isinstance(viewer, GraphQLObjectType)
    for name, one in viewer.fields.items():
        permission = guard_of(one)
        assert isinstance(permission, Permission), name
        assert name == "name" or permission.scopes, name


def test_refusals_of_the_real_schema_fit_its_types() -> None:
    """A field that may be refused where its object is not may be null, so that it costs nothing else."""
    for kind in REAL.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            whole = {guard_of(one) for one in kind.fields.values()}
            for name, one in kind.fields.items():
                if guard_of(one) is not None and len(whole) > 1:
                    assert not graphql.is_non_null_type(one.type), f"{kind.name}.{name}"


def test_the_schema_s_text_shows_and_explains_what_is_demanded() -> None:
    text = sdl(build_schema())
    for name in ("authenticated", "requiresScopes", "requiresAssurance", "ownedByViewer", "sensitive"):
        definition = text.partition(f"directive @{name}")
        assert definition[1], name
        assert definition[0].rstrip().endswith('"""'), f"@{name} has no description"
    assert 'civilRecord: CivilRecord @authenticated @requiresScopes(scopes: [["person"], ["civil"]])' in text


def test_guards_of_a_schema_without_any_are_none() -> None:
    assert guards_of(graphql.build_schema("type Query { a: Int }")) is None
    assert guards_of(REAL) is not None


def test_everything_personal_in_the_contract_is_sensitive_or_plainly_not() -> None:
    """Words, names and addresses that people write in inputs are marked."""
    marked = {
        f"{kind.name}.{name}"
        for kind in REAL.type_map.values()
        for name, one in getattr(kind, "fields", {}).items()
        for directive in getattr((one.extensions or {}).get("strawberry-definition"), "directives", ())
        if type(directive).__name__ == "Sensitive"
    }
    wanted = {"description", "address", "phone", "email", "photoUrls", "purpose", "title", "location"}
    inputs = {kind.name: kind for kind in REAL.type_map.values() if graphql.is_input_object_type(kind)}
    for kind, found in inputs.items():
        for name in found.fields:
            if name in wanted:
                assert f"{kind}.{name}" in marked
    assert {"Viewer.name", "PersonName.full", "Residence.address", "HoldAppointmentInput.name"} <= marked

"""Which executions are compiled, which are left to the reference and why, and what is remembered."""

import asyncio
import gc
import weakref
from types import FunctionType
from typing import Any

import pytest
from graphql import DocumentNode, build_schema, get_introspection_query, parse

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.fields import Field
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.places import Place
from gateway.graphql.compiled.plan import Plan
from gateway.graphql.compiled.run import Run
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

SCHEMA = build_schema("""
type Query { greeting(name: String! = "you"): String list: [Query!] count: Int! }
type Mutation { greeting: String }
""")


class Reference:
    """Counts what it is given."""

    def __init__(self) -> None:
        self.calls = 0

    async def execute(self, *arguments: Any, **options: Any) -> Any:
        self.calls += 1
        return await ReferenceExecutor().execute(*arguments, **options)


def executor(**settings: Any) -> tuple[CompiledExecutor, Reference]:
    reference = Reference()
    return CompiledExecutor(reference, Settings(**settings)), reference


async def ask(compiled: CompiledExecutor, document: DocumentNode, name: str | None = None, **variables: Any) -> Any:
    result = await compiled.execute(SCHEMA, document, context=None, variables=variables, operation_name=name)
    return result.formatted


@pytest.mark.parametrize("sightings", [1, 3])
async def test_how_often_is_a_setting(sightings: int) -> None:
    compiled, reference = executor(sightings=sightings)
    document = parse("{ __typename }")
    for _ in range(5):
        await ask(compiled, document)
    assert reference.calls == compiled.counts.reference == sightings - 1
    assert compiled.counts.compiled == 6 - sightings


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{ ... @defer { __typename } }", "incremental delivery"),
        ("{ list @stream { __typename } }", "incremental delivery"),
        ("subscription { greeting }", "no root type"),
        ("{ __typename } query B { __typename }", "no single operation"),
        ("fragment F on Query { __typename }", "no single operation"),
        ("query ($a: Boolean) { __typename @skip(if: $a) }", "unfit condition"),
        ("{ ...F } fragment F($n: String) on Query { greeting(name: $n) }", "fragment variables"),
    ],
)
async def test_what_cannot_be_compiled_falls_back_by_reason(text: str, reason: str) -> None:
    compiled, reference = executor(sightings=1)
    document = parse(text, experimental_fragment_arguments=True)
    for _ in range(2):
        run = compiled.build(SCHEMA, document, {"a": None}, None, Particulars())
        assert run is None
    assert compiled.counts.fallbacks == {reason: 2}
    assert (compiled.counts.compiled, reference.calls) == (0, 0)


async def test_a_fallback_is_executed_by_the_reference() -> None:
    compiled, reference = executor(sightings=1)
    result = await ask(compiled, parse("{ __typename } query B { other: __typename }"))
    assert "Must provide operation name" in result["errors"][0]["message"]
    assert reference.calls == 1


async def test_operations_of_one_document_are_told_apart() -> None:
    compiled, _ = executor(sightings=1)
    document = parse("query A { a: __typename } query B { b: __typename } mutation C { c: __typename }")
    for _ in range(2):
        for name, kind in (("A", "Query"), ("B", "Query"), ("C", "Mutation")):
            assert await ask(compiled, document, name) == {"data": {name.lower(): kind}}
    assert compiled.counts.compiled == 6


async def test_each_setting_of_the_switches_is_another_plan() -> None:
    compiled, reference = executor(sightings=1)
    document = parse(
        "query ($a: Boolean!, $b: Boolean!) { x: __typename @skip(if: $a) y: __typename @include(if: $b) }"
    )
    for _ in range(2):
        assert await ask(compiled, document, a=True, b=True) == {"data": {"y": "Query"}}
        assert await ask(compiled, document, a=False, b=False) == {"data": {"x": "Query"}}
        assert await ask(compiled, document, a=False, b=True) == {"data": {"x": "Query", "y": "Query"}}
    assert (compiled.counts.compiled, reference.calls) == (6, 0)


async def test_each_setting_of_switches_is_compiled_and_at_most_sixteen_are_known() -> None:
    compiled, _ = executor()
    names = [f"v{number}" for number in range(5)]
    variables = ", ".join(f"${name}: Boolean!" for name in names)
    document = parse(
        f"query ({variables}) {{ " + " ".join(f"{name}: __typename @skip(if: ${name})" for name in names) + " }"
    )
    for number in range(32):
        await ask(compiled, document, None, **{name: bool(number >> bit & 1) for bit, name in enumerate(names)})
    assert (compiled.counts.compiled, compiled.counts.fallbacks) == (32, {})
    _, known = compiled._operations.get(SCHEMA, document, None)
    assert len(known.variants) == 16


async def test_variables_that_do_not_fit_are_request_errors_as_in_the_reference() -> None:
    compiled, reference = executor(sightings=1)
    document = parse("query ($n: String!) { greeting(name: $n) }")
    options: Any = {"context": None, "variables": {"n": 3}, "operation_name": None}
    expected = await ReferenceExecutor().execute(SCHEMA, document, **options)
    found = await compiled.execute(SCHEMA, document, **options)
    assert found.formatted == expected.formatted
    assert found.errors
    assert found.errors[0].path is None
    assert reference.calls == 0


async def test_plans_are_bounded_in_number() -> None:
    compiled, _ = executor(sightings=1, max_plans=3)
    documents = [parse(f"{{ a{number}: __typename }}") for number in range(10)]
    for document in documents:
        await ask(compiled, document)
    assert len(compiled._plans) == 3


async def test_plans_are_bounded_in_bytes() -> None:
    compiled, _ = executor(sightings=1, max_bytes=20_000)
    documents = [parse(f"{{ a{number}: greeting b: count }}") for number in range(10)]
    for document in documents:
        await ask(compiled, document)
    assert 0 < compiled._plans.bytes <= 20_000


async def test_a_plan_that_grows_is_counted_as_it_is() -> None:
    """It is compiled below its first level after it is remembered; each of these is executed once."""
    compiled, _ = executor(sightings=1, slice_seconds=9)
    for number in range(3):
        await ask(compiled, parse(f"# {number}\n{get_introspection_query()}"))
    plans = [plan for plan, _ in compiled._plans._plans.values()]
    assert compiled._plans.bytes == sum(plan.size for plan in plans) > 3 * 300_000


async def test_a_plan_that_is_forgotten_leaves_nothing_to_collect() -> None:
    compiled, _ = executor(max_plans=1)
    documents = [parse(f"{{ a{number}: greeting list {{ count list {{ greeting }} }} }}") for number in range(4)]
    await ask(compiled, documents[0])
    gc.collect()
    gc.disable()
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        for document in documents[1:]:
            await ask(compiled, document)
        gc.collect()
        assert [one for one in gc.garbage if type(one) in {Field, Place, FunctionType, Plan}] == []
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()


async def test_a_plan_that_is_forgotten_while_it_is_used_is_used_to_the_end() -> None:
    go_on = asyncio.Event()

    async def slow(_source: Any, _info: Any) -> dict[str, Any]:
        await go_on.wait()
        return {"count": 3, "list": [{"count": 4}]}

    compiled, _ = executor(max_plans=1)
    schema = build_schema("type Query { slow: Query list: [Query!] count: Int }")
    assert schema.query_type is not None
    schema.query_type.fields["slow"].resolve = slow
    text = "{ slow { count list { count } } }"
    waiting = asyncio.create_task(
        compiled.execute(schema, parse(text), context=None, variables={}, operation_name=None)
    )
    await asyncio.sleep(0)
    ((plan, _size),) = compiled._plans._plans.values()
    await ask(compiled, parse("{ __typename }"))
    assert plan not in [one for one, _ in compiled._plans._plans.values()]
    go_on.set()
    assert (await waiting).formatted == {"data": {"slow": {"count": 3, "list": [{"count": 4}]}}}
    assert not hasattr(plan, "root")


async def test_what_is_known_of_a_document_goes_with_it() -> None:
    compiled, _ = executor(sightings=1)
    document = parse("{ __typename }")
    await ask(compiled, document)
    assert len(compiled._operations._known) == 1
    del document
    gc.collect()
    assert len(compiled._operations._known) == 0


async def test_a_plan_does_not_answer_for_another_document_at_the_same_address() -> None:
    compiled, _ = executor(sightings=1)
    for number in range(50):
        assert await ask(compiled, parse(f"{{ a{number}: __typename }}")) == {"data": {f"a{number}": "Query"}}


class Word(str):
    """A variable's value whose end can be seen."""

    __slots__ = ("__weakref__",)


class Thing:
    """A context or a source whose end can be seen, with an awaited field and one that fails."""

    @property
    def list(self) -> Any:
        async def later() -> Any:
            return [self]

        return later()

    def greeting(self, _info: Any, **_arguments: Any) -> str:
        raise ValueError(Word("no"))

    count = 1


@pytest.mark.parametrize("slice_seconds", [0, 9])
async def test_a_plan_in_memory_keeps_nothing_of_a_request(slice_seconds: float) -> None:
    compiled, _ = executor(sightings=1, slice_seconds=slice_seconds)
    document = parse(
        "query ($n: String!, $on: Boolean!) { list @include(if: $on) { list { greeting(name: $n) list { count } } } }"
    )

    async def request() -> list[weakref.ref[Any]]:
        word, context, root = Word("personal"), Thing(), Thing()
        particulars = Particulars(root_value=root, context=context)
        run = compiled.build(SCHEMA, document, {"n": word, "on": True}, None, particulars)
        assert isinstance(run, Run)
        result = await run.execute_operation()
        assert result.errors
        return [weakref.ref(each) for each in (word, context, root, run)]

    seen = [*await request(), *await request()]
    await asyncio.sleep(0)
    gc.collect()
    assert len(compiled._plans) == 1
    assert [each() for each in seen] == [None] * len(seen)

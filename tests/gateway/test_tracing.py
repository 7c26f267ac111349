"""Resolvers' spans on compiled plans: made in a request that is sampled, and the resolver called alone in any other."""

import asyncio
from collections.abc import Awaitable
from hashlib import sha256

import graphql
import pytest
import strawberry
from opentelemetry.trace import NoOpTracer, Tracer

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor
from gateway.redaction import Redactor
from gateway.schema import graphql_schema
from gateway.spans import LeanSpan, LeanTracer, current
from gateway.tracing import TracedExecutor, trace_resolvers

TEXT = "query Q($who: String) { a: greeting b: greeting(who: $who) failing rows { one { label } label } }"
ROW = {"one": {"label": "a label"}, "label": "a label"}
DATA = {"a": "greeting: hello nobody", "b": "greeting: hello you", "failing": None, "rows": [ROW, ROW]}


async def _greeting(info: strawberry.Info, who: str = "nobody") -> str:
    return f"{info.field_name}: hello {who}"


async def _failing() -> str | None:
    raise ValueError("no")


async def _label(source: strawberry.Parent["Row"], path: int = 0, call: int = 0) -> str:
    return "a label"


async def _one(source: strawberry.Parent["Row"]) -> "Row":
    return source


async def _rows() -> list["Row"]:
    return [Row(), Row()]


@strawberry.type
class Row:
    label = strawberry.field(resolver=_label)
    one: "Row" = strawberry.field(resolver=_one)


@strawberry.type
class Query:
    greeting = strawberry.field(resolver=_greeting)
    failing = strawberry.field(resolver=_failing)
    rows = strawberry.field(resolver=_rows)


class Gateway:
    """A traced schema, and the executor that has compiled it."""

    def __init__(self, tracer: Tracer) -> None:
        self.schema = graphql_schema(strawberry.Schema(Query))
        trace_resolvers(self.schema, tracer)
        compiled = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1, slice_seconds=9))
        self.executor = TracedExecutor(compiled, tracer, Redactor(self.schema))
        self.document = graphql.parse(TEXT)

    def ask(self) -> Awaitable[graphql.ExecutionResult]:
        return self.executor.execute(
            self.schema, self.document, context=None, variables={"who": "you"}, operation_name=None
        )


@pytest.fixture
def ended() -> list[LeanSpan]:
    return []


def root(ended: list[LeanSpan], *, ratio: int) -> LeanSpan:
    return LeanTracer(ratio, ended.append).root("POST /graphql", None, ())


async def test_each_request_has_the_spans_that_it_is_sampled_for(ended: list[LeanSpan]) -> None:
    gateway = Gateway(LeanTracer(0, ended.append))
    for ratio, names in (
        (0, []),
        (1, ["Query.failing", "Query.greeting", "Query.greeting", "Query.rows", "query Q"]),
        (0, []),
    ):
        ended.clear()
        span = root(ended, ratio=ratio)
        with current(span, end=False):
            result = await gateway.ask()
        assert (result.data, len(result.errors or ())) == (DATA, 1)
        assert sorted(each.name for each in ended) == names
        assert span.attributes["graphql.errors.count"] == 1


@pytest.mark.parametrize("tracer", [LeanTracer(0, lambda _: None), NoOpTracer()])
async def test_an_unsampled_request_calls_resolvers_alone(tracer: Tracer) -> None:
    gateway = Gateway(tracer)
    callers: list[str] = []
    with current(root([], ratio=0)):
        result = await gateway.ask()
    assert result.data == DATA
    for error in result.errors or ():
        trace = error.original_error and error.original_error.__traceback__
        while trace:
            callers.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
    assert callers == ["_await_value", "_failing"]


async def test_spans_of_two_requests_at_once_do_not_mix(ended: list[LeanSpan]) -> None:
    gateway = Gateway(LeanTracer(0, ended.append))

    async def within(span: LeanSpan) -> None:
        with current(span, end=False):
            await gateway.ask()

    spans = [root(ended, ratio=ratio) for ratio in (1, 0, 1, 0)]
    await asyncio.gather(*map(within, spans))
    assert {each.parent and each.trace_id for each in ended} == {
        spans[0].trace_id,
        spans[2].trace_id,
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("query Q {\n  a: greeting\n}", "query Q {\n  a: greeting\n}"),
        ('query Q { a: greeting(who: "Li Mei") }', 'query Q {\n  a: greeting(who: "…")\n}'),
    ],
)
async def test_the_digest_of_a_document_tells_nothing_that_is_masked(
    ended: list[LeanSpan], text: str, shown: str
) -> None:
    gateway = Gateway(LeanTracer(1, ended.append))
    gateway.document = graphql.parse(text)
    with current(root(ended, ratio=1)):
        await gateway.ask()
    (span,) = (one for one in ended if one.name == "query Q")
    assert span.attributes["graphql.document"] == shown
    named = text if "…" not in shown else shown
    assert span.attributes["graphql.document.digest"] == sha256(named.encode()).hexdigest()

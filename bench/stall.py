"""`python -P bench/stall.py` in a source tree: how long one request holds that tree's event loop at a time.

What counts is the CPU time of the loop's own thread in one turn of the loop: so long do all other requests wait, and
a busy machine adds nothing to it. Of several runs the best is taken. Prints a line of JSON for each class: its group,
its name, milliseconds held at worst, and what was answered. It is no part of the package's imports: the tree may be
another than the bench's.
"""

from __future__ import annotations

import asyncio
import gc
import json
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec
import strawberry

sys.path.append(str(Path(__file__).parents[1]))
from bench import hostile
from bench.replies import Answering, bodies

RUNS = 3
Class = tuple[str, str, Callable[[], Callable[[], Awaitable[str]]]]
"""A group, a name, and what makes ready, which gives what is measured."""
_SCOPE: dict[str, Any] = {
    "type": "http",
    "method": "POST",
    "path": "/graphql",
    "query_string": b"",
    "headers": [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")],
}


class Loop(asyncio.SelectorEventLoop):
    """Knows the longest of its turns, in seconds of its thread's CPU time."""

    worst = 0.0

    def _run_once(self) -> None:
        before = time.thread_time()
        super()._run_once()  # type: ignore[misc]
        self.worst = max(self.worst, time.thread_time() - before)


async def _post(app: Any, text: str) -> str:
    """Post a document: the code of the answer's first error, or its size."""
    body = json.dumps({"query": text}).encode()
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": body}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(_SCOPE, receive, send)
    answer = sent[1]["body"]
    errors = json.loads(answer).get("errors")
    return str(errors[0]["extensions"].get("code")) if errors else f"{len(answer)} bytes"


def _endpoint(schema: Any) -> Any:
    operation = import_module("gateway.graphql.operation")
    executor = import_module("gateway.graphql.compiled.executor").CompiledExecutor(operation.ReferenceExecutor())
    return import_module("gateway.graphql.endpoint").GraphQLEndpoint(operation.Operations(schema, executor=executor))


# Documents: the largest of each hostile class


def _documents() -> Iterator[Class]:
    limits = import_module("gateway.graphql.limits").DocumentLimits()
    documents = import_module("gateway.graphql.document").Documents(hostile.schema(), limits)
    refusal = import_module("gateway.graphql.refusal").HTTPRefusal

    def admits(text: str) -> bool:
        try:
            documents.measure(text)
        except refusal as refused:
            return bool(refused.code != "DOCUMENT_LIMIT_EXCEEDED")
        return True

    for name, make in hostile.CLASSES.items():
        yield "document", name, _asking(_hostile_endpoint, hostile.largest(make, admits))


def _hostile_endpoint() -> Any:
    """Every object has all fields, and three of a list."""
    schema = hostile.schema()
    for name in ("Query", "Office"):
        for field in schema.type_map[name].fields.values():  # type: ignore[attr-defined]
            text = str(field.type)
            field.resolve = _constant(
                [{}] * 3 if text[0] == "[" else {"__typename": "Query"} if text in _OBJECTS else None
            )
    return _endpoint(schema)


_OBJECTS = ("Query", "Office", "Node", "Either")


def _constant(value: Any) -> Callable[..., Any]:
    return lambda _source, _info, **_arguments: value


def _asking(endpoint: Callable[[], Any], text: str) -> Callable[[], Callable[[], Awaitable[str]]]:
    def ready() -> Callable[[], Awaitable[str]]:
        app = endpoint()
        return lambda: _post(app, text)

    return ready


# Executions: lists of the largest page, within each other and beside each other


class Record(msgspec.Struct, frozen=True):
    """A row."""

    id: str
    name: str
    text: str
    votes: int


RECORDS = [Record(f"r-{at}", f"Row {at}", "x" * 100, at) for at in range(2000)]


def _rows(first: int = 100) -> list[Any]:
    return RECORDS[:first]


async def _later(first: int = 100) -> list[Any]:
    await asyncio.sleep(0)
    return RECORDS[:first]


def _long(characters: int) -> str:
    return "x" * characters


def _fails() -> str:
    raise LookupError


@strawberry.type
class Row:
    """A row has rows."""

    id: str
    name: str
    text: str
    votes: int
    now = strawberry.field(resolver=_rows, graphql_type=list["Row"] | None)
    later = strawberry.field(resolver=_later, graphql_type=list["Row"] | None)
    long = strawberry.field(resolver=_long, graphql_type=str | None)
    fails = strawberry.field(resolver=_fails, graphql_type=str | None)


@strawberry.type
class Query:
    """Rows at once, or after a wait."""

    now = strawberry.field(resolver=_rows, graphql_type=list[Row] | None)
    later = strawberry.field(resolver=_later, graphql_type=list[Row] | None)


_LEAVES = "id name text votes"


def _aliases(count: int, form: str) -> str:
    return " ".join(form.replace("%", str(at)) for at in range(count))


EXECUTIONS: Mapping[str, str] = {
    "a page of every field": f"{{ later {{ {_LEAVES} {_aliases(50, 'a%: text')} }} }}",
    "25 pages": f"{{ {_aliases(25, 'a%: later { id name text votes }')} }}",
    "a page within a page": f"{{ later {{ {_LEAVES} now {{ {_LEAVES} }} }} }}",
    "a page within a page, each awaited": f"{{ later {{ {_LEAVES} later {{ {_LEAVES} }} }} }}",
    "pages of ten, four within each other": "{ " + "later(first: 10) { " * 4 + "id" + " }" * 5,
    "a page within a page within a page": "{ later { later { later { id } } } }",
    "a list that has no pages": f"{{ later(first: 2000) {{ {_LEAVES} {_aliases(50, 'a%: text')} }} }}",
    "50 awaited lists in each row": f"{{ later {{ {_aliases(50, 'a%: later(first: 3) { id }')} }} }}",
    "50 calls in each row": f"{{ later {{ {_aliases(50, 'a%: long(characters: 1)')} }} }}",
    "an answer of many long texts": f"{{ later {{ {_aliases(19, 'a%: long(characters: 4000)')} }} }}",
    "an answer that is too long": f"{{ later {{ {_aliases(50, 'a%: long(characters: 4000)')} }} }}",
    "an error in each row": "{ later { fails } }",
    "50 errors in each row": f"{{ later {{ {_aliases(50, 'a%: fails')} }} }}",
}


def _executions() -> Iterator[Class]:
    def endpoint() -> Any:
        return _endpoint(strawberry.Schema(Query)._schema)

    for name, text in EXECUTIONS.items():
        yield "execution", name, _asking(endpoint, text)


# Replies of departments: as large as is taken


def _replies() -> Iterator[Class]:
    limit = import_module("adapters.runtime.http.endpoint").LARGEST_REPLY
    for name, answering in bodies(limit).items():
        yield "reply", name, _hotline(answering, "xml" if "XML" in name or "elements" in name else "json")


def _hotline(answering: Answering, written: str) -> Callable[[], Callable[[], Awaitable[str]]]:
    http = import_module("adapters.runtime.http")
    transports = import_module("adapters.contract.transport")
    error = import_module("adapters.contract.errors").AdapterError
    tracer = import_module("opentelemetry.trace").NoOpTracer()
    connect = import_module("adapters.departments.hotline.adapter").connect

    def ready() -> Callable[[], Awaitable[str]]:
        async def ask() -> str:
            now = import_module("datetime").datetime.now(import_module("datetime").UTC)
            transports.set_current_call(transports.CallInfo(id="1", operation="o", subject="a", locale="en", at=now))
            async with http.HttpTransport(http.Endpoint("hotline", answering.address), tracer) as transport:
                department = connect(transport, {"format": written, "api_key": "k"})["complaints"]
                try:
                    found = await department.of_person(["a"])
                except error as refused:
                    return type(refused).__name__
                return f"{len(found['a'])} records"

        return ask

    return ready


def _worst(ready: Callable[[], Callable[[], Awaitable[str]]]) -> tuple[float, str]:
    found = []
    for _ in range(RUNS):
        with asyncio.Runner(loop_factory=Loop) as runner:
            loop: Any = runner.get_loop()
            measured = ready()
            gc.collect()
            gc.freeze()  # as the server does when it is ready
            runner.run(asyncio.sleep(0))
            loop.worst = 0.0
            answer = runner.run(_bounded(measured))
            found.append((1000 * loop.worst, answer))
    return min(found)


async def _bounded(measured: Callable[[], Awaitable[str]]) -> str:
    async with asyncio.timeout(60):
        return await measured()


def main(groups: list[str]) -> None:
    """Measure the classes of some groups, or of all."""
    import_module("logging").disable()  # what goes wrong on purpose
    every = {"document": _documents, "execution": _executions, "reply": _replies}
    for group in groups or every:
        for _, name, ready in every[group]():
            held, answer = _worst(ready)
            print(json.dumps({"group": group, "class": name, "held": held, "answer": answer}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

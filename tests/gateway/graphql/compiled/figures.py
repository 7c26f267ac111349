"""Prints how much faster the compiled executor is than graphql-core.

python -m tests.gateway.graphql.compiled.figures
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import graphql
import strawberry
from strawberry.dataloader import DataLoader

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import Executor, ReferenceExecutor
from gateway.schema import graphql_schema


@dataclass(frozen=True, slots=True)
class PostRecord:
    """A row."""

    id: str
    user_id: str
    title: str
    likes: int
    public: bool


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A person."""

    id: str
    name: str
    email: str


POSTS = [PostRecord(str(n), str(n % 10), f"title {n}", n, n % 2 == 0) for n in range(100)]
USERS = {str(n): UserRecord(str(n), f"name {n}", f"{n}@example.org") for n in range(10)}


@strawberry.type
class User:
    """A person."""

    id: strawberry.ID
    name: str
    email: str


async def _author(root: strawberry.Parent[PostRecord], info: strawberry.Info[Any, None]) -> UserRecord:
    found: UserRecord = await info.context["users"].load(root.user_id)
    return found


def _writer(root: strawberry.Parent[PostRecord]) -> UserRecord:
    return USERS[root.user_id]


@strawberry.type
class Post:
    """A row."""

    id: strawberry.ID
    title: str
    likes: int
    public: bool
    author = strawberry.field(resolver=_author, graphql_type=User)
    writer = strawberry.field(resolver=_writer, graphql_type=User)


async def _posts() -> list[PostRecord]:
    return POSTS


@strawberry.type
class Query:
    """What can be asked."""

    posts = strawberry.field(resolver=_posts, graphql_type=list[Post])


SCHEMA = graphql_schema(strawberry.Schema(Query))

CASES = {
    "100 objects x 4 leaf fields": "{ posts { id title likes public } }",
    "100 objects with one object each": "{ posts { id title writer { id name email } } }",
    "100 objects with one awaited object each": "{ posts { id title author { id name email } } }",
}


def context() -> dict[str, Any]:
    """Of one request."""

    async def load(keys: list[str]) -> Sequence[UserRecord]:
        return [USERS[key] for key in keys]

    return {"users": DataLoader(load)}


async def best_of(runs: int, ask: Callable[[], Any]) -> float:
    """The least seconds that asking took."""
    best = float("inf")
    for _ in range(runs):
        start = time.perf_counter()
        await ask()
        best = min(best, time.perf_counter() - start)
    return best


def asks(executor: Executor, schema: graphql.GraphQLSchema, text: str, make: Callable[[], Any]) -> Callable[[], Any]:
    """Executes a document that was parsed and validated before."""
    document = graphql.parse(text)
    assert not graphql.validate(schema, document)

    async def ask() -> graphql.ExecutionResult:
        return await executor.execute(schema, document, context=make(), variables={}, operation_name=None)

    return ask


def asks_anew(schema: graphql.GraphQLSchema, text: str, make: Callable[[], Any]) -> Callable[[], Any]:
    """Parses, validates and executes each time, as graphql-core's own `graphql` does."""

    async def ask() -> graphql.ExecutionResult:
        return await graphql.graphql(schema, text, context_value=make())

    return ask


async def figures(name: str, schema: graphql.GraphQLSchema, text: str, make: Callable[[], Any]) -> None:
    """Check that both answer the same, and print both times."""
    compiled = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1))
    ours, theirs = asks(compiled, schema, text, make), asks(ReferenceExecutor(), schema, text, make)
    for _ in range(2):
        assert json.dumps((await ours()).formatted) == json.dumps((await theirs()).formatted)
    fast, slow = await best_of(200, ours), await best_of(20, theirs)
    anew = await best_of(20, asks_anew(schema, text, make))
    print(
        f"{name:42} {fast * 1e6:7.0f} us; graphql-core {slow * 1e6:7.0f} us ({slow / fast:5.1f} x);"
        f" with parse and validate {anew * 1e6:7.0f} us ({anew / fast:5.1f} x)"
    )


async def main() -> None:
    """Print every case."""
    for name, text in CASES.items():
        await figures(name, SCHEMA, text, context)


if __name__ == "__main__":
    asyncio.run(main())

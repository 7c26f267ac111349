"""Which object type a value is of: asked of the schema at run time, as graphql-core asks."""

from dataclasses import dataclass
from typing import Any

from graphql import GraphQLAbstractType, GraphQLObjectType
from graphql.execution.executor import invalid_return_type_error

from gateway.graphql.compiled.fields import Complete, Field
from gateway.graphql.compiled.run import Run


@dataclass(slots=True, eq=False)
class Abstract:
    """A place in the operation where an interface or a union stands; `branches` are the types seen there."""

    field: Field
    type: GraphQLAbstractType
    branches: dict[str, Complete]


@dataclass(frozen=True, slots=True, eq=False)
class Checked:
    """A place where an object type stands that checks its values."""

    field: Field
    type: GraphQLObjectType


def branched(run: Run, abstract: Abstract, name: Any, value: Any, path: Any, info: Any) -> Any:
    """Complete a value of a type that was not seen at this place yet, or that is still awaited."""
    if run.is_awaitable(name):
        run.received(name)
        return run.later(_await_branch(run, abstract, name, value, path, info))
    return _branch(run, abstract, name, value, path, info)


async def _await_branch(run: Run, abstract: Abstract, name: Any, value: Any, path: Any, info: Any) -> Any:
    completed = _branch(run, abstract, await name, value, path, info)
    return await completed if run.is_awaitable(completed) else completed


def _branch(run: Run, abstract: Abstract, name: Any, value: Any, path: Any, info: Any) -> Any:
    details = abstract.field.details
    found = run.ensure_valid_runtime_type(name, abstract.type, details, info, value)
    complete = abstract.branches.get(found.name) or run.plan.branch(abstract, found)
    return complete(run, value, path, None, info)


def judged(run: Run, checked: Checked, selection: Complete, verdict: Any, source: Any, path: Any) -> Any:
    """Go on when `is_type_of` agrees; raise GraphQLError when it does not."""
    if run.is_awaitable(verdict):
        run.received(verdict)
        return run.later(_await_verdict(run, checked, selection, verdict, source, path))
    return _judge(run, checked, selection, verdict, source, path)


async def _await_verdict(run: Run, checked: Checked, selection: Complete, verdict: Any, source: Any, path: Any) -> Any:
    completed = _judge(run, checked, selection, await verdict, source, path)
    return await completed if run.is_awaitable(completed) else completed


def _judge(run: Run, checked: Checked, selection: Complete, verdict: Any, source: Any, path: Any) -> Any:
    if not verdict:
        raise invalid_return_type_error(checked.type, source, checked.field.details)
    return selection(run, source, path, None, None)

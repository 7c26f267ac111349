"""Generated operations over generated schemas: the compiled executor answers what graphql-core does, to the byte."""

import asyncio
import gc
import inspect
import json
import os
import time
import warnings
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from typing import Any

import graphql
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.pace import Pace
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor
from tests.gateway.graphql.compiled.operations import Writer
from tests.gateway.graphql.compiled.schemas import Maker
from tests.gateway.graphql.compiled.worlds import mixed

SHARES = ((0.0, 0.0), (0.08, 0.0), (0.0, 0.2), (0.08, 0.15), (0.25, 0.25))
OPERATIONS_PER_SCHEMA = 8
RUNS_PER_OPERATION = 3

Observed = Callable[[Maker, Callable[[], Any]], Awaitable[tuple[str, Counter[str]]]]


def answer(result: graphql.ExecutionResult, trace: list[str]) -> str:
    """All that can be seen of an execution."""
    seen = {"result": result.formatted, "calls": list(trace)}
    trace.clear()
    return json.dumps(seen, default=lambda value: type(value).__name__)


def difference(found: str, expected: str) -> str:
    """The first thing that is not as it should be, in words."""
    ours, theirs = (json.loads(side)["result"] for side in (found, expected))
    if ours == theirs:
        return "resolvers called otherwise" if json.dumps(ours) == json.dumps(theirs) else "another key order"
    errors, others = (side.get("errors", []) for side in (ours, theirs))
    if len(errors) != len(others):
        return f"{len(errors)} errors and not {len(others)}"
    if [error.get("path") for error in errors] == [error.get("path") for error in others]:
        return "other errors" if errors != others else "other data"
    in_order = [sorted(map(json.dumps, side)) for side in (errors, others)]
    return "another order of errors" if in_order[0] == in_order[1] else "another path"


def left_behind(test: Callable[..., None]) -> Callable[..., None]:
    """For tests in which graphql-core leaves coroutines that nobody awaits: what Python says of them is ignored."""
    ignored = ("coroutine .* was never awaited:RuntimeWarning", ":pytest.PytestUnraisableExceptionWarning")
    for warning in ignored:
        test = pytest.mark.filterwarnings(f"ignore:{warning}")(test)
    return test


async def compare(seed: int, observed: Observed) -> int:
    """Compare every execution of one schema; return how many there were."""
    faults, waits = SHARES[seed % len(SHARES)]
    maker = Maker(seed, faults=faults, waits=waits)
    executor = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1, slice_seconds=inf))
    count = 0
    for number in range(OPERATIONS_PER_SCHEMA):
        writer = Writer(maker.schema, mixed(seed, number))
        text = writer.document()
        document = graphql.parse(text)
        for run in range(RUNS_PER_OPERATION):
            variables = writer.variables()
            root = maker.world.object(maker.query, mixed(seed, number, run // 2), 0)
            count += 1
            expected, left = await observed(maker, partial(reference, maker, document, root, variables))
            found, abandoned = await observed(maker, partial(compiled, maker, executor, document, root, variables))
            assert found == expected, (difference(found, expected), seed, text, variables)
            assert abandoned <= left, (seed, text, variables)
    assert executor.counts.compiled == count, executor.counts
    return count


def reference(maker: Maker, document: Any, root: Any, variables: dict[str, Any]) -> Any:
    return graphql.execute(maker.schema, document, root, variable_values=variables, max_coercion_errors=20)


def compiled(
    maker: Maker, executor: CompiledExecutor, document: Any, root: Any, variables: Any, pace: Pace | None = None
) -> Any:
    run = executor.build(maker.schema, document, variables, None, Particulars(root_value=root))
    assert run is not None, executor.counts
    if isinstance(run, list):
        return graphql.ExecutionResult(None, run)
    run.pace = pace or run.pace
    return run.execute_operation()


async def answered(maker: Maker, execute: Callable[[], Any]) -> tuple[str, Counter[str]]:
    """What an execution answered."""
    result = execute()
    seen = answer(await result if inspect.isawaitable(result) else result, maker.world.trace)
    while len(asyncio.all_tasks()) > 1:  # noqa: ASYNC110  what runs in the background ends, as on a server's loop
        await asyncio.sleep(0)
    maker.world.trace.clear()
    return seen, Counter()


async def collected(maker: Maker, execute: Callable[[], Any]) -> tuple[str, Counter[str]]:
    """What an execution answered, and which coroutines it left that nobody awaited."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        seen, _ = await answered(maker, execute)
        for _ in range(2):  # the loop itself lets go
            await asyncio.sleep(0)
            gc.collect()
    return seen, Counter(str(warning.message) for warning in caught)


@settings(max_examples=120, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32 - 1))
@left_behind
def test_compiled_answers_what_graphql_core_answers(seed: int) -> None:
    asyncio.run(compare(seed, answered))


@left_behind
def test_what_is_written_is_valid() -> None:
    """Not asked of each document that is compared: it would take as long as the comparison."""
    for seed in range(20):
        maker = Maker(seed, faults=0.0, waits=0.0)
        for number in range(OPERATIONS_PER_SCHEMA):
            text = Writer(maker.schema, mixed(seed, number)).document()
            assert not graphql.validate(maker.schema, graphql.parse(text)), text


@pytest.mark.parametrize("seed", range(20))
@left_behind
def test_seeds_that_are_always_the_same(seed: int) -> None:
    asyncio.run(compare(seed, answered))


@pytest.mark.parametrize("seed", range(0, 40, 3))
@left_behind
def test_the_data_is_the_same_in_small_pieces(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Which errors below a null are told, and in which order, depends on what comes first."""

    def paced(*arguments: Any) -> Any:
        return compiled_at_once(*arguments, pace=Pace(slice=30, most_flying=2))

    def data(result: graphql.ExecutionResult, trace: list[str]) -> str:
        trace.clear()
        return json.dumps({"result": {"data": result.data}}, default=lambda value: type(value).__name__)

    compiled_at_once: Callable[..., Any] = compiled
    monkeypatch.setitem(globals(), "compiled", paced)
    monkeypatch.setitem(globals(), "answer", data)
    asyncio.run(compare(seed, answered))


@pytest.mark.parametrize("seed", [3, 4, 54, 232, 1003, 1004, 1008, 1009])
@left_behind
def test_leaves_no_coroutine_that_graphql_core_does_not_leave(seed: int) -> None:
    gc.collect()
    gc.freeze()
    gc.disable()  # coroutines that were left are found by the execution that left them, not by a later one
    try:
        asyncio.run(compare(seed, collected))
    finally:
        gc.enable()
        gc.unfreeze()


@pytest.mark.skipif("CITYGATE_FUZZ_SECONDS" not in os.environ, reason="CITYGATE_FUZZ_SECONDS says how long")
@pytest.mark.timeout(0)
@left_behind
def test_for_as_long_as_asked() -> None:
    start = time.monotonic()
    seconds = float(os.environ["CITYGATE_FUZZ_SECONDS"])
    seed, executions = int(start * 1000), 0
    while time.monotonic() - start < seconds:
        seed += 1
        executions += asyncio.run(compare(seed, answered))
    gc.collect()  # what graphql-core left behind is found here, and not when the process ends
    print(f"{executions} executions, all equal")

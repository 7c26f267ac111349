"""A cancelled execution leaves nothing running and nothing that was never awaited."""

import asyncio
import gc
import inspect
from typing import Any

import pytest
from graphql import build_schema, parse

from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.particulars import Particulars
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.operation import ReferenceExecutor

SCHEMA = build_schema("""
type Query { slow: Item items: [Item!] failing: Int! failingLater: Int! other: Query }
type Item { name: String next: Item }
""")


class Item:
    """Waits for ever, and notes how it ends."""

    def __init__(self, ended: list[str]) -> None:
        self._ended = ended

    async def name(self, _info: Any) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self._ended.append("name")
            raise
        return "never"

    async def next(self, _info: Any) -> "Item":
        await asyncio.sleep(0)
        return self


class Root:
    """The source of everything."""

    def __init__(self, ended: list[str]) -> None:
        self._ended = ended

    async def slow(self, _info: Any) -> Item:
        return Item(self._ended)

    def items(self, _info: Any) -> list[Any]:
        return [Item(self._ended), self.slow(_info), Item(self._ended)]

    async def other(self, _info: Any) -> "Root":
        return self

    def failing(self, _info: Any) -> int:
        raise ValueError("no")

    async def failingLater(self, _info: Any) -> int:
        await asyncio.sleep(0)
        raise ValueError("no")


async def execution(text: str, ended: list[str]) -> Any:
    executor = CompiledExecutor(ReferenceExecutor(), Settings(sightings=1))
    run = executor.build(SCHEMA, parse(text), {}, None, Particulars(root_value=Root(ended)))
    assert run is not None
    assert not isinstance(run, list)
    result = run.execute_operation()
    return await result if inspect.isawaitable(result) else result


@pytest.mark.parametrize("ticks", range(12))
@pytest.mark.parametrize(
    "text",
    [
        "{ slow { name next { next { name } } } }",
        "{ items { name next { name } } slow { name } }",
        "{ other { other { items { name } slow { name } } } }",
    ],
)
async def test_cancelling_ends_everything(text: str, ticks: int) -> None:
    ended: list[str] = []
    task = asyncio.create_task(execution(text, ended))
    for _ in range(ticks):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if ticks == 11:
        assert ended
    del task
    gc.collect()  # a coroutine that was never awaited would be an error here


async def test_cancelling_ends_siblings_of_an_error_too() -> None:
    ended: list[str] = []
    task = asyncio.create_task(execution("{ slow { name } other { slow { name } failing } }", ended))
    for _ in range(8):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await asyncio.sleep(0)
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert ended == ["name", "name"]


@pytest.mark.parametrize("items", ["slow { name }", "items { name }", "slow { name } items { next { name } }"])
async def test_an_error_ends_its_siblings(items: str) -> None:
    ended: list[str] = []
    async with asyncio.timeout(5):
        result = await execution(f"{{ other {{ {items} failingLater }} }}", ended)
    assert result.data == {"other": None}
    assert asyncio.all_tasks() == {asyncio.current_task()}, "a sibling still runs"
    assert ended


def test_an_answer_without_waiting_needs_no_loop() -> None:
    with pytest.raises(StopIteration) as stopped:
        execution("{ failing }", []).send(None)
    assert stopped.value.value.data is None

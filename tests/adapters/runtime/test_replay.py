"""An order that comes again with its reference is not carried out again."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from adapters.contract.errors import Ambiguous, Rejected, Unavailable
from adapters.contract.operations import Kind, Operation
from adapters.runtime.call import Calls
from adapters.runtime.store import open_store
from tests.adapters.runtime.conftest import calls_over
from tests.adapters.runtime.notes import Desk, Note, Order, bind, caller

ANN, BEA = caller("ann"), caller("bea")
ORDER = Order(text="x", reference="r")


async def test_the_same_order_again_is_the_same_record(desk: Desk, calls: Calls) -> None:
    first = await calls.write(desk.write(), ANN, ORDER)
    assert await calls.write(desk.write(), ANN, ORDER) == first
    assert desk.orders == [("ann", "x")]


async def test_another_order_under_the_same_reference_is_refused(desk: Desk, calls: Calls) -> None:
    await calls.write(desk.write(), ANN, ORDER)
    with pytest.raises(Rejected) as caught:
        await calls.write(desk.write(), ANN, Order(text="y", reference="r"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.path) == ("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))
    assert (caught.value.department, caught.value.operation) == ("archive", "notes.file")
    assert len(desk.orders) == 1


async def test_two_at_once_are_one_call(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    tasks = [asyncio.create_task(calls.write(desk.write(), ANN, ORDER)) for _ in range(4)]
    await desk.begun.acquire()
    desk.gate.set()
    records = await asyncio.gather(*tasks)
    assert records == [records[0]] * 4
    assert len(desk.orders) == 1


async def test_a_repeat_waits_for_the_first_whose_caller_is_gone(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    first = asyncio.create_task(calls.write(desk.write(), ANN, ORDER))
    await desk.begun.acquire()
    first.cancel()
    second = asyncio.create_task(calls.write(desk.write(), ANN, ORDER))
    await asyncio.sleep(0)
    desk.gate.set()
    assert (await second).owner == "ann"
    assert len(desk.orders) == 1


async def test_after_a_failure_the_order_is_sent_again(desk: Desk, calls: Calls) -> None:
    desk.failures = [Unavailable("no")]
    with pytest.raises(Unavailable):
        await calls.write(desk.write(), ANN, ORDER)
    assert (await calls.write(desk.write(), ANN, ORDER)).owner == "ann"
    assert len(desk.orders) == 2


async def test_a_reference_is_a_persons_own_and_an_operations_own(desk: Desk, calls: Calls) -> None:
    await calls.write(desk.write(), ANN, ORDER)
    assert (await calls.write(desk.write(), BEA, ORDER)).owner == "bea"
    assert (await calls.write(desk.write("notes.withdraw"), ANN, ORDER)).version == 2
    assert (await calls.write(bind(desk.write().operation, desk.file, department="other"), ANN, ORDER)).version == 3
    assert desk.orders == [("ann", "x"), ("bea", "x"), ("ann", "x"), ("ann", "x")]


async def test_without_a_reference_every_order_is_its_own(desk: Desk, calls: Calls) -> None:
    for _ in range(2):
        await calls.write(desk.write(), ANN, Order(text="x"))
    assert len(desk.orders) == 2


async def test_an_order_type_without_references_is_sent(desk: Desk, calls: Calls) -> None:
    async def touch(_order: str) -> Note:
        return Note(owner="ann", key="k", locale="en")

    bound = bind(Operation("notes.touch", Kind.WRITE, str, Note, False), touch, writes=True)
    assert (await calls.write(bound, ANN, "plain")).owner == "ann"


async def test_a_repeat_changes_nothing_in_the_cache(desk: Desk, calls: Calls) -> None:
    await calls.write(desk.write(), ANN, ORDER)
    read = desk.read(fresh_for="1m")
    await calls.read(read, ANN, ["x"])
    await calls.write(desk.write(), ANN, ORDER)
    await calls.read(read, ANN, ["x"])
    assert len(desk.calls) == 1


async def test_a_record_of_another_version_is_not_sent_again(desk: Desk) -> None:
    """The order was carried out: only its record is lost to this version."""
    store = open_store("memory://")
    await calls_over(store).write(desk.write(), ANN, ORDER)

    class Other(msgspec.Struct):
        something: int

    write = bind(Operation("notes.file", Kind.WRITE, Order, Other, False), desk.file, writes=True)
    with pytest.raises(Ambiguous):
        await calls_over(store).write(write, ANN, ORDER)
    assert len(desk.orders) == 1

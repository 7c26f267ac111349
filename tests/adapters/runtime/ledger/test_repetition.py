"""An order that comes again with its key is not carried out again, not even after a restart or in another process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from adapters.contract.errors import Ambiguous, NotRecorded, Problem, Rejected, TimedOut, Unreachable
from adapters.contract.operations import Kind, Operation
from adapters.runtime.call import Calls
from adapters.runtime.store import open_store
from tests.adapters.runtime.conftest import calls_over
from tests.adapters.runtime.notes import Desk, Note, Order, bind, caller

ANN, BEA, NOBODY = caller("ann"), caller("bea"), caller(None)
ORDER = Order(text="x", reference="r")


@pytest.fixture
async def restarted(tmp_path: Path) -> AsyncIterator[Calls]:
    """Another process with the ledger of `calls`."""
    store = open_store("memory://")
    async with calls_over(store, tmp_path) as calls:
        yield calls
    await store.aclose()


async def test_the_same_order_again_is_the_same_record(desk: Desk, calls: Calls, restarted: Calls) -> None:
    first = await calls.write(desk.write(), ANN, ORDER)
    assert await calls.write(desk.write(), ANN, ORDER) == first
    assert await restarted.write(desk.write(), ANN, ORDER) == first
    assert desk.orders == [("ann", "x")]


async def test_another_order_under_the_same_key_is_refused(desk: Desk, calls: Calls, restarted: Calls) -> None:
    await calls.write(desk.write(), ANN, ORDER)
    for each in (calls, restarted):
        with pytest.raises(Rejected) as caught:
            await each.write(desk.write(), ANN, Order(text="y", reference="r"))
        (problem,) = caught.value.problems
        assert (problem.code, problem.path) == ("IDEMPOTENCY_KEY_REUSED", ("idempotencyKey",))
        assert (caught.value.department, caught.value.operation) == ("archive", "notes.file")
    assert len(desk.orders) == 1


async def test_a_refusal_is_the_outcome_too(desk: Desk, calls: Calls, restarted: Calls) -> None:
    desk.failures = [Rejected("no", problems=(Problem("TAKEN", "Somebody was faster.", ("slot",)),))]
    found = []
    for each in (calls, calls, restarted):
        with pytest.raises(Rejected) as caught:
            await each.write(desk.write(), ANN, ORDER)
        found.append((caught.value.problems, caught.value.department))
    assert found == [((Problem("TAKEN", "Somebody was faster.", ("slot",)),), "archive")] * 3
    assert len(desk.orders) == 1


async def test_two_at_once_are_one_call(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    tasks = [asyncio.create_task(calls.write(desk.write(), ANN, ORDER)) for _ in range(4)]
    await desk.begun.acquire()
    await asyncio.sleep(0.05)
    desk.gate.set()
    records = await asyncio.gather(*tasks)
    assert records == [records[0]] * 4
    assert len(desk.orders) == 1


async def test_two_processes_at_once_are_one_call(desk: Desk, calls: Calls, restarted: Calls) -> None:
    desk.gate.clear()
    first = asyncio.create_task(calls.write(desk.write(), ANN, ORDER))
    await desk.begun.acquire()
    second = asyncio.create_task(restarted.write(desk.write(), ANN, ORDER))
    await asyncio.sleep(0.05)
    desk.gate.set()
    assert await first == await second
    assert len(desk.orders) == 1


async def test_whose_time_is_up_is_told_so_and_the_order_goes_on(desk: Desk, calls: Calls, restarted: Calls) -> None:
    desk.gate.clear()
    first = asyncio.create_task(calls.write(desk.write(idempotent_by="our_reference"), ANN, ORDER))
    await desk.begun.acquire()
    for each in (calls, restarted):
        soon = asyncio.get_running_loop().time() + 0.1
        with pytest.raises(TimedOut) as caught:
            await each.write(desk.write(idempotent_by="our_reference"), caller("ann", deadline=soon), ORDER)
        assert caught.value.department == "archive"
    desk.gate.set()
    assert (await first).owner == "ann"


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


async def test_what_was_certainly_not_done_is_done_when_the_person_asks_again(desk: Desk, calls: Calls) -> None:
    desk.failures = [Unreachable("no")]
    with pytest.raises(Unreachable):
        await calls.write(desk.write(), ANN, ORDER)
    assert (await calls.write(desk.write(), ANN, ORDER)).owner == "ann"
    assert len(desk.orders) == 2


async def test_a_key_is_a_persons_own_and_an_operations_own(desk: Desk, calls: Calls) -> None:
    await calls.write(desk.write(), ANN, ORDER)
    assert (await calls.write(desk.write(), BEA, ORDER)).owner == "bea", "another person's record"
    assert (await calls.write(desk.write("notes.withdraw"), ANN, ORDER)).version == 2
    assert (await calls.write(bind(desk.write().operation, desk.file, department="other"), ANN, ORDER)).version == 3
    assert desk.orders == [("ann", "x"), ("bea", "x"), ("ann", "x"), ("ann", "x")]


async def test_nobodys_key_is_the_orders_own(desk: Desk, calls: Calls) -> None:
    """Two who are not known may choose the same key: neither is told what the other ordered, or that they did."""
    for text in ("x", "y", "x"):
        record = await calls.write(desk.write(), NOBODY, Order(text=text, reference="1"))
        assert record.key == text
    assert desk.orders == [(None, "x"), (None, "y")]


async def test_the_department_is_told_our_reference_and_not_the_clients_key(calls: Calls) -> None:
    told = []

    async def file(order: Order) -> Note:
        told.append(order.reference)
        return Note(owner="ann", key="k", locale="en")

    bound = bind(Operation("notes.file", Kind.WRITE, Order, Note, False), file, writes=True)
    for order in (ORDER, Order(text="x")):
        write = calls.write(bound, ANN, order)
        await write
        assert write.filing is not None
        assert told[-1] == write.filing.id
    assert len({*told, "r"}) == 3


async def test_without_a_key_every_order_is_its_own(desk: Desk, calls: Calls) -> None:
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


async def test_a_record_of_another_version_is_not_sent_again(desk: Desk, calls: Calls, restarted: Calls) -> None:
    """The order was carried out: only its record is lost to this version."""
    await calls.write(desk.write(), ANN, ORDER)

    class Other(msgspec.Struct):
        something: int

    write = bind(Operation("notes.file", Kind.WRITE, Order, Other, False), desk.file, writes=True)
    with pytest.raises(Ambiguous):
        await restarted.write(write, ANN, ORDER)
    assert len(desk.orders) == 1


async def test_without_a_ledger_nothing_is_sent(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"something else" * 1000)
    (tmp_path / "ledger.db.key").write_text("a key of sixteen characters and more")
    store = open_store("memory://")
    with pytest.raises(NotRecorded) as caught:
        async with calls_over(store, tmp_path) as calls:
            await calls.write(desk.write(), ANN, ORDER)
    assert (caught.value.department, caught.value.retryable) == ("archive", True)
    assert desk.orders == []
    await store.aclose()

"""From an order to its outcome: what is recorded when, what follows from which failure, and who finishes it."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from adapters.contract.errors import (
    AdapterError,
    Ambiguous,
    BadReply,
    Interrupted,
    Maintenance,
    NotFound,
    NotOffered,
    NotRecorded,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from adapters.contract.filings import FilingStatus, WithoutRecord
from adapters.contract.operations import Kind, Operation, Seen, SeenBy
from adapters.contract.policy import CallPolicy, Closure
from adapters.contract.transport import current_call
from adapters.runtime.bound import Bound
from adapters.runtime.ledger import LedgerUnavailable, Patience, Worker
from adapters.runtime.ledger.contract import Entry, State
from adapters.runtime.ledger.papers import Ordered, Papers
from tests.adapters.runtime.ledger.conftest import KEEP, Process, Starts
from tests.adapters.runtime.ledger.inline import Clock, Inline
from tests.adapters.runtime.notes import PATIENT, Desk, Note, Order, bind, caller, fault

ANN = caller("ann")
ORDER = Order(text="x", reference="r")
DEFERRABLE: dict[str, Any] = {"deferrable": True, "idempotent_by": "our_reference"}
UNKNOWN = [Unavailable("HTTP 500"), Interrupted("broke"), TimedOut("HTTP 504"), BadReply("junk"), KeyError("a fault")]
UNDONE = [Unreachable("no"), QuotaExceeded("no"), Maintenance("no"), Unauthorised("no"), NotOffered("no")]


async def entries(process: Process) -> list[Entry]:
    return list(await process.engine.listed(list(State), 100))


async def only(process: Process) -> Entry:
    (entry,) = await entries(process)
    return entry


async def test_an_order_is_in_the_ledger_before_it_is_sent(desk: Desk, start: Starts) -> None:
    process, seen = start(), []

    async def file(order: Order) -> Note:
        seen.append((await process.engine.get(order.reference or ""), order))
        return await desk.file(order)

    await process.calls.write(bind(desk.write().operation, file, writes=True), ANN, ORDER)
    ((entry, order),) = seen
    assert entry is not None, "it was sent before it was recorded"
    assert (entry.state, entry.reference) == (State.SENDING, order.reference)


async def test_its_outcome_is_in_the_ledger_before_the_answer_leaves(desk: Desk, start: Starts) -> None:
    process = start()
    await process.calls.write(desk.write(), ANN, ORDER)
    entry = await only(process)
    assert (entry.state, entry.due, entry.holder, entry.order) == (State.DELIVERED, None, None, None)


async def test_an_order_outlives_its_caller(desk: Desk, start: Starts) -> None:
    process = start()
    desk.gate.clear()
    gone = asyncio.create_task(process.calls.write(desk.write(timeout="1m"), ANN, ORDER))
    await desk.begun.acquire()
    gone.cancel()
    with pytest.raises(asyncio.CancelledError):
        await gone
    closing = asyncio.create_task(process.ledger.aclose())
    await asyncio.sleep(0)
    assert not closing.done(), "an order that is under way is waited for"
    desk.gate.set()
    await closing
    assert desk.versions["ann"] == 1
    assert (await only(process)).state is State.DELIVERED


@pytest.mark.parametrize("failure", UNKNOWN, ids=lambda one: type(one).__name__)
@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("known", [None, "our_reference"])
async def test_what_may_have_happened_is_not_called_undone(
    desk: Desk, start: Starts, failure: Exception, known: str | None, keyed: bool
) -> None:
    desk.failures = [failure]
    order = Order(text="x", reference="r" if keyed else None)
    process = start()
    with pytest.raises(Exception) as caught:
        await process.calls.write(desk.write(idempotent_by=known), ANN, order)
    if isinstance(failure, AdapterError):
        repeatable = known and keyed and failure.retryable
        kind = type(failure).__name__ if repeatable else "Ambiguous"
        assert fault(caught.value) == (kind, "archive", "notes.file")  # type: ignore[arg-type]
    else:
        assert caught.value is failure, "a fault of ours is nobody else's"
    assert (await only(process)).state is (State.UNKNOWN if known else State.DESK)


@pytest.mark.parametrize("failure", UNDONE, ids=lambda one: type(one).__name__)
async def test_what_certainly_did_not_happen_is_the_callers_to_repeat(
    desk: Desk, start: Starts, failure: AdapterError
) -> None:
    desk.failures = [failure]
    process = start()
    with pytest.raises(type(failure)):
        await process.calls.write(desk.write(), ANN, ORDER)
    assert (await only(process)).state is State.DROPPED
    assert (await process.calls.write(desk.write(), ANN, ORDER)).owner == "ann"
    assert (await only(process)).state is State.DELIVERED


@pytest.mark.parametrize("failure", [Rejected("no"), NotFound("no")])
async def test_a_refusal_ends_it(desk: Desk, start: Starts, failure: AdapterError) -> None:
    desk.failures = [failure]
    process = start()
    write = process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    with pytest.raises(type(failure)):
        await write
    assert write.filing is not None
    assert write.filing.status is FilingStatus.REFUSED
    assert (await only(process)).state is State.REFUSED


async def test_the_departments_time_is_bounded(desk: Desk, start: Starts) -> None:
    desk.gate.clear()
    with pytest.raises(Ambiguous) as caught:
        await start().calls.write(desk.write(timeout="10ms"), ANN, ORDER)
    assert "within 0.01 s; the outcome is unknown" in str(caught.value)


async def test_without_a_ledger_nothing_is_sent(desk: Desk, start: Starts, connections: Inline) -> None:
    connections.away = 2
    process = start()
    with pytest.raises(NotRecorded):
        await process.calls.write(desk.write(), ANN, ORDER)
    with_luck = await process.calls.write(desk.write(), ANN, ORDER)
    assert (desk.orders, with_luck.owner) == ([("ann", "x")], "ann")


async def test_an_outcome_that_cannot_be_recorded_is_found_out_again(
    desk: Desk, start: Starts, connections: Inline, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.runtime.ledger.delivery.WRITE_AGAIN", (0.0,))
    bound = desk.write(**DEFERRABLE)
    process = start(bound)

    async def file(order: Order) -> Note:
        connections.away = 2
        return await desk.file(order)

    with pytest.raises(WithoutRecord) as caught:
        await process.calls.write(bind(bound.operation, file, writes=True, **DEFERRABLE), ANN, ORDER)
    assert caught.value.filing.status is FilingStatus.PENDING, "nobody hears of what is not written down"
    process.ledger.deliveries.bounds[bound.operation.name] = bound
    clock.time += 60
    assert await process.turn() == 1
    assert (await only(process)).state is State.DELIVERED


@pytest.mark.parametrize("failure", [*UNKNOWN, *UNDONE], ids=lambda one: type(one).__name__)
async def test_what_can_wait_is_pending_and_delivered_later(
    desk: Desk, start: Starts, clock: Clock, failure: Exception
) -> None:
    desk.failures = [failure]
    process = start(desk.write(**DEFERRABLE))
    with pytest.raises(WithoutRecord) as caught:
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    filing = caught.value.filing
    assert (filing.status, filing.department, filing.operation) == (FilingStatus.PENDING, "archive", "notes.file")
    assert filing.next_attempt_at == datetime.fromtimestamp(clock.time + 1, UTC)
    assert await process.turn() == 0, "it is not due yet"
    clock.time += 1
    assert await process.turn() == 1
    (delivered,) = await process.calls.filings(ANN)
    assert (delivered.id, delivered.status) == (filing.id, FilingStatus.DELIVERED)
    record = await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    assert (record.owner, len(desk.orders)) == ("ann", 2)


async def test_a_repetition_while_it_waits_asks_nobody(desk: Desk, start: Starts) -> None:
    desk.failures = [Unreachable("no")]
    process = start(desk.write(**DEFERRABLE))
    for _ in range(3):
        with pytest.raises(WithoutRecord):
            await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    assert len(desk.orders) == 1


async def test_a_department_is_not_asked_before_it_wants_to_be(desk: Desk, start: Starts, clock: Clock) -> None:
    desk.failures = [QuotaExceeded("no", retry_after=600)]
    process = start(desk.write(**DEFERRABLE))
    with pytest.raises(WithoutRecord):
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    clock.time += 599
    assert await process.turn() == 0
    clock.time += 2
    assert await process.turn() == 1
    assert desk.versions["ann"] == 1


async def test_the_calendar_is_asked_before_the_department(desk: Desk, start: Starts, clock: Clock) -> None:
    class Closed:
        opens: datetime | None = datetime.fromtimestamp(clock.time, UTC) + timedelta(hours=2)

        def may_send(self, department: str, now: datetime) -> datetime | None:
            assert department == "archive"
            return self.opens if self.opens and now < self.opens else None

    process = start(desk.write(**DEFERRABLE))
    object.__setattr__(process.ledger.means, "calendar", Closed())
    with pytest.raises(WithoutRecord) as caught:
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    assert caught.value.filing.next_attempt_at is not None
    assert caught.value.filing.next_attempt_at >= Closed.opens  # type: ignore[operator]
    with pytest.raises(Maintenance):
        await process.calls.write(desk.write("notes.other"), ANN, ORDER)
    assert desk.orders == []
    clock.time += 3 * 3600
    await process.turn()
    assert [text for _, text in desk.orders] == ["x"]


async def test_an_order_is_not_sent_past_the_department_s_guard(desk: Desk, start: Starts, clock: Clock) -> None:
    process = start(desk.write(**DEFERRABLE))
    closed = Closure(start=datetime(2001, 1, 1, tzinfo=UTC), until=datetime(2101, 1, 1, tzinfo=UTC))
    process.ledger.means.guards.configure({"archive": CallPolicy(maintenance=(closed,))})
    with pytest.raises(WithoutRecord):
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    assert desk.orders == []
    process.ledger.means.guards.configure({"archive": PATIENT})
    clock.time += 2 * 86400
    await process.turn()
    assert [text for _, text in desk.orders] == ["x"]


async def test_attempts_are_bounded_and_then_a_human_looks(desk: Desk, start: Starts, clock: Clock) -> None:
    desk.failures = [Unreachable("no") for _ in range(3)]
    process = start(desk.write(**DEFERRABLE), patience=Patience(attempts=3, jitter=lambda: 0.0))
    with pytest.raises(WithoutRecord):
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    for wait in (1, 2):
        clock.time += wait - 0.5
        assert await process.turn() == 0
        clock.time += 0.5
        assert await process.turn() == 1
    entry = await only(process)
    assert (entry.state, entry.attempts, entry.trouble, entry.due) == (State.DESK, 3, "ARC_UNAVAILABLE", None)
    with pytest.raises(WithoutRecord) as caught:
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    assert caught.value.filing.status is FilingStatus.NEEDS_ATTENTION
    assert len(desk.orders) == 3


async def test_an_announced_closure_counts_no_attempt_but_time(desk: Desk, start: Starts, clock: Clock) -> None:
    desk.failures = [Maintenance("closed") for _ in range(30)]
    patience = Patience(attempts=3, give_up_after=100.0, jitter=lambda: 0.0)
    process = start(desk.write(**DEFERRABLE), patience=patience)
    with pytest.raises(WithoutRecord):
        await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    for _ in range(10):
        clock.time += 5
        await process.turn()
    assert (await only(process)).state is State.READY
    clock.time += 60
    await process.turn()
    assert (await only(process)).state is State.DESK


# What a process leaves when it dies.


async def left_behind(desk: Desk, start: Starts, bound: Bound, order: Order = ORDER) -> None:
    """An order whose process died after the department had it."""
    dying = start()

    async def file(order: Order) -> Note:
        await desk.file(order)
        await asyncio.get_running_loop().create_future()
        raise AssertionError

    task = asyncio.create_task(dying.calls.write(bind(bound.operation, file, **provided(bound)), ANN, order))
    await desk.begun.acquire()
    for _ in range(3):
        await asyncio.sleep(0)
    task.cancel()
    for running in dying.ledger._running.values():  # as SIGKILL does: nothing of it goes on
        running.cancel()
    await asyncio.sleep(0)


def provided(bound: Bound) -> dict[str, Any]:
    return {name: value for name, value in msgspec.to_builtins(bound.provided).items() if value is not None}


async def test_what_a_dead_process_left_is_finished(desk: Desk, start: Starts, clock: Clock) -> None:
    bound = desk.write(**DEFERRABLE)
    await left_behind(desk, start, bound)
    other = start(bound)
    assert await other.turn() == 0, "the lease has not ended"
    assert (await only(other)).state is State.SENDING
    clock.time += 60
    assert await other.turn() == 1
    assert (await only(other)).state is State.DELIVERED
    assert (await other.calls.write(bound, ANN, ORDER)).owner == "ann"
    assert desk.orders == [("ann", "x")] * 2, "sent again, with the same reference"


class Shelf:
    """A department without references; what it has can be read."""

    def __init__(self) -> None:
        self.notes: list[Note] = []
        self.reads = 0
        self.failures: list[Exception] = []

    async def file(self, order: Order) -> Note:
        if self.failures and isinstance(self.failures[0], Unreachable):
            raise self.failures.pop(0)
        note = Note(owner="ann", key=order.text, locale="en")
        self.notes.append(note)
        if self.failures:
            raise self.failures.pop(0)
        return note

    async def of_person(self, keys: Any) -> Any:
        self.reads += 1
        if self.failures:
            raise self.failures.pop(0)
        return {key: tuple(self.notes) for key in keys}

    def bounds(self, **more: Any) -> tuple[Bound, Bound]:
        seen_by = SeenBy(key=lambda _order: "ann", find=_find)
        write = Operation("notes.file", Kind.WRITE, Order, Note, False, seen_by)
        read = Operation("notes.of_person", Kind.READ, str, tuple[Note, ...], False)
        return (
            bind(write, self.file, writes=True, read_back="notes.of_person", **more),
            bind(read, self.of_person),
        )


def _find(order: Order, notes: tuple[Note, ...] | None) -> Seen | None:
    return next((Seen(note) for note in notes or () if note.key == order.text), None)


async def test_the_department_is_asked_before_anything_is_sent_again(start: Starts, clock: Clock) -> None:
    shelf = Shelf()
    shelf.failures = [Interrupted("the answer was lost")]
    bound, read = shelf.bounds(deferrable=True)
    process = start(bound, read)
    with pytest.raises(WithoutRecord):
        await process.calls.write(bound, ANN, ORDER)
    clock.time += 2
    await process.turn()
    assert (len(shelf.notes), shelf.reads) == (1, 1)
    assert (await process.calls.write(bound, ANN, ORDER)).key == "x"


@pytest.mark.parametrize("deferrable", [True, False])
async def test_what_the_department_does_not_have_is_sent_if_it_still_may_be(
    start: Starts, clock: Clock, deferrable: bool
) -> None:
    shelf = Shelf()
    bound, read = shelf.bounds(deferrable=deferrable)
    process = start(bound, read)

    async def swallowed(_order: Order) -> Note:
        raise Interrupted("nothing arrived")

    with pytest.raises(WithoutRecord if deferrable else Ambiguous):
        await process.calls.write(bind(bound.operation, swallowed, **provided(bound)), ANN, ORDER)
    process.ledger.deliveries.bounds[bound.operation.name] = bound
    clock.time += 2
    await process.turn()
    assert shelf.reads == 1
    assert (await only(process)).state is (State.DELIVERED if deferrable else State.DROPPED)
    assert len(shelf.notes) == deferrable
    assert (await process.calls.write(bound, ANN, ORDER)).key == "x", "asked again, it is sent"
    assert len(shelf.notes) == 1


async def test_who_asks_again_has_the_department_asked_first(start: Starts) -> None:
    shelf = Shelf()
    shelf.failures = [Interrupted("the answer was lost")]
    bound, read = shelf.bounds()
    process = start(bound, read)
    with pytest.raises(Ambiguous):
        await process.calls.write(bound, ANN, ORDER)
    assert (await process.calls.write(bound, ANN, ORDER)).key == "x"
    assert (len(shelf.notes), shelf.reads) == (1, 1)


@pytest.mark.parametrize("failure", [Unreachable("no"), Rejected("no"), Ambiguous("the list does not tell")])
async def test_a_failure_to_look_settles_nothing(start: Starts, clock: Clock, failure: Exception) -> None:
    shelf = Shelf()
    shelf.failures = [Interrupted("the answer was lost")]
    bound, read = shelf.bounds(deferrable=True)
    process = start(bound, read)
    with pytest.raises(WithoutRecord):
        await process.calls.write(bound, ANN, ORDER)
    shelf.failures = [failure]
    clock.time += 2
    await process.turn()
    assert (await only(process)).state is State.UNKNOWN
    clock.time += 10
    await process.turn()
    assert (await only(process)).state is State.DELIVERED
    assert len(shelf.notes) == 1


async def test_an_outcome_that_lapses_needs_no_human(desk: Desk, start: Starts, clock: Clock) -> None:
    bound = desk.write(lapses_after="30m")
    desk.failures = [Interrupted("the answer was lost")]
    process = start(bound)
    for _ in range(2):
        with pytest.raises(Ambiguous):
            await process.calls.write(bound, ANN, ORDER)
    assert len(desk.orders) == 1, "it may be with the department: it is not sent again"
    clock.time += 1800
    await process.turn()
    assert (await only(process)).state is State.DROPPED
    assert (await process.calls.write(bound, ANN, ORDER)).owner == "ann"


async def test_an_order_that_nobody_can_settle_goes_to_the_desk(desk: Desk, start: Starts, clock: Clock) -> None:
    await left_behind(desk, start, desk.write())
    other = start(desk.write())
    clock.time += 60
    await other.turn()
    assert (await only(other)).state is State.DESK
    with pytest.raises(Ambiguous):
        await other.calls.write(desk.write(), ANN, ORDER)
    assert len(desk.orders) == 1


async def test_an_order_whose_department_is_gone_waits_for_it(desk: Desk, start: Starts, clock: Clock) -> None:
    desk.failures = [Unreachable("no")]
    with pytest.raises(WithoutRecord):
        await start().calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    clock.time += 2
    without = start()
    assert await without.turn() == 1
    assert (await only(without)).trouble == "NOT_OFFERED"
    clock.time += 61
    await start(desk.write(**DEFERRABLE)).turn()
    assert (await only(without)).state is State.DELIVERED


async def test_nothing_personal_lies_open(desk: Desk, start: Starts, connections: Inline) -> None:
    process = start()
    desk.failures = [Unreachable("no")]
    secret = Order(text="secret-text", reference="secret-key")
    for bound in (desk.write(**DEFERRABLE), desk.write("notes.other")):
        with contextlib.suppress(WithoutRecord):
            await process.calls.write(bound, caller("secret-person"), secret)
    kept = "\n".join(connections.connection.iterdump())
    assert len(await entries(process)) == 2
    for word in ("secret-text", "secret-key", "secret-person"):
        assert word not in kept
        assert word.encode().hex().upper() not in kept


async def test_an_anonymous_order_is_in_nobodys_list(start: Starts, monkeypatch: pytest.MonkeyPatch) -> None:
    class Tip(msgspec.Struct, frozen=True):
        person: str | None
        reference: str | None = None

    subjects = []

    async def file(_order: Tip) -> Note:
        subjects.append(current_call().subject)
        return Note(owner=None, key="k", locale="en")

    bound = bind(Operation("tips.file", Kind.WRITE, Tip, Note, False), file, writes=True)
    process = start(bound)

    def seal(_papers: Papers, _reference: str, ordered: Ordered) -> bytes:
        subjects.append(ordered.whose.subject)
        return b""

    monkeypatch.setattr(Papers, "seal_order", seal)
    await process.calls.write(bound, ANN, Tip(None))
    await process.calls.write(bound, ANN, Tip("ann"))
    assert subjects == [None, None, "ann", "ann"], "sealed, and told the department"
    assert len(await entries(process)) == 2
    assert len(await process.calls.filings(ANN)) == 1
    assert await process.calls.filings(caller("bea")) == ()


async def test_what_has_ended_is_deleted_after_a_while(desk: Desk, start: Starts, clock: Clock) -> None:
    process = start(desk.write(**DEFERRABLE))
    await process.calls.write(desk.write(**DEFERRABLE), ANN, ORDER)
    desk.failures = [Unreachable("no")]
    with pytest.raises(WithoutRecord):
        await process.calls.write(desk.write(**DEFERRABLE), ANN, Order(text="y"))
    assert await process.engine.purge(clock.time - 1) == 0
    assert await process.engine.purge(clock.time + 1) == 1
    assert (await only(process)).state is State.READY


async def test_the_worker_goes_on_whatever_happens(
    desk: Desk, start: Starts, connections: Inline, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = desk.write(**DEFERRABLE)
    process = start(bound)
    desk.failures = [Unreachable("no")]
    with pytest.raises(WithoutRecord):
        await process.calls.write(bound, ANN, ORDER)
    clock.time += 2
    worker = Worker(process.ledger.deliveries, keep=KEEP, poll=0.001)
    failures: list[Exception] = [LedgerUnavailable("away"), RuntimeError("a fault")]
    claim = process.engine.claim

    async def failing(holder: str, until: float, limit: int) -> Any:
        if failures:
            raise failures.pop(0)
        return await claim(holder, until, limit)

    monkeypatch.setattr(process.engine, "claim", failing)
    worker.start()
    worker.start()
    async with asyncio.timeout(5):
        await desk.begun.acquire()
        await desk.begun.acquire()
    await worker.aclose()
    assert (await only(process)).state is State.DELIVERED, "closing waits for what was begun"
    assert failures == []

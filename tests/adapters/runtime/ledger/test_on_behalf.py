"""What is ordered for somebody else is theirs: delivered for them by who gave it, and seen by those who may."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from adapters.contract.city import Caller
from adapters.contract.errors import Interrupted, Unreachable
from adapters.contract.filings import FilingStatus, WithoutRecord
from adapters.contract.operations import Kind, Operation, Seen, SeenBy
from adapters.contract.transport import current_call
from adapters.runtime.bound import Bound
from adapters.runtime.ledger import Desk
from adapters.runtime.ledger.contract import Entry, State
from tests.adapters.runtime.ledger.conftest import Process, Starts
from tests.adapters.runtime.ledger.inline import Clock, Inline
from tests.adapters.runtime.notes import Note, bind, caller
from tests.adapters.runtime.notes import acting as acting_for

SHOP, ANN = caller("shop"), caller("ann")
ANN_FOR_SHOP, BEA_FOR_SHOP = acting_for("ann", "shop"), acting_for("bea", "shop")
OTHERWISE_FOR_SHOP = acting_for("ann", "shop", "issuer")
ANN_FOR_CLUB = acting_for("ann", "club")


class Return(msgspec.Struct, frozen=True):
    """An order that says whose it is, where it is anybody's."""

    person: str | None
    text: str = "x"
    reference: str | None = None


class Office:
    """Notes for whom and by whom it is asked; an answer is lost, or nothing is taken, as often as is said."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str | None, str | None]] = []
        self.notes: list[Note] = []
        self.lost = self.away = 0

    async def file(self, order: Return) -> Note:
        if self.away:
            self.away -= 1
            raise Unreachable("no")
        note = Note(owner=order.person, key=order.text, locale="en", version=len(self.notes))
        self._note()
        self.notes.append(note)
        if self.lost:
            self.lost -= 1
            raise Interrupted("the answer was lost")
        return note

    async def of_person(self, keys: Any) -> Any:
        self._note()
        return {key: tuple(note for note in self.notes if note.owner == key) for key in keys}

    def _note(self) -> None:
        info = current_call()
        self.calls.append((info.operation, info.subject, info.actor))

    def bounds(self) -> tuple[Bound, Bound]:
        write = Operation("notes.file", Kind.WRITE, Return, Note, False, SeenBy(key=_person, find=_find))
        read = Operation("notes.of_person", Kind.READ, str, tuple[Note, ...], False)
        offer: dict[str, Any] = {"writes": True, "read_back": "notes.of_person", "deferrable": True}
        return bind(write, self.file, **offer), bind(read, self.of_person)


def _person(order: Return) -> str:
    return order.person or ""


def _find(order: Return, notes: tuple[Note, ...] | None) -> Seen | None:
    return next((Seen(note) for note in notes or () if note.key == order.text), None)


@pytest.fixture
def office() -> Office:
    return Office()


async def given(process: Process, bound: Bound, who: Caller, **more: Any) -> Any:
    """The record, or None when there is none yet."""
    try:
        return await process.calls.write(bound, who, Return(who.subject, **more))
    except WithoutRecord:
        return None


async def entries(process: Process) -> list[Entry]:
    return list(await process.engine.listed(list(State), 100))


async def test_it_is_delivered_for_whom_it_is_by_who_gave_it(office: Office, start: Starts) -> None:
    bound, read = office.bounds()
    await given(start(bound, read), bound, ANN_FOR_SHOP)
    await given(start(bound, read), bound, SHOP)
    assert office.calls == [("notes.file", "shop", "ann"), ("notes.file", "shop", None)]


async def test_it_is_delivered_later_as_it_was_given(office: Office, start: Starts, clock: Clock) -> None:
    """By another process, which knows it from the ledger alone; and so is the question whether it was carried out."""
    bound, read = office.bounds()
    office.away, office.lost = 1, 1
    assert await given(start(bound, read), bound, ANN_FOR_SHOP) is None
    other = start(bound, read)
    for _ in range(2):
        clock.time += 120
        assert await other.turn() == 1
    (filing,) = await other.calls.filings(SHOP)
    assert filing.status is FilingStatus.DELIVERED
    assert office.calls == [("notes.file", "shop", "ann"), ("notes.of_person", "shop", "ann")]
    assert len(office.notes) == 1


async def test_who_sees_it(office: Office, start: Starts, clock: Clock) -> None:
    bound, read = office.bounds()
    process = start(bound, read)
    for who in (ANN_FOR_SHOP, SHOP, OTHERWISE_FOR_SHOP, ANN):
        await given(process, bound, who)
        clock.time += 1
    seen = {
        "the person sees all of their own": (SHOP, ["ann", None, "ann"]),
        "who acts on the same ground sees what was given on it": (ANN_FOR_SHOP, ["ann"]),
        "another who acts on the same ground, too": (BEA_FOR_SHOP, ["ann"]),
        "who acts on another ground does not": (OTHERWISE_FOR_SHOP, ["ann"]),
        "the actor's own are apart": (ANN, [None]),
        "for somebody else there is nothing": (ANN_FOR_CLUB, []),
        "a stranger sees nothing": (caller("bea"), []),
        "nor does who only acts": (acting_for("shop", "bea"), []),
    }
    for what, (who, actors) in seen.items():
        found = await process.calls.filings(who)
        assert [one.actor for one in reversed(found)] == actors, what
    (same,), (other,) = await process.calls.filings(BEA_FOR_SHOP), await process.calls.filings(OTHERWISE_FOR_SHOP)
    assert same.id != other.id
    with pytest.raises(PermissionError):
        await process.calls.filings(caller(None))


async def test_a_key_belongs_to_who_chose_it(office: Office, start: Starts) -> None:
    """Nobody is answered with an order that they may not see, whatever key they think of."""
    bound, read = office.bounds()
    process, again = start(bound, read), start(bound, read)
    who = (SHOP, ANN_FOR_SHOP, BEA_FOR_SHOP, OTHERWISE_FOR_SHOP, ANN, ANN_FOR_CLUB)
    first = [await given(process, bound, one, reference="r") for one in who]
    assert [note.version for note in first] == [0, 1, 2, 3, 4, 5], "another's record"
    assert [await given(again, bound, one, reference="r") for one in who] == first
    assert len(office.notes) == len(who)


async def test_nothing_is_recorded_for_somebody_else(office: Office, start: Starts) -> None:
    bound, read = office.bounds()
    process = start(bound, read)
    for person, who in (("ann", ANN_FOR_SHOP), ("shop", ANN), ("shop", ANN_FOR_CLUB), ("bea", BEA_FOR_SHOP)):
        with pytest.raises(PermissionError):
            await process.calls.write(bound, who, Return(person))
    assert (await entries(process), office.calls) == ([], [])


async def test_an_anonymous_order_names_nobody_who_gave_it(office: Office, start: Starts) -> None:
    bound, read = office.bounds()
    process = start(bound, read)
    await process.calls.write(bound, ANN_FOR_SHOP, Return(None))
    (entry,) = await entries(process)
    assert (entry.owner, entry.basis, entry.actor) == (None, None, None)
    assert office.calls == [("notes.file", None, None)]
    for who in (SHOP, ANN, ANN_FOR_SHOP):
        assert await process.calls.filings(who) == ()


async def test_who_gave_it_is_sealed_and_the_desk_is_told(office: Office, start: Starts, connections: Inline) -> None:
    bound, read = office.bounds()
    process, office.away = start(bound, read), 1
    await given(process, bound, acting_for("secret-actor", "secret-person"))
    kept = "\n".join(connections.connection.iterdump())
    for word in ("secret-actor", "secret-person"):
        assert word not in kept
        assert word.encode().hex().upper() not in kept
    (entry,) = await entries(process)
    shown = await Desk(process.engine, process.ledger.means.papers).order_of(entry.reference)
    assert (shown["subject"], shown["actor"], shown["basis"]) == ("secret-person", "secret-actor", "officer")


async def test_who_gave_it_cannot_be_moved_to_another_order(office: Office, start: Starts) -> None:
    bound, read = office.bounds()
    process = start(bound, read)
    await given(process, bound, ANN_FOR_SHOP)
    await given(process, bound, BEA_FOR_SHOP)
    one, two = await entries(process)
    moved = process.ledger.means.papers.filing(msgspec.structs.replace(one, actor=two.actor))
    assert moved.actor is None

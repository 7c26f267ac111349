"""The policy of one call: what is asked, what is kept, what fails how, and what a write changes."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.contract.city import Caller
from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotFound,
    QuotaExceeded,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
    Unreachable,
)
from adapters.contract.records import source_of
from adapters.contract.transport import CallInfo, current_call
from adapters.runtime.cache import LONG, Decoded
from adapters.runtime.call import Calls
from adapters.runtime.store import StoreUnavailable
from tests.adapters.runtime.conftest import calls_over
from tests.adapters.runtime.notes import Desk, Order, bind, caller, fault

ANN, BEA = caller("ann"), caller("bea")
ERRORS = (
    Unavailable,
    Unreachable,
    Interrupted,
    TimedOut,
    QuotaExceeded,
    Maintenance,
    Rejected,
    NotFound,
    Unauthorised,
    BadReply,
)


async def test_identical_reads_at_the_same_time_are_one_call(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    tasks = [asyncio.create_task(calls.read(desk.read(), ANN, ["x"])) for _ in range(4)]
    await desk.begun.acquire()
    desk.gate.set()
    answers = await asyncio.gather(*tasks)
    assert desk.calls == [("ann", ("x",))]
    assert all(answer["x"].owner == "ann" for answer in answers)


async def test_two_people_share_nothing(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    desk.gate.clear()
    tasks = [asyncio.create_task(calls.read(read, who, ["x"])) for who in (ANN, BEA)]
    await desk.begun.acquire()
    await desk.begun.acquire()
    desk.gate.set()
    ann, bea = await asyncio.gather(*tasks)
    assert (ann["x"].owner, bea["x"].owner) == ("ann", "bea")
    again = await calls.read(read, BEA, ["x"])
    assert (again["x"].owner, source_of(again, "x").cached) == ("bea", True)  # type: ignore[union-attr]


async def test_public_answers_are_shared_and_carry_no_person(desk: Desk, calls: Calls) -> None:
    read = desk.read(personal="public", fresh_for="1m")
    for who in (ANN, BEA, caller(None)):
        assert (await calls.read(read, who, ["x"]))["x"].owner is None
    assert desk.calls == [(None, ("x",))]


async def test_nobody_reads_what_is_personal(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    await calls.read(read, ANN, ["x"])
    with pytest.raises(PermissionError):
        await calls.read(read, caller(None), ["x"])
    assert desk.calls == [("ann", ("x",))]


async def test_only_what_is_neither_kept_nor_under_way_is_asked(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    await calls.read(read, ANN, ["kept"])
    desk.gate.clear()
    first = asyncio.create_task(calls.read(read, ANN, ["flying"]))
    for _ in range(2):
        await desk.begun.acquire()
    second = asyncio.create_task(calls.read(read, ANN, ["kept", "flying", "new", "new"]))
    await desk.begun.acquire()
    desk.gate.set()
    assert set(await second) == {"kept", "flying", "new"}
    assert set(await first) == {"flying"}
    assert [keys for _, keys in desk.calls] == [("kept",), ("flying",), ("new",)]


async def test_no_keys_is_no_call(desk: Desk, calls: Calls) -> None:
    assert await calls.read(desk.read(), ANN, []) == {}
    assert desk.calls == []


async def test_absence_is_kept_as_absence(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    desk.absent = {"gone"}
    for cached in (False, True):
        answer = await calls.read(read, ANN, ["gone", "there"])
        assert set(answer) == {"there"}
        source = source_of(answer, "gone")
        assert source is not None
        assert (source.department, source.cached) == ("archive", cached)
    assert len(desk.calls) == 1


@pytest.mark.parametrize(
    ("personal", "characters", "once"), [("public", LONG, True), ("subject", LONG, False), ("public", 9, False)]
)
async def test_a_long_public_value_is_read_once(
    desk: Desk, calls: Calls, personal: str, characters: int, once: bool
) -> None:
    read, key = desk.read(fresh_for="1m", personal=personal), "x" * characters
    first, second, third = [(await calls.read(read, ANN, [key]))[key] for _ in range(3)]
    assert first == second == third
    assert (second is third) is once
    assert len(desk.calls) == 1


async def test_another_value_under_its_name_is_not_what_was_read() -> None:
    decoded = Decoded(most=2)
    for number in range(3):
        decoded.put(f"n{number}", b"value", number)
    assert [decoded.get(f"n{number}", b"value") for number in range(3)] == [None, 1, 2]
    assert decoded.get("n2", b"other") is None


async def test_an_answer_says_where_it_comes_from(desk: Desk, calls: Calls) -> None:
    before = datetime.now(UTC)
    fresh = source_of(await calls.read(desk.read(fresh_for="1m"), ANN, ["x"]), "x")
    kept = source_of(await calls.read(desk.read(fresh_for="1m"), ANN, ["x"]), "x")
    assert fresh is not None
    assert kept is not None
    assert before <= fresh.as_of <= datetime.now(UTC)
    assert (fresh.cached, kept.cached) == (False, True)
    assert kept.as_of == fresh.as_of


async def test_nothing_is_kept_without_a_time_to_live(desk: Desk, calls: Calls) -> None:
    for _ in range(2):
        answer = await calls.read(desk.read(), ANN, ["x"])
    assert len(desk.calls) == 2
    assert source_of(answer, "x").cached is False  # type: ignore[union-attr]


@pytest.mark.parametrize("localized", [True, False])
async def test_language_tells_answers_apart_where_the_department_speaks_it(
    desk: Desk, calls: Calls, localized: bool
) -> None:
    read = desk.read(fresh_for="1m", localized=localized)
    found = [(await calls.read(read, caller("ann", locale=each), ["x"]))["x"].locale for each in ("en", "zh-CN")]
    assert found == (["en", "zh-CN"] if localized else ["en", "en"])


async def test_selected_fields_tell_answers_apart(desk: Desk, calls: Calls) -> None:
    read = desk.read(fields=True, fresh_for="1m", selects_fields=True)
    one = await calls.read(read, ANN, ["x"], frozenset({"name"}))
    two = await calls.read(read, ANN, ["x"], frozenset({"name", "birth"}))
    three = await calls.read(read, ANN, ["x"], frozenset({"birth", "name"}))
    assert [each["x"].fields for each in (one, two, three)] == [("name",), ("birth", "name"), ("birth", "name")]
    assert len(desk.calls) == 2


@pytest.mark.parametrize("kind", ERRORS)
async def test_a_failure_is_blamed_shared_and_not_kept(desk: Desk, calls: Calls, kind: type[AdapterError]) -> None:
    read = desk.read(fresh_for="1m")
    desk.failures = [kind("no")]
    desk.gate.clear()
    tasks = [asyncio.create_task(calls.read(read, ANN, ["x"])) for _ in range(3)]
    await desk.begun.acquire()
    desk.gate.set()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    assert {fault(each) for each in found} == {(kind.__name__, "archive", "notes.of_person")}  # type: ignore[arg-type]
    assert (await calls.read(read, ANN, ["x"]))["x"].owner == "ann", "the failure was not kept"


async def test_an_answer_about_somebody_else_is_a_bad_reply(calls: Calls, desk: Desk) -> None:
    async def of_person(keys: Any) -> Any:
        return {**dict.fromkeys(keys, await desk.file(Order(text="x"))), "bea": await desk.file(Order(text="y"))}

    operation = desk.read().operation
    with pytest.raises(BadReply) as caught:
        await calls.read(bind(operation, of_person, fresh_for="1m"), ANN, ["ann"])
    assert "bea" not in str(caught.value)
    assert caught.value.department == "archive"
    desk.absent = {"bea"}
    assert not await calls.read(desk.read(fresh_for="1m"), ANN, ["bea"]), "nothing of it was kept"


async def test_the_operation_has_its_own_time(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    with pytest.raises(TimedOut, match=r"within 0\.01 s") as caught:
        await calls.read(desk.read(timeout="10ms"), ANN, ["x"])
    assert fault(caught.value) == ("TimedOut", "archive", "notes.of_person")
    desk.gate.set()
    assert await calls.read(desk.read(timeout="10ms"), ANN, ["x"]), "the time that was up is not kept"


async def test_the_callers_time_ends_the_wait_and_not_the_call(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    patient = asyncio.create_task(calls.read(desk.read(timeout="1m"), ANN, ["x"]))
    await desk.begun.acquire()
    soon = asyncio.get_running_loop().time() + 0.01
    with pytest.raises(TimedOut, match="the request's own time was up"):
        await calls.read(desk.read(timeout="1m"), caller("ann", deadline=soon), ["x"])
    desk.gate.set()
    assert (await patient)["x"].owner == "ann"
    assert len(desk.calls) == 1


async def test_whose_time_is_up_asks_nobody(desk: Desk, calls: Calls) -> None:
    late = caller("ann", deadline=asyncio.get_running_loop().time())
    with pytest.raises(TimedOut):
        await calls.read(desk.read(), late, ["x"])
    with pytest.raises(TimedOut):
        await calls.write(desk.write(), late, Order(text="x"))
    assert (desk.calls, desk.orders) == ([], [])


async def test_a_call_is_known_by_a_fresh_id_and_leaves_no_trace(calls: Calls, desk: Desk) -> None:
    seen = []
    before = running_call()

    async def of_person(keys: Any) -> Any:
        seen.append(current_call())
        return {}

    for _ in range(2):
        await calls.read(bind(desk.read().operation, of_person), ANN, ["x"])
    assert len({info.id for info in seen}) == 2
    assert [(info.operation, info.subject, info.locale) for info in seen] == [("notes.of_person", "ann", "en")] * 2
    assert running_call() is before


def running_call() -> CallInfo | None:
    """The call that this test's context has, perhaps left by another test."""
    try:
        return current_call()
    except LookupError:
        return None


class Dead:
    """A store that never answers."""

    def __getattr__(self, name: str) -> Any:
        async def refuse(*_arguments: Any) -> Any:
            raise StoreUnavailable(name)

        return refuse


async def test_a_dead_store_fails_nothing(desk: Desk, tmp_path: Path) -> None:
    async with calls_over(Dead(), tmp_path) as calls:
        for _ in range(2):
            assert (await calls.read(desk.read(fresh_for="1m"), ANN, ["x"]))["x"].owner == "ann"
        order = Order(text="x", reference="r")
        assert (await calls.write(desk.write(), ANN, order)).owner == "ann"
    assert (len(desk.calls), len(desk.orders)) == (2, 1)


async def test_what_another_version_kept_is_asked_again(desk: Desk, calls: Calls) -> None:
    number = desk.read().operation
    other = bind(type(number)(number.name, number.kind, str, int, False), _numbers, fresh_for="1m")
    assert await calls.read(other, ANN, ["x"]) == {"x": 1}
    assert (await calls.read(desk.read(fresh_for="1m"), ANN, ["x"]))["x"].owner == "ann"


async def _numbers(keys: Any) -> Any:
    return dict.fromkeys(keys, 1)


async def test_a_write_makes_old_what_it_may_have_changed_and_nothing_else(desk: Desk, calls: Calls) -> None:
    reads = {
        "mine": (desk.read("notes.of_person", fresh_for="1m"), ANN),
        "mine in another port": (desk.read("other.of_person", fresh_for="1m"), ANN),
        "public": (desk.read("notes.listed", personal="public", fresh_for="1m"), ANN),
        "theirs": (desk.read("notes.of_person", fresh_for="1m"), BEA),
    }
    for bound, who in reads.values():
        await calls.read(bound, who, ["x"])
    await calls.write(desk.write(), ANN, Order(text="x"))
    kept = {}
    for name, (bound, who) in reads.items():
        kept[name] = source_of(await calls.read(bound, who, ["x"]), "x").cached  # type: ignore[union-attr]
    assert kept == {"mine": False, "mine in another port": True, "public": False, "theirs": True}


@pytest.mark.parametrize("failure", [Unavailable("no"), Interrupted("no"), BadReply("no")])
async def test_a_failed_write_may_have_changed_something_too(desk: Desk, calls: Calls, failure: Exception) -> None:
    read = desk.read(fresh_for="1m")
    await calls.read(read, ANN, ["x"])
    desk.failures = [failure]
    with pytest.raises(AdapterError):
        await calls.write(desk.write(), ANN, Order(text="x"))
    assert source_of(await calls.read(read, ANN, ["x"]), "x").cached is False  # type: ignore[union-attr]


async def test_who_reads_after_a_write_does_not_join_a_read_from_before(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    desk.gate.clear()
    before = asyncio.create_task(calls.read(read, ANN, ["x"]))
    await desk.begun.acquire()
    gate, desk.gate = desk.gate, asyncio.Event()
    desk.gate.set()
    await calls.write(desk.write(), ANN, Order(text="x"))
    assert (await calls.read(read, ANN, ["x"]))["x"].version == 1
    gate.set()
    assert (await before)["x"].version == 0
    assert (await calls.read(read, ANN, ["x"]))["x"].version == 1, "the old answer came last and was not kept"


async def test_closing_ends_reads(desk: Desk, calls: Calls) -> None:
    desk.gate.clear()
    task = asyncio.create_task(calls.read(desk.read(timeout="1m"), ANN, ["x"]))
    await desk.begun.acquire()
    await calls.aclose()
    with pytest.raises(asyncio.CancelledError):
        await task


class Signed(Order, frozen=True, kw_only=True):
    """An order that says whose it is."""

    person: str


def used_of(who: Caller) -> dict[tuple[str | None, ...], bool]:
    return {tuple(use): cached for use, cached in who.uses.reads.items()}


async def test_a_use_of_personal_data_is_noted_with_whether_it_was_kept(desk: Desk, calls: Calls) -> None:
    read = desk.read(fresh_for="1m")
    for cached in (False, True):
        ann = caller("ann")
        await calls.read(read, ann, ["one"])
        use = ("ann", None, None, read.department, read.operation.name)
        assert used_of(ann) == {use: cached}
    await calls.read(read, ann, ["one", "two"])
    assert used_of(ann) == {use: False}, "a part of it came from the department"


async def test_what_is_public_and_what_failed_is_nobody_s_use(desk: Desk, calls: Calls) -> None:
    ann = caller("ann")
    await calls.read(desk.read(personal="public"), ann, ["one"])
    desk.failures.append(Unavailable("away"))
    with pytest.raises(Unavailable):
        await calls.read(desk.read(), ann, ["one"])
    assert used_of(ann) == {}


async def test_an_order_that_names_nobody_is_nobody_s_use(desk: Desk, calls: Calls) -> None:
    ann, write = caller("ann"), desk.write()
    await calls.write(write, ann, Order(text="x"))
    assert used_of(ann) == {}
    await calls.write(write, ann, Signed(text="x", person="ann"))
    assert used_of(ann) == {("ann", None, None, write.department, write.operation.name): False}

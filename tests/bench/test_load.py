"""The load notices each wrong answer, and ends by its bounds."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator

import pytest

from bench.departments.server import COUNT_PATH, Asked, Desk, serve
from bench.load import PARTIAL, Ask, Pass, WrongAnswer, run
from bench.measure import checked
from bench.shown import Sealed, global_id

PERSON = "100000000"


class Echo:
    """Answers with the path; `/none` is nothing it has."""

    who_header = b""
    echo_header = b"x-message"
    reply_headers = b""

    def answer(self, asked: Asked) -> object | None:
        return None if asked.path == "/none" else {"data": asked.path}


def ask(path: str, answer: bytes = b"") -> Ask:
    return Ask(f"GET {path} HTTP/1.1\r\nhost: test\r\n\r\n".encode(), answer)


async def calls(address: str) -> int:
    asked = ask(COUNT_PATH.decode())
    await run([address], [iter([asked])], Pass(turns=1), 5)
    return int(asked.seen)


async def test_bounds_count_exactly() -> None:
    server, address = await serve(Echo())
    async with server:
        one, other = ask("/one", b'{"data": "/one'), ask("/other", b'{"data": "/other')
        load = Pass(most=7)
        await run([address], [itertools.cycle([one]), itertools.cycle([other])], load, 5)
        assert (len(load.latencies), load.started, await calls(address)) == (7, 7, 7)
        assert load.seconds < 5
        assert (one.seen, other.seen) == (b'{"data": "/one"}', b'{"data": "/other"}')
        turns = Pass(turns=2)
        await run([address], [itertools.cycle([one]), itertools.cycle([other])], turns, 5)
        assert turns.started == 4


async def test_a_line_of_asks_may_refuse_the_last_answer() -> None:
    def line() -> Iterator[Ask]:
        yield ask("/one")
        raise WrongAnswer("person p: not the reference's data")

    server, address = await serve(Echo())
    async with server:
        with pytest.raises(WrongAnswer, match="person p"):
            await run([address], [line()], Pass(rate=20), 5)


async def test_time_ends_a_pass() -> None:
    server, address = await serve(Echo())
    async with server:
        load = Pass()
        await run([address], [itertools.cycle([ask("/one")])], load, 0.1)
        assert 0.1 <= load.seconds < 2
        assert load.started == len(load.latencies) > 1


def test_a_rate_spaces_requests_evenly_and_makes_up_for_nothing() -> None:
    load = Pass(rate=10)
    assert [round(load.wait(now), 6) for now in (100.0, 100.0, 100.0, 200.0, 200.0)] == [0, 0.1, 0.2, 0, 0.1]
    assert [Pass().wait(now) for now in (1.0, 1.0)] == [0, 0]


async def test_a_pass_at_a_rate_makes_no_more_requests() -> None:
    server, address = await serve(Echo())
    async with server:
        load = Pass(rate=50)
        await run([address], [itertools.cycle([ask("/one")])] * 4, load, 0.2)
        assert 1 < len(load.latencies) <= 0.2 * 50 + 4


def test_only_a_lenient_pass_counts_a_late_department_and_goes_on() -> None:
    for lenient in (True, False):
        load, asked = Pass(lenient=lenient), ask("/one", b"whole")
        load.took(asked, PARTIAL, b"part")
        assert (load.late, bool(load.wrong)) == (int(lenient), not lenient)
        load.took(asked, 200, b"part")
        assert load.wrong.startswith("HTTP 200" if lenient else "HTTP 294")


@pytest.mark.parametrize(
    ("wrong", "said"), [(ask("/one", b'{"data": "/two'), "/one"), (ask("/none"), "HTTP 404")], ids=["body", "status"]
)
async def test_a_wrong_answer_ends_the_pass(wrong: Ask, said: str) -> None:
    server, address = await serve(Echo())
    async with server:
        load = Pass(most=10_000)
        with pytest.raises(WrongAnswer, match=said):
            await run([address], [itertools.cycle([ask("/one"), wrong])], load, 5)
        assert load.started < 10


def test_an_echoed_header_is_each_requests_own_though_answers_are_composed_once() -> None:
    desk = Desk(Echo())
    first, second = (desk.reply(b"/one", b"", b"", b"X-Message: %b\r\n" % each) for each in (b"a", b"b"))
    assert first.startswith(b"HTTP/1.1 200 OK\r\nX-Message: a\r\n")
    assert second == first.replace(b"X-Message: a", b"X-Message: b")


def test_a_checked_answer_ends_before_what_differs_each_time() -> None:
    body = b'{"data":{"a":1},"extensions":{"traceId":"0"}}'
    assert checked(body, {"a": 1}, PERSON) == b'{"data":{"a":1}'
    assert checked(b'{"data":{"a":1}}', {"a": 1}, PERSON) == b'{"data":{"a":1}}'


@pytest.mark.parametrize(
    "body", [b"", b'{"data":{"a":2}}', b'{"data":{"a":1},"errors":[{"message":"gone"}]}', b'{"errors":[{}]}']
)
def test_what_is_not_the_references_answer_is_refused(body: bytes) -> None:
    with pytest.raises(WrongAnswer, match=PERSON):
        checked(body, {"a": 1}, PERSON)


def test_a_sealed_id_is_of_its_kind_and_begins_as_known() -> None:
    known = Sealed("Appointment", "12.")
    assert known == global_id("Appointment", "12.secret")
    for other in (
        global_id("Appointment", "12."),
        global_id("Office", "12.secret"),
        global_id("Appointment", "1"),
        "?",
        1,
    ):
        assert known != other


async def test_what_is_held_is_counted_and_answered_when_it_is_released() -> None:
    server, address = await serve(Echo())
    async with server:
        await run([address], [iter([ask("/-/hold")])], Pass(turns=1), 5)
        held = asyncio.create_task(run([address], [iter([ask("/one", b'{"data": "/one"}')])], Pass(turns=1), 5))
        await asyncio.sleep(0.1)
        assert (held.done(), await calls(address)) == (False, 1)
        await run([address], [iter([ask("/-/release")])], Pass(turns=1), 5)
        await held
        assert await calls(address) == 1


def test_a_name_that_comes_twice_has_both_values() -> None:
    class Values(Echo):
        def answer(self, asked: Asked) -> object | None:
            return dict(asked.query)

    assert Desk(Values()).reply(b"/?of=a&of=b&c=d", b"", b"", b"").endswith(b'{"of": "a,b", "c": "d"}')

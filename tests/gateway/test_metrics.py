"""Numbers for the operator's monitoring: what the format demands, and one sum over all processes that never falls."""

from __future__ import annotations

import asyncio
import os
import re
from contextlib import suppress

from starlette.applications import Starlette

from gateway.board import SIZE, Board, Page, alone
from gateway.metrics import MEDIA_TYPE, Exporter, Metric, Values, exposition, labelled, metrics_route, one
from tests.gateway.asgi import ask


class Process:
    """One with a counter and a gauge."""

    def __init__(self, page: Page) -> None:
        self.counts: dict[tuple[str, ...], int] = {}
        self.size = 0
        self.exporter = Exporter(
            (
                Metric("calls_total", "counter", "Calls.", labelled(("department", "outcome"), self.counts)),
                Metric("size", "gauge", "Size.", one(lambda: self.size)),
            ),
            page,
        )


def numbers(process: Process) -> dict[str, float]:
    lines = [line for line in process.exporter.text().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


def test_the_text_is_the_format_s() -> None:
    values: Values = {(("place", 'a "b"\\\n'),): 3, (("place", "c"),): 0.5}
    family = Metric("x_total", "counter", "What it is.", lambda: values)
    assert exposition([(family, values), (Metric("y", "gauge", "Y.", one(lambda: 1e15)), {(): 1e15})]) == (
        "# HELP x_total What it is.\n# TYPE x_total counter\n"
        'x_total{place="a \\"b\\"\\\\\\n"} 3\nx_total{place="c"} 0.5\n'
        "# HELP y Y.\n# TYPE y gauge\ny 1000000000000000\n"
    )


def test_all_processes_are_one() -> None:
    board = Board(3)
    first, second = Process(Page(board, 0)), Process(Page(board, 1))
    first.counts["a", "OK"], second.counts["a", "OK"], second.counts["b", "TIMED_OUT"] = 2, 3, 1
    first.size, second.size = 10, 20
    second.exporter.publish()
    all_of_them = {
        'calls_total{department="a",outcome="OK"}': 5.0,
        'calls_total{department="b",outcome="TIMED_OUT"}': 1.0,
        "size": 30.0,
    }
    assert numbers(first) == all_of_them
    assert numbers(second) == all_of_them


def test_a_counter_goes_on_when_its_process_is_replaced() -> None:
    board = Board(2)
    first, dead = Process(Page(board, 0)), Process(Page(board, 1))
    dead.counts["a", "OK"], dead.size = 7, 99
    dead.exporter.publish()
    next_one = Process(Page(board, 1))
    assert numbers(first)['calls_total{department="a",outcome="OK"}'] == 7.0
    next_one.counts["a", "OK"] = 1
    for _ in range(3):
        assert numbers(next_one)['calls_total{department="a",outcome="OK"}'] == 8.0
    assert numbers(next_one)["size"] == 0.0


async def test_who_ends_leaves_its_counts_and_takes_its_gauges_along() -> None:
    board = Board(2)
    first, ending = Process(Page(board, 0)), Process(Page(board, 1))
    publishing = asyncio.create_task(ending.exporter.keep_published())
    await asyncio.sleep(0)
    ending.counts["a", "OK"], ending.size = 7, 99
    publishing.cancel()
    with suppress(asyncio.CancelledError):
        await publishing
    assert numbers(first) == {'calls_total{department="a",outcome="OK"}': 7.0, "size": 0.0}


def test_a_page_is_written_in_one_process_and_read_in_another() -> None:
    board = Board(1)
    child = os.fork()
    if child == 0:
        board.write(0, b"from the child")
        os._exit(0)
    os.waitpid(child, 0)
    assert board.read(0) == b"from the child"


def test_what_is_too_long_for_a_page_leaves_it_as_it_was() -> None:
    page = alone()
    assert page.read() == b""
    for text in (b"x" * (SIZE // 2 - 5), b"short", b""):
        assert page.write(text)
        assert page.read() == text
    assert page.write(b"short")
    assert not page.write(b"x" * (SIZE // 2 - 4))
    assert page.read() == b"short"


async def test_the_route_says_what_it_is() -> None:
    process = Process(alone())
    app = Starlette(routes=[metrics_route(process.exporter.text)])
    answer = await ask(app, "GET", "/metrics")
    assert (answer.status, answer.headers["content-type"]) == (200, MEDIA_TYPE)
    assert re.search(rb"^size 0$", answer.body, re.MULTILINE)

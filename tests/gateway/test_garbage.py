"""What the garbage collector is spared: what lasts is frozen, and is free again once it is over."""

from __future__ import annotations

import gc
import subprocess
import sys

import pytest

from gateway.garbage import MOST_MADE, Collector
from gateway.graphql.tracebacks import forget_frames

LASTS = "import gc, weakref\nfrom gateway import garbage\ncollector = garbage.Collector()\nclass One: pass\n"


def ran(program: str) -> list[str]:
    """What a program says in a process of its own: there is one collector in each."""
    done = subprocess.run([sys.executable, "-c", LASTS + program], capture_output=True, text=True, check=True)
    return done.stdout.split()


def test_what_a_full_collection_leaves_is_not_looked_through_again() -> None:
    assert ran(
        "collector.begin()\n"
        "kept = [One() for _ in range(500)]\n"
        "print(len([one for one in gc.get_objects() if type(one) is One]))\n"
        f"collector.made({MOST_MADE})\n"
        "print(len([one for one in gc.get_objects() if type(one) is One]))\n"
        "collector.made(1)\n"
        "print(len([one for one in gc.get_objects() if type(one) is One]))\n"
        "last = weakref.ref(kept[0])\n"
        "kept.clear()\n"
        "print(last())\n"
    ) == ["500", "500", "0", "None"]


def test_the_collector_itself_freezes_before_much_has_come_together() -> None:
    assert ran(
        "collector.begin()\n"
        "kept, most = [], 0\n"
        "for number in range(200_000):\n"
        "    kept.append(One())\n"
        "    if number % 1000 == 0:\n"
        "        most = max(most, len(gc.get_objects()))\n"
        "print(20_000 < most < 90_000)\n"
    ) == ["True"]


def test_frozen_circles_are_found_once_there_are_too_many() -> None:
    assert ran(
        "garbage.MOST_MORE = 1000\n"
        "collector.begin()\n"
        "for number in (300, 2000):\n"
        "    kept = [One() for _ in range(number)]\n"
        "    for one in kept: one.itself = one\n"
        "    gc.collect()\n"
        "    last = weakref.ref(kept[0])\n"
        "    kept.clear()\n"
        "    del one\n"
        "    gc.collect()\n"
        "    collector.look()\n"
        "    print(last() is None)\n"
    ) == ["False", "True"]


DOCUMENTS = """
import asyncio
from graphql import build_schema
from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.document import Documents
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.operation import ReferenceExecutor
schema = build_schema("type Query { greeting: String self: Query }")
documents = Documents(schema, DocumentLimits(aliases=100, root_fields=100))
executor = CompiledExecutor(ReferenceExecutor())
garbage.COLLECTOR.begin()
most = 0
def look():
    global most
    most = max(most, len(gc.get_objects()))
def text(number, switches=""):
    selected = " ".join(f"a{number}_{at}: self {{ greeting }}" for at in range(50))
    return f"query Q{switches} {{ {selected} }}"
"""
NEW_DOCUMENTS = """
for number in range(600):
    documents.get(text(number))
    if number % 20 == 0:
        look()
print(most)
"""
NEW_PLANS = """
switches = "".join(f" ${letter}: Boolean!" for letter in "abcd")
used = " ".join(f"{letter}: greeting @skip(if: ${letter})" for letter in "abcd")
nodes = [documents.get(text(number, f"({switches})").replace("{", "{ " + used, 1)).node for number in range(10)]
async def main():
    for number in range(16):
        given = {letter: bool(number & 1 << bit) for bit, letter in enumerate("abcd")}
        for node in nodes:
            await executor.execute(schema, node, context=None, variables=given, operation_name=None)
        look()
asyncio.run(main())
print(most)
"""


@pytest.mark.parametrize("program", [NEW_DOCUMENTS, NEW_PLANS], ids=["documents", "plans"])
def test_documents_and_plans_that_take_the_place_of_frozen_ones_are_frozen(program: str) -> None:
    """The collector's own count would not notice: each new one ends an old one, and so is made up for."""
    (most,) = ran(DOCUMENTS + program)
    assert int(most) < 40_000


def test_until_it_has_begun_nothing_is_done() -> None:
    before = gc.get_freeze_count()
    Collector().made(10 * MOST_MADE)
    assert gc.get_freeze_count() == before


def test_an_error_forgets_the_frames_of_all_that_caused_it() -> None:
    def fail() -> None:
        try:
            _ = dict[str, str]()["first"]
        except KeyError as first:
            try:
                _ = [] + ""  # type: ignore[operator]
            except TypeError:
                raise ValueError("third") from first

    with pytest.raises(ValueError, match="third") as caught:
        fail()
    error = caught.value
    causes = [error, error.__cause__, error.__context__]
    assert all(one is not None and one.__traceback__ is not None for one in causes)
    forget_frames(error)
    assert [one.__traceback__ for one in causes if one is not None] == [None, None, None]

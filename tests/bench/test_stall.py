"""How long one request holds the event loop: what holds it is seen, and classes become verdicts."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.bars.stall import outcome
from bench.stall import Loop

ROOT = Path(__file__).parents[2]


def test_the_longest_turn_is_seen_and_waiting_is_none() -> None:
    def work() -> None:
        until = time.thread_time() + 0.03
        while time.thread_time() < until:
            pass

    async def run() -> None:
        await asyncio.sleep(0.1)
        work()
        await asyncio.sleep(0)
        work()

    with asyncio.Runner(loop_factory=Loop) as runner:
        loop = runner.get_loop()
        runner.run(run())
    assert isinstance(loop, Loop)
    assert 0.03 <= loop.worst < 0.06


@pytest.mark.parametrize(("held", "met"), [(19.9, True), (20.1, False)])
def test_the_worst_of_each_group_counts(held: float, met: bool) -> None:
    classes = [
        {"group": "reply", "class": "a", "held": 1.0, "answer": "BadReply"},
        {"group": "reply", "class": "b", "held": held, "answer": "BadReply"},
        {"group": "document", "class": "c", "held": 2.0, "answer": "executed"},
    ]
    found = outcome(classes)
    assert [(each.value, each.met) for each in found.criteria] == [(held, met), (2.0, True)]
    assert "worst of 2 classes: b" in found.criteria[0].what


def test_executions_are_answered_or_refused() -> None:
    command = [sys.executable, "-P", "bench/stall.py", "execution"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stderr
    found = {each["class"]: each["answer"] for each in map(json.loads, ended.stdout.splitlines())}
    assert found["25 pages"].endswith("bytes")
    assert found["a page within a page within a page"] == "RESULT_LIMIT_EXCEEDED"
    assert found["an answer that is too long"] == "RESULT_LIMIT_EXCEEDED"
    assert found["an error in each row"] == "INTERNAL"

"""The command as a process: every workload runs for a moment, with checked answers and counted calls."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bench import commands
from bench.bars.bar import Options, Outcome
from bench.bars.table import BARS
from bench.load import WrongAnswer
from bench.report import as_table

ROOT = Path(__file__).parents[2]
CALLS = {"phone-screen": 3, "home-screen": 5, "home-screen-of-four": 4, "list-with-join": 2, "hello": 0}
"""Calls to departments that an answer takes when nothing is cached."""


def bench(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)


def report(*arguments: str, seconds: float = 0.5) -> Any:
    ended = bench("gateway", *arguments, "--rounds", "1", "--seconds", str(seconds), "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


@pytest.mark.parametrize("workload", CALLS)
def test_cold_takes_exactly_the_calls_that_the_selection_needs(workload: str) -> None:
    (case,) = report(workload)["cases"]
    (measured,) = case["rounds"]
    assert (case["workload"], case["mode"], case["errors"]) == (workload, "cold", 0)
    assert case["calls_needed"] == CALLS[workload]
    assert measured["requests"] >= 32
    assert measured["upstream_calls"] == CALLS[workload] * measured["requests"]


def test_hot_calls_nobody_and_cases_take_turns() -> None:
    found = report("phone-screen", "home-screen", "--hot")
    assert [(case["workload"], case["mode"]) for case in found["cases"]] == [
        ("phone-screen", "hot"),
        ("home-screen", "hot"),
    ]
    assert [case["rounds"][0]["upstream_calls"] for case in found["cases"]] == [0, 0]


def test_the_report_has_every_figure_and_the_machine() -> None:
    found = report("phone-screen", "--requests", "64", seconds=20)
    (case,) = found["cases"]
    assert case["rounds"][0]["requests"] == 64
    median, spread = case["median"], case["spread"]
    assert {
        "requests_per_second",
        "requests_per_core_second",
        "cpu_us_per_request",
        "upstream_calls_per_request",
        "load_busy",
    } <= set(median)
    assert median["p50_ms"] <= median["p95_ms"] <= median["p99_ms"]
    assert all(low <= median[name] <= high for name, (low, high) in spread.items())
    assert case["resident_mib"] > 10
    assert {"cores", "python", "libraries"} <= set(found["machine"])
    head, row = as_table(found).splitlines()
    assert (head.split()[0], row.split()[1:3]) == ("subject", ["phone-screen", "cold"])
    assert f"{median['cpu_us_per_request']:,.0f}" in row


def test_without_a_command_it_lists_them() -> None:
    listed = bench()
    assert listed.returncode == 0
    assert all(f"\n    {name}" in listed.stdout for name in (*BARS, "all", "gateway", "profile", "chaos", "readme"))


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such-bar"], "phone-screen"),
        (["gateway", "no-such-workload"], "phone-screen"),
        (["phone-screen", "--peer", "no-such-peer"], "tailcall"),
        (["phone-screen", "--rounds", "0"], "0 is less than 1"),
        (["gateway", "phone-screen", "--tree", "bench"], "has no gateway"),
        (["gateway", "phone-screen", "list-with-join", "--profile", "never-written"], "one workload"),
    ],
)
def test_what_cannot_be_run_is_refused_early(arguments: list[str], said: str) -> None:
    ended = bench(*arguments)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert said in ended.stderr


def test_all_measures_every_bar_but_the_soak_though_one_fails(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = []

    def run(name: str) -> Callable[[Options], Outcome]:
        def measured(_options: Options) -> Outcome:
            ran.append(name)
            if name == "telemetry":
                raise WrongAnswer("not the checked answer")
            return Outcome([])

        return measured

    monkeypatch.setattr(commands, "BARS", {name: replace(each, run=run(name)) for name, each in BARS.items()})
    assert commands.main(["all"]) == 1
    assert ran == [name for name in BARS if name != "memory"]
    assert "telemetry: WrongAnswer: not the checked answer" in capsys.readouterr().err

"""A department that hangs, is full or closed is left alone while the others answer, and asked again when it is back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import PATIENCE, Client, Sandbox, configured, serving
from tests.end_to_end.test_departments_away import SMALL
from tests.end_to_end.test_home_screen import NEEDED, PERSONAS, present

NOBODY = ""
HANGING, FULL, CLOSED = [*sorted(NEEDED), NOBODY, NOBODY, NOBODY][:3]
ASKED = PERSONAS[3]
"""Whose records of all departments are kept."""
QUICK = {"breaker": {"failures": 3, "window": "30s", "open_for": "1s"}}
EVER = {"maintenance": [{"from": "2001-01-01T00:00:00", "until": "2101-01-01T00:00:00"}]}


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return configured(tmp_path_factory.mktemp("config"), QUICK)


@pytest.fixture(scope="module")
def guarded(running_city: SandboxCity, config: Path) -> Iterator[Client]:
    """A gateway whose breakers open soon and not for long."""
    sandbox = Sandbox(running_city)
    sandbox.reset()
    with serving(running_city, "--config", str(config)) as address:
        yield Client(address, sandbox)
    sandbox.reset()


def errors(answer: Any, department: str) -> list[dict[str, Any]]:
    """A department's errors in an answer, in which only others that are configured answer."""
    found = [error["extensions"] for error in answer.get("errors", ()) if error["extensions"]["code"] != "NOT_OFFERED"]
    return [one for one in found if one["department"] == department]


def kinds(answer: Any, department: str) -> list[str]:
    return [one["code"][4:] for one in errors(answer, department)]


def wait_for(client: Client, department: str, persona: str) -> Any:
    """The first answer without a department's errors."""
    document, until = f"{{ viewer {{ {SMALL[department]} }} }}", time.monotonic() + PATIENCE
    while kinds(answer := client.ask(document, persona), department):
        assert time.monotonic() < until, answer
        time.sleep(0.1)
    return answer


@pytest.mark.skipif(HANGING == NOBODY, reason="no department is configured")
def test_one_that_hangs_is_left_alone_until_it_is_back(guarded: Client) -> None:
    guarded.sandbox.misbehave(HANGING, kind="hang")
    with ThreadPoolExecutor(3) as together:
        document = f"{{ viewer {{ {SMALL[HANGING]} }} }}"
        answers = list(together.map(lambda persona: guarded.ask(document, persona), PERSONAS[:3]))
    assert [kinds(answer, HANGING) for answer in answers] == [["TIMED_OUT"]] * 3
    guarded.sandbox.forget_calls()
    answer = guarded.example("home-screen", ASKED)
    (error,) = errors(answer, HANGING)
    assert (error["code"][3:], 0 < error["retryAfter"] <= 1) == ("_UNAVAILABLE", True)
    assert present(answer["data"]["viewer"]) == NEEDED - {HANGING}, "the others are as always"
    assert HANGING not in guarded.sandbox.calls(), "nobody waits for it"
    guarded.sandbox.reset()
    assert wait_for(guarded, HANGING, PERSONAS[4])["data"]["viewer"]
    assert guarded.sandbox.calls()[HANGING] >= 1


@pytest.mark.skipif(FULL == NOBODY, reason="too few departments are configured")
def test_one_that_takes_two_calls_a_minute_is_called_twice(guarded: Client) -> None:
    guarded.sandbox.reset()
    document = f"{{ viewer {{ {SMALL[FULL]} }} }}"
    guarded.sandbox.misbehave(FULL, kind="quota", calls=2, per=60)
    unknown = [persona for persona in PERSONAS[:5] if persona != ASKED]
    answers = [guarded.ask(document, persona) for persona in unknown]
    assert [kinds(answer, FULL) for answer in answers] == [[], [], ["QUOTA_EXCEEDED"], ["QUOTA_EXCEEDED"]]
    assert 0 < errors(answers[2], FULL)[0]["retryAfter"] <= 60
    assert guarded.sandbox.calls() == {FULL: 2}, "no call was made that it would refuse"


@pytest.mark.skipif(CLOSED == NOBODY, reason="too few departments are configured")
def test_one_that_the_operator_closes_is_not_asked_and_says_until_when(guarded: Client, config: Path) -> None:
    guarded.sandbox.reset()
    configured(config, {**QUICK, **EVER})
    time.sleep(1.1)  # the file is looked at once a second
    answer = guarded.ask(f"{{ viewer {{ {SMALL[CLOSED]} }} }}", PERSONAS[5])
    assert kinds(answer, CLOSED) == ["MAINTENANCE"]
    assert errors(answer, CLOSED)[0]["maintenanceUntil"] == "2101-01-01T00:00:00+08:00"
    guarded.sandbox.forget_calls()
    assert kinds(guarded.example("home-screen", PERSONAS[6]), CLOSED) == ["MAINTENANCE"]
    assert guarded.sandbox.calls() == {}, "all are closed"
    configured(config, QUICK)
    assert wait_for(guarded, CLOSED, PERSONAS[6])["data"]["viewer"]

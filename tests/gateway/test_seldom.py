"""A log that no client can fill."""

from __future__ import annotations

import logging

import pytest

from gateway.commands.seldom import EVERY, MOST_LINES, Seldom


def test_a_line_is_said_once_a_minute_and_then_how_often(caplog: pytest.LogCaptureFixture) -> None:
    now = [0.0]
    log = logging.getLogger("test.seldom")
    log.filters = [Seldom(lambda: now[0])]
    for _ in range(1000):
        log.warning("Invalid %s.", "request")
    log.warning("Something else.")
    for _ in range(3):
        log.error("A fault.")
    now[0] += EVERY
    for _ in range(2):
        log.warning("Invalid %s.", "request")
    assert caplog.messages == [
        "Invalid request.",
        "Something else.",
        *["A fault."] * 3,
        "Invalid request. (999 more since the last such line)",
    ]


def test_what_it_remembers_is_bounded() -> None:
    seldom = Seldom(lambda: 1.0)
    for number in range(10 * MOST_LINES):
        assert seldom.filter(logging.makeLogRecord({"msg": f"line {number}", "levelno": logging.WARNING}))
    assert len(seldom._until) <= MOST_LINES

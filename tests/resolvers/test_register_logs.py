"""What the registers have noted about the person: each its own log, its own pages and its own failure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.errors import TimedOut
from adapters.contract.operations import FieldSet
from adapters.contract.ports.usage import RegisterUse
from adapters.contract.records import PersonId
from tests.resolvers.city import PERSON, FakeCity, ask

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Log:
    """A log with so many entries, the newest first; it remembers whom and what it was asked for."""

    def __init__(self, entries: int = 0, failure: Exception | None = None) -> None:
        self._entries, self._failure = entries, failure
        self.asked: list[tuple[list[PersonId], FieldSet]] = []

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet
    ) -> Mapping[PersonId, tuple[RegisterUse, ...]]:
        self.asked.append((list(persons), fields))
        if self._failure:
            raise self._failure
        return dict.fromkeys(persons, tuple(map(entry, range(self._entries, 0, -1))))


def entry(number: int) -> RegisterUse:
    return RegisterUse(
        id=f"use {number}",
        logged_at=NOON + timedelta(hours=number),
        action=f"action {number}",
        receiver_code="1001",
        receiver_name=None,
        receiver_system="desk",
    )


LOGS = """query ($first: Int, $after: String) { viewer { registerLogs { department uses(first: $first, after: $after) {
  totalCount pageInfo { hasNextPage endCursor } nodes { loggedAt receiverCode } } } } }"""


async def logs(city: FakeCity, document: str = LOGS, **variables: Any) -> Any:
    result = await ask(city, document, **variables)
    assert result.errors is None, result.errors
    return result.data["viewer"]["registerLogs"]


async def test_one_that_fails_leaves_the_others() -> None:
    away = TimedOut("no answer")
    city = FakeCity(usage={"museum": Log(1), "archive": Log(failure=away), "library": Log(2)})
    result = await ask(city, LOGS)
    found = result.data["viewer"]["registerLogs"]
    assert [one["department"] for one in found] == ["museum", "archive", "library"]
    assert [one["uses"] and one["uses"]["totalCount"] for one in found] == [1, None, 2]
    (error,) = result.errors
    assert error.path == ["viewer", "registerLogs", 1, "uses"]
    assert error.original_error is away


async def test_pages_are_each_log_s_own_and_newest_first() -> None:
    city = FakeCity(usage={"museum": Log(3)})
    (first,) = await logs(city, first=2)
    assert [one["loggedAt"][11:13] for one in first["uses"]["nodes"]] == ["15", "14"]
    assert first["uses"]["pageInfo"]["hasNextPage"] is True
    (second,) = await logs(city, first=2, after=first["uses"]["pageInfo"]["endCursor"])
    assert [one["loggedAt"][11:13] for one in second["uses"]["nodes"]] == ["13"]
    result = await ask(city, LOGS, first=101)
    assert "it must be from 0 to 100" in str(result.errors[0])


@pytest.mark.parametrize(
    ("selected", "fields"),
    [
        ("nodes { loggedAt receiverCode }", set()),
        ("nodes { action }", {"action"}),
        ("edges { node { receiverSystem action } }", {"action", "receiver_system"}),
    ],
)
async def test_a_register_is_asked_for_the_person_and_for_what_is_selected(selected: str, fields: set[str]) -> None:
    log = Log(1)
    await logs(FakeCity(usage={"museum": log}), f"{{ viewer {{ registerLogs {{ uses {{ {selected} }} }} }} }}")
    assert log.asked == [([PERSON], frozenset(fields))]


async def test_the_list_alone_asks_nobody() -> None:
    log = Log(1)
    found = await logs(FakeCity(usage={"museum": log}), "{ viewer { registerLogs { department } } }")
    assert (found, log.asked) == ([{"department": "museum"}], [])


async def test_nobody_has_no_log() -> None:
    result = await ask(FakeCity(usage={"museum": Log(1)}), LOGS, viewer=False)
    assert result.data == {"viewer": None}

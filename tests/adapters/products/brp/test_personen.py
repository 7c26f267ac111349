"""How persons are consulted: batches, logging headers, and what a failure becomes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from adapters.contract.errors import AdapterError, BadReply, Maintenance, QuotaExceeded, Rejected, Unavailable
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.products.brp.failures import failure
from adapters.products.brp.personen import Logging, Personen

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
FIELDS = ("burgerservicenummer",)


@pytest.fixture(autouse=True)
def calling() -> None:
    set_current_call(CallInfo(id="id-1", operation="persons.by_id", subject=None, locale="en", at=NOW))


class Register:
    """Answers everybody, once as many calls are under way as it waits for."""

    def __init__(self, together: int = 1, *, beside: Mapping[str, Any] | None = None) -> None:
        self.asked: list[list[str]] = []
        self.headers: list[Mapping[str, str]] = []
        self._beside = beside or {}
        self._all_here = asyncio.Barrier(together)

    async def send(self, request: Request) -> Reply:
        numbers = json.loads(request.body or b"")["burgerservicenummer"]
        self.asked.append(numbers)
        self.headers.append(request.headers)
        async with asyncio.timeout(1):
            await self._all_here.wait()
        persons = [{"burgerservicenummer": number, **self._beside} for number in numbers]
        body = {"type": "RaadpleegMetBurgerservicenummer", "personen": persons}
        return Reply(status=200, headers={}, body=json.dumps(body).encode())


def personen(register: Register, api_key: str | None = None) -> Personen:
    return Personen(register, logging=Logging(client="c", purpose="p"), api_key=api_key)


async def test_batches_of_twenty_go_side_by_side() -> None:
    register = Register(together=3)
    numbers = [f"{number:09d}" for number in range(41)]
    found = await personen(register).by_numbers(numbers, FIELDS)
    assert [len(batch) for batch in register.asked] == [20, 20, 1]
    assert [person.burgerservicenummer for person in found] == numbers


async def test_a_repeated_number_is_asked_once_and_nobody_costs_no_call() -> None:
    register = Register()
    assert len(await personen(register).by_numbers(["000000001"] * 21, FIELDS)) == 1
    assert await personen(register).by_numbers([], FIELDS) == ()
    assert register.asked == [["000000001"]]


async def test_without_a_subject_or_a_key_no_header_says_one() -> None:
    register = Register()
    await personen(register).by_numbers(["000000001"], FIELDS)
    await personen(register, api_key="k").by_numbers(["000000001"], FIELDS)
    assert not {"X-Gebruiker", "X-API-KEY"} & register.headers[0].keys()
    assert register.headers[1]["X-API-KEY"] == "k"


async def test_a_reply_that_does_not_fit_is_named_by_path_only() -> None:
    register = Register(beside={"geboorte": {"datum": {"type": "Chen Jing"}}})
    with pytest.raises(BadReply, match=r"\$\.personen\[0\]\.geboorte\.datum\.type") as caught:
        await personen(register).by_numbers(["000000001"], FIELDS)
    assert "Chen Jing" not in str(caught.value)


def reply(status: int, body: object, **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status=status, headers=named, body=json.dumps(body).encode())


def test_a_wrong_parameter_becomes_a_problem_with_its_place() -> None:
    wrong = {"name": "burgerservicenummer[3]", "code": "maxItems", "reason": "Array bevat meer dan 20 items."}
    error = failure(reply(400, {"code": "paramsValidation", "invalidParams": [wrong]}))
    assert isinstance(error, Rejected)
    assert [(each.code, each.path) for each in error.problems] == [("MAX_ITEMS", ("burgerservicenummer", "3"))]


def test_announced_maintenance_has_an_end() -> None:
    error = failure(reply(503, {"code": "notAvailable"}, retry_after="90"))
    assert isinstance(error, Maintenance)
    assert (error.retry_after, error.until) == (90.0, NOW + timedelta(seconds=90))


@pytest.mark.parametrize(
    ("answered", "kind", "code"),
    [
        (reply(503, {"code": "notAvailable"}), Unavailable, "notAvailable"),
        (reply(503, {"code": "other"}, retry_after="90"), Unavailable, "other"),
        (reply(503, ["no Foutbericht"], retry_after="90"), Unavailable, None),
        (reply(429, {"code": "tooManyRequests"}, retry_after="5"), QuotaExceeded, "tooManyRequests"),
        (reply(404, {"code": "notFound"}), BadReply, "notFound"),
        (reply(302, {}), BadReply, None),
        (reply(400, {"code": "Chen Jing, 1985"}), Rejected, None),
        (reply(400, {"code": "a", "invalidParams": [{"code": 1}]}), Rejected, None),
    ],
)
def test_a_failure_becomes_an_error(answered: Reply, kind: type[AdapterError], code: str | None) -> None:
    error = failure(answered)
    assert type(error) is kind
    assert error.wire_code == code

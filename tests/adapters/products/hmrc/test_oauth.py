"""One token for all calls: when it is fetched, how long it is used, what happens when it is refused."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import msgspec
import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Maintenance,
    QuotaExceeded,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.products.hmrc import oauth
from adapters.products.hmrc.oauth import TOKEN_PATH, BearerTransport, Credentials

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
ASK = Request(method="GET", path="/x", headers={"accept": "a"})


def calling(at: datetime = NOW, call_id: str = "c-1") -> None:
    set_current_call(CallInfo(id=call_id, operation="x", subject="100000011", locale="en", at=at))


def reply(status: int, body: object = None) -> Reply:
    return Reply(status=status, headers={"retry-after": "7"}, body=json.dumps(body).encode())


class Office:
    """A department with tokens `t1`, `t2`, …; it takes those in `valid`."""

    def __init__(self, lives: int = 14400) -> None:
        self.lives = lives
        self.fetched = 0
        self.asked: list[str] = []
        self.token_requests: list[Request] = []
        self.valid: set[str] = set()
        self.before_token: Callable[[], Awaitable[None]] | None = None
        self.token_reply: Reply | None = None
        self.gates: dict[str, asyncio.Event] = {}

    async def send(self, request: Request) -> Reply:
        if request.path == TOKEN_PATH:
            return await self._token(request)
        await asyncio.sleep(0)
        if request.path in self.gates:
            await self.gates[request.path].wait()
        token = request.headers["Authorization"].removeprefix("Bearer ")
        self.asked.append(token)
        return reply(200 if token in self.valid else 401, {})

    async def _token(self, request: Request) -> Reply:
        self.fetched += 1
        self.token_requests.append(request)
        token = f"t{self.fetched}"
        if self.before_token:
            await self.before_token()
        await asyncio.sleep(0)
        if self.token_reply:
            return self.token_reply
        self.valid.add(token)
        return reply(200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lives})


@pytest.fixture(autouse=True)
def call() -> None:
    calling()


def bearer(office: Office) -> BearerTransport:
    return BearerTransport(office, Credentials("me", "s&cret"))


async def test_a_token_is_asked_for_by_form_and_is_no_business_call() -> None:
    office = Office()
    assert (await bearer(office).send(ASK)).status == 200
    request = office.token_requests[0]
    assert (request.method, request.counts, request.query) == ("POST", False, ())
    assert request.headers["CorrelationId"] == "c-1"
    assert dict(parse_qsl((request.body or b"").decode())) == {
        "grant_type": "client_credentials",
        "client_id": "me",
        "client_secret": "s&cret",
        "scope": "read:vat write:vat",
    }


async def test_concurrent_calls_share_one_fetch() -> None:
    office = Office()
    transport = bearer(office)
    await asyncio.gather(*(transport.send(ASK) for _ in range(20)))
    assert office.fetched == 1
    assert office.asked == ["t1"] * 20


@pytest.mark.parametrize(("lives", "margin"), [(14400, 60), (600, 60), (100, 10), (1, 0.1)])
async def test_a_token_is_renewed_before_it_ends_and_not_earlier(lives: int, margin: float) -> None:
    office = Office(lives)
    transport = bearer(office)
    await transport.send(ASK)
    calling(NOW + timedelta(seconds=lives - margin - 0.01))
    await transport.send(ASK)
    assert office.fetched == 1
    calling(NOW + timedelta(seconds=lives - margin))
    await transport.send(ASK)
    assert office.asked == ["t1", "t1", "t2"]


async def test_a_refused_token_is_renewed_once_for_all_who_used_it() -> None:
    office = Office()
    transport = bearer(office)
    await transport.send(ASK)
    office.valid.clear()
    replies = await asyncio.gather(*(transport.send(ASK) for _ in range(10)))
    assert {each.status for each in replies} == {200}
    assert office.fetched == 2


async def test_a_late_refusal_of_the_old_token_does_not_cost_the_new_one() -> None:
    office, gate = Office(), asyncio.Event()
    transport = bearer(office)
    await transport.send(ASK)
    office.valid.clear()
    office.gates["/slow"] = gate
    slow = asyncio.create_task(transport.send(msgspec.structs.replace(ASK, path="/slow")))
    await asyncio.sleep(0)  # it is on its way with t1
    assert (await transport.send(ASK)).status == 200
    gate.set()
    assert (await slow).status == 200
    assert office.fetched == 2


async def test_a_second_refusal_is_the_answer() -> None:
    office = Office()
    office.valid = _Nothing()
    assert (await bearer(office).send(ASK)).status == 401
    assert (office.fetched, office.asked) == (2, ["t1", "t2"])


class _Nothing(set[str]):
    def __contains__(self, item: object) -> bool:
        return False


@pytest.mark.parametrize(
    ("answer", "error", "code"),
    [
        (reply(401, {"error": "invalid_client"}), Unauthorised, "invalid_client"),
        (reply(400, {"error": "invalid_scope"}), Unauthorised, "invalid_scope"),
        (reply(403), Unauthorised, None),
        (reply(404, {"code": "NOT_FOUND"}), Unauthorised, None),
        (reply(401, {"error": "<script>"}), Unauthorised, None),
        (reply(429), QuotaExceeded, None),
        (reply(500), Unavailable, None),
        (reply(503, {"code": "SCHEDULED_MAINTENANCE"}), Maintenance, "SCHEDULED_MAINTENANCE"),
        (reply(504), TimedOut, None),
        (reply(302), BadReply, None),
        (reply(200, {"code": "SERVER_ERROR"}), Unavailable, "SERVER_ERROR"),
        (reply(200, {}), BadReply, None),
        (reply(200, {"access_token": "a\r\nX: y", "token_type": "bearer", "expires_in": 9}), BadReply, None),
        (reply(200, {"access_token": "", "token_type": "bearer", "expires_in": 9}), BadReply, None),
        (reply(200, {"access_token": "a", "token_type": "mac", "expires_in": 9}), BadReply, None),
        (reply(200, {"access_token": "a", "token_type": "bearer", "expires_in": 0}), BadReply, None),
        (reply(200, {"access_token": "a", "token_type": "bearer", "expires_in": 10**12}), BadReply, None),
    ],
)
async def test_what_the_token_endpoint_answers_instead(
    answer: Reply, error: type[AdapterError], code: str | None
) -> None:
    office = Office()
    office.token_reply = answer
    with pytest.raises(error) as caught:
        await bearer(office).send(ASK)
    assert type(caught.value) is error
    assert caught.value.wire_code == code
    assert office.asked == []


async def test_each_caller_has_an_error_of_its_own_and_the_next_one_asks_again() -> None:
    office = Office()
    office.token_reply = reply(503, {"code": "SCHEDULED_MAINTENANCE"})
    transport = bearer(office)
    outcomes = await asyncio.gather(*(transport.send(ASK) for _ in range(3)), return_exceptions=True)
    assert office.fetched == 1
    assert len({id(each) for each in outcomes}) == 3
    for each in outcomes:
        assert isinstance(each, Maintenance)
        assert (each.wire_code, each.retry_after, each.until) == (
            "SCHEDULED_MAINTENANCE",
            7,
            NOW + timedelta(seconds=7),
        )
    office.token_reply = None
    assert (await transport.send(ASK)).status == 200


async def test_a_caller_who_goes_away_takes_no_token_from_the_others() -> None:
    office, gate = Office(), asyncio.Event()

    async def wait() -> None:
        await gate.wait()

    office.before_token = wait
    transport = bearer(office)
    first, second = asyncio.create_task(transport.send(ASK)), asyncio.create_task(transport.send(ASK))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    gate.set()
    assert (await second).status == 200
    assert (first.cancelled(), office.fetched) == (True, 1)


async def test_an_endpoint_that_hangs_is_given_up_and_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oauth, "LONGEST_RENEWAL", 0.01)
    office = Office()

    async def hang() -> None:
        if office.fetched == 1:
            await asyncio.Event().wait()

    office.before_token = hang
    transport = bearer(office)
    with pytest.raises(TimedOut, match="no token within"):
        await transport.send(ASK)
    assert (await transport.send(ASK)).status == 200


async def test_no_text_has_the_secret_or_the_token() -> None:
    office = Office()
    transport = bearer(office)
    await transport.send(ASK)
    assert "s&cret" not in repr(Credentials("me", "s&cret"))
    assert "t1" not in repr(transport._token)

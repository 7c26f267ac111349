"""X-Road's REST envelope: what is sent, what is believed, what each failure means."""

from datetime import UTC, datetime

import pytest

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotOffered,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)
from adapters.contract.transport import CallInfo, Reply, Request, set_current_call
from adapters.products.xroad.failures import failure
from adapters.products.xroad.identifiers import Member, Service
from adapters.products.xroad.rest import Message, XRoadRest

ID = "7f0c1a52-3f2e-4d6b-9a53-0b1f3f4b5c6d"


class Replying:
    """Answers with given headers; remembers what was sent."""

    def __init__(self, headers: dict[str, str], status: int = 200) -> None:
        self._reply = Reply(status=status, headers=headers, body=b"")
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Reply:
        self.sent.append(request)
        return self._reply


def xroad(transport: Replying, subject: str | None = "100000011") -> XRoadRest:
    set_current_call(CallInfo(id=ID, operation="x", subject=subject, locale="en", at=datetime.now(UTC)))
    return XRoadRest(
        transport, client=Member.parse("CITY/GOV/1001/a(b)"), service=Service.parse("CITY/GOV/2001/sub/service")
    )


HONEST = {"x-road-id": ID, "x-road-request-id": "r", "x-road-request-hash": "h"}


async def test_the_envelope_is_encoded_and_no_value_can_end_a_header() -> None:
    transport = Replying(HONEST)
    await xroad(transport).send(Message(method="GET", path="/x", issue="编号 7\r\nX-Road-UserId: CN1"))
    sent = transport.sent[0]
    assert sent.path == "/r1/CITY/GOV/2001/sub/service/x"
    assert sent.headers == {
        "X-Road-Client": "CITY/GOV/1001/a%28b%29",
        "X-Road-Id": ID,
        "X-Road-UserId": "CN100000011",
        "X-Road-Issue": "%E7%BC%96%E5%8F%B7%207%0D%0AX-Road-UserId%3A%20CN1",
    }


async def test_a_public_call_carries_no_person() -> None:
    transport = Replying(HONEST)
    await xroad(transport, subject=None).send(Message(method="GET", path="/x"))
    assert "X-Road-UserId" not in transport.sent[0].headers


@pytest.mark.parametrize("name", sorted(HONEST))
@pytest.mark.parametrize("value", [None, ""])
async def test_a_success_without_its_part_of_the_envelope_is_refused(name: str, value: str | None) -> None:
    headers = {key: each for key, each in {**HONEST, name: value}.items() if each is not None}
    with pytest.raises(BadReply):
        await xroad(Replying(headers)).send(Message(method="GET", path="/x"))


async def test_each_message_of_a_call_has_its_own_id_and_wants_that_one_back() -> None:
    transport = Replying(HONEST)
    with pytest.raises(BadReply, match="X-Road-Id"):
        await xroad(transport).send(Message(method="GET", path="/x", part=1))
    assert transport.sent[0].headers["X-Road-Id"] != ID


async def test_a_providers_failure_passes_unchanged() -> None:
    reply = await xroad(Replying({}, status=503)).send(Message(method="GET", path="/x"))
    assert reply.status == 503


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("Client.BadRequest", Rejected),
        ("Client.SslAuthenticationFailed", Unauthorised),
        ("Server.ClientProxy.NetworkError", Unavailable),
        ("Server.ClientProxy.OutdatedGlobalConf", Unavailable),
        ("Server.ClientProxy.ServiceFailed.InternalError", Interrupted),
        ("Server.ClientProxy.UnknownMember", Unauthorised),
        ("Server.ServerProxy.AccessDenied", Unauthorised),
        ("Server.ServerProxy.DatabaseError", Unavailable),
        ("Server.ServerProxy.ServiceFailed.MissingBody", Interrupted),
        ("Server.ServerProxy.ServiceFailed.ReadTimeout", TimedOut),
        ("Server.ServerProxy.ServiceFailed.InconsistentResponse", BadReply),
        ("Server.ServerProxy.ServiceDisabled", Maintenance),
        ("server.serverproxy.maintenance_mode", Maintenance),
        ("Server.ServerProxy.UnknownService", NotOffered),
        ("Somebody.Else", BadReply),
        ("Server <script>", BadReply),
        ("", BadReply),
    ],
)
def test_the_code_says_who_failed(code: str, error: type[AdapterError]) -> None:
    assert type(failure(code)) is error


async def test_xroads_own_failure_is_told_from_the_providers_by_its_header() -> None:
    headers = {**HONEST, "x-road-error": "Server.ServerProxy.AccessDenied"}
    with pytest.raises(Unauthorised) as caught:
        await xroad(Replying(headers)).send(Message(method="GET", path="/x"))
    assert caught.value.wire_code == "Server.ServerProxy.AccessDenied"

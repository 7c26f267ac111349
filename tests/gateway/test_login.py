"""Documents of the login service, fetched from whatever origin they are at."""

from __future__ import annotations

import asyncio

import pytest

from adapters.contract.transport import Reply, Request
from gateway import login
from gateway.login import LoginService, NotAnswered


class Origins:
    """Transports by origin that answer with one reply, and keep what they were sent."""

    def __init__(self, reply: Reply | None = None) -> None:
        self.reply = reply or Reply(status=200, headers={}, body=b'{"a": 1}')
        self.opened: list[str] = []
        self.sent: list[Request] = []

    def connect(self, origin: str) -> Origins:
        self.opened.append(origin)
        return self

    async def send(self, request: Request) -> Reply:
        self.sent.append(request)
        if self.reply.status == 0:
            await asyncio.Event().wait()
        return self.reply


async def test_a_url_is_fetched_whole() -> None:
    origins = Origins()
    service = LoginService(origins.connect)
    assert await service.get("https://login:8443/a%20b/keys?policy=x%26y&policy=&z=1#part") == b'{"a": 1}'
    assert await service.get("https://login:8443") == b'{"a": 1}'
    await service.get("https://other")
    assert origins.opened == ["https://login:8443", "https://other"]
    assert (origins.sent[0].path, origins.sent[0].query) == (
        "/a%20b/keys",
        (("policy", "x&y"), ("policy", ""), ("z", "1")),
    )


async def test_a_form_is_posted() -> None:
    origins = Origins()
    assert await LoginService(origins.connect).post_form("http://login/token", {"persona": "a&b"}) == {"a": 1}
    assert (origins.sent[0].method, origins.sent[0].body) == ("POST", b"persona=a%26b")


async def test_another_status_is_no_document() -> None:
    with pytest.raises(NotAnswered) as caught:
        await LoginService(Origins(Reply(status=302, headers={}, body=b"secret")).connect).get("http://login/")
    assert caught.value.status == 302
    assert "secret" not in str(caught.value)


async def test_silence_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "PATIENCE", 0.01)
    with pytest.raises(TimeoutError):
        await LoginService(Origins(Reply(status=0, headers={}, body=b"")).connect).get("http://login/")

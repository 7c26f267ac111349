"""The console's sandbox: personas and their tokens, and what happens when there are none."""

from __future__ import annotations

import pytest

from adapters.contract.errors import Unavailable
from adapters.contract.transport import Reply, Request
from gateway.console.personas import IssuerUnavailable, PersonaUnknown, Sandbox
from gateway.login import LoginService
from gateway.personas import sandbox_of


class Issuer:
    """A transport with one reply."""

    def __init__(self, status: int, body: bytes) -> None:
        self._reply = Reply(status=status, headers={}, body=body)
        self.sent: list[Request] = []

    async def send(self, request: Request) -> Reply:
        self.sent.append(request)
        if self._reply.status == 0:
            raise Unavailable("away")
        return self._reply


def sandbox(issuer: Issuer) -> Sandbox:
    return sandbox_of("http://login", LoginService(lambda _origin: issuer))


async def test_personas_and_tokens() -> None:
    assert await sandbox(Issuer(200, b'[{"name": "ann"}]')).list_personas() == [{"name": "ann"}]
    issuer = Issuer(200, b'{"access_token": "t"}')
    assert await sandbox(issuer).issue_token("a&b") == {"access_token": "t"}
    assert (issuer.sent[0].path, issuer.sent[0].body) == ("/token", b"persona=a%26b")


@pytest.mark.parametrize(
    ("status", "body"), [(0, b""), (500, b"[]"), (400, b"[]"), (200, b"<html>"), (200, b'["ann"]')]
)
async def test_no_personas_are_an_unavailable_issuer(status: int, body: bytes) -> None:
    with pytest.raises(IssuerUnavailable):
        await sandbox(Issuer(status, body)).list_personas()


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (0, b"", IssuerUnavailable),
        (500, b"", IssuerUnavailable),
        (200, b"[]", IssuerUnavailable),
        (400, b"", PersonaUnknown),
    ],
)
async def test_no_token_says_whose_fault_it_is(status: int, body: bytes, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        await sandbox(Issuer(status, body)).issue_token("ann")

"""A client secret is replaced while the gateway runs, at a department with OAuth 2.0 over real TLS."""

from __future__ import annotations

import json
import logging
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs

import pytest

from adapters.contract import watched
from adapters.runtime import registry
from gateway.secrets import secret_files
from gateway.settings import Console, Department, GatewayFile, GraphQL, Identity, Settings
from gateway.wiring import build
from tests.adapters.runtime.wire import Exchange, serving
from tests.gateway.asgi import graphql
from tests.gateway.test_identity import Issuer
from tests.servers.tls import TlsFiles

pytestmark = pytest.mark.skipif(
    not (registry.FOLDER / "taxation").is_dir(), reason="the tree has no department with OAuth 2.0"
)
DOCUMENT = "{ viewer { taxAccount { payments { receivedOn } } } }"


class Office:
    """Takes one secret at a time; a token ends with the secret that it was given for."""

    def __init__(self) -> None:
        self.secret = "first"
        self.asked_with: list[str] = []

    async def __call__(self, exchange: Exchange) -> None:
        if exchange.line.startswith("POST /oauth/token "):
            await self._token(exchange)
        elif exchange.headers.get("authorization") != f"Bearer token-of-{self.secret}":
            await exchange.reply(b'{"code": "INVALID_CREDENTIALS"}', status="401 Unauthorized")
        else:
            await exchange.reply(
                b'{"payments": [{"amount": 20, "paymentId": "P-1"}]}',
                X_CorrelationId="c75f40a6-a3df-4429-a697-471eeec46435",
            )

    async def _token(self, exchange: Exchange) -> None:
        (secret,) = parse_qs(exchange.body.decode())["client_secret"]
        self.asked_with.append(secret)
        if secret != self.secret:
            await exchange.reply(b'{"error": "invalid_client"}', status="401 Unauthorized")
            return
        granted = {"access_token": f"token-of-{secret}", "token_type": "bearer", "expires_in": 14400}
        await exchange.reply(json.dumps(granted).encode())


class Gateway:
    """A gateway in front of the office, and a clock of the files that it looks at."""

    def __init__(self, endpoint: Any, issuer: Issuer, address: str, secret: Path) -> None:
        self._endpoint, self._issuer, self._address, self.secret = endpoint, issuer, address, secret
        self.now = 0.0

    async def ask(self, person: str) -> Any:
        token = self._issuer.token(iss=self._address, sub=person)
        return (await graphql(self._endpoint, DOCUMENT, ("authorization", f"Bearer {token}"))).json

    def passes(self) -> None:
        self.now += watched.LOOK_AFTER


@pytest.fixture
def office() -> Office:
    return Office()


@pytest.fixture
async def gateway(office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Gateway]:
    issuer, files, secret = Issuer(), TlsFiles.make(tmp_path / "tls"), tmp_path / "secret"
    secret.write_text("first\n")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(files.cert, files.key)

    async def login(exchange: Exchange) -> None:
        url = f"http://{exchange.headers['host']}"
        keys = {"keys": [issuer.jwk("one")], "issuer": url, "jwks_uri": f"{url}/keys"}
        await exchange.reply(json.dumps(keys).encode())

    async with AsyncExitStack() as stack:
        service = await stack.enter_async_context(serving(login))
        department = await stack.enter_async_context(serving(office, tls=tls))
        options = {"client_id": "citygate", "client_secret": f"file:{secret}"}
        settings = Settings(
            gateway=GatewayFile(
                identity=Identity(issuer=service.address),
                console=Console(enabled=False),
                graphql=GraphQL(answer_bytes=0),
            ),
            departments={"taxation": Department(address=department.address, ca_file=str(files.ca), options=options)},
        )
        running = Gateway(None, issuer, service.address, secret)
        monkeypatch.setattr(watched, "time", SimpleNamespace(monotonic=lambda: running.now))
        built = build(settings)
        stack.push_async_callback(built.aclose)
        running._endpoint = built.endpoint
        yield running


def refused(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"]) if "errors" in answer else ""


async def test_a_new_secret_is_used_without_a_restart(gateway: Gateway, office: Office) -> None:
    """Each time another person asks, so that nothing that was kept answers."""
    assert refused(await gateway.ask("100000001")) == ""
    office.secret = "second"
    assert refused(await gateway.ask("100000002")) == "TAX_UNAUTHORISED"
    gateway.secret.write_text("second\n")
    assert refused(await gateway.ask("100000003")) == "TAX_UNAUTHORISED", "files are looked at once a second"
    gateway.passes()
    assert refused(await gateway.ask("100000004")) == ""
    assert (office.asked_with[0], office.asked_with[-1]) == ("first", "second")


async def test_a_secret_that_cannot_be_read_leaves_the_old_one_and_is_said(
    gateway: Gateway, office: Office, caplog: pytest.LogCaptureFixture
) -> None:
    assert refused(await gateway.ask("100000001")) == ""
    with caplog.at_level(logging.WARNING):
        gateway.secret.write_text(" \n")
        for person in ("100000002", "100000003"):
            gateway.passes()
            assert refused(await gateway.ask(person)) == ""
        gateway.secret.unlink()
        gateway.passes()
        assert refused(await gateway.ask("100000004")) == ""
    assert len(caplog.records) == 2, "once for each replacement"
    assert "taxation" in caplog.text
    assert "first" not in caplog.text
    office.secret = "second"
    gateway.secret.write_text("second")
    gateway.passes()
    assert refused(await gateway.ask("100000009")) == ""


def test_only_secrets_in_files_are_watched() -> None:
    manifest = registry.manifest_of("taxation")
    assert secret_files(manifest, {"client_id": "file:x", "client_secret": "file:/etc/secret"}) == ("/etc/secret",)
    assert secret_files(manifest, {"client_secret": "env:SECRET"}) == ()
    assert secret_files(manifest, {}) == ()

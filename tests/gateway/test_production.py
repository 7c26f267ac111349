"""The one switch for production, piece by piece, each against the same gateway without it; and other origins."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from starlette.types import ASGIApp

from adapters.contract.yaml_file import ConfigError
from gateway.app import Application, build_app
from gateway.settings import GatewayFile, Settings
from tests.gateway.asgi import Answer, ask, graphql

TRUSTED = "query Departments { departments { name } }"
ORDER = "mutation ($input: RequestExtractInput!) { requestExtract(input: $input) { problems { code } } }"
INTROSPECTION = "{ __schema { types { name } } }"
ORIGIN = "https://app.example.org"


def settings(folder: Path, **gateway: Any) -> Settings:
    (folder / "documents.json").write_text(json.dumps({"departments": TRUSTED, "order": ORDER}))
    plain = {"identity": {"issuer": "http://127.0.0.1:9"}, "data": str(folder), **gateway}
    return Settings(gateway=msgspec.convert(plain, GatewayFile), departments={}, folder=folder)


@asynccontextmanager
async def app_of(folder: Path, **gateway: Any) -> AsyncIterator[Application]:
    app = build_app(settings(folder, **gateway))
    yield app


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[ASGIApp]:
    async with app_of(tmp_path, graphql={"trusted_documents": "documents.json"}) as app:
        yield app


@pytest.fixture
async def closed(tmp_path: Path) -> AsyncIterator[ASGIApp]:
    """The switch stands above what else the file says."""
    graphql = {"trusted_documents": "documents.json", "introspection": True, "suggestions": True, "documents": "any"}
    async with app_of(tmp_path, production=True, graphql=graphql, console={"enabled": True}) as app:
        yield app


async def test_only_trusted_documents_are_taken(opened: ASGIApp, closed: ASGIApp) -> None:
    for app in (opened, closed):
        assert (await graphql(app, TRUSTED)).json["data"] == {"departments": []}
    assert (await graphql(opened, "{ departments { title } }")).status == 200
    refused = await graphql(closed, "{ departments { title } }")
    assert (refused.status, refused.codes) == (403, ["TRUSTED_DOCUMENTS_ONLY"])


async def test_the_schema_cannot_be_asked_for(opened: ASGIApp, closed: ASGIApp) -> None:
    assert (await graphql(opened, INTROSPECTION)).status == 200
    refused = await graphql(closed, INTROSPECTION)
    assert refused.status == 403
    assert "data" not in refused.json


def test_neither_by_a_trusted_document(tmp_path: Path) -> None:
    production = settings(tmp_path, production=True, graphql={"trusted_documents": "documents.json"})
    (tmp_path / "documents.json").write_text(json.dumps({"types": INTROSPECTION}))
    with pytest.raises(ConfigError, match="INTROSPECTION_DISABLED"):
        build_app(production)


async def test_nothing_is_suggested(opened: ASGIApp, closed: ASGIApp) -> None:
    wrong = {"kind": "RESIDENZE", "purpos": "x"}
    suggested, refused = [(await graphql(app, ORDER, input=wrong)) for app in (opened, closed)]
    assert suggested.codes[0] == refused.codes[0] == "VARIABLES_INVALID"
    assert b"Did you mean" in suggested.body
    assert b"Did you mean" not in refused.body


@pytest.mark.parametrize("path", ["/", "/graphql", "/traces", "/traces/" + "0" * 32])
async def test_there_are_no_pages(opened: ASGIApp, closed: ASGIApp, path: str) -> None:
    page, none = [await ask(app, "GET", path, headers=[("accept", "text/html")]) for app in (opened, closed)]
    assert page.headers["content-type"].startswith("text/html")
    assert not none.headers.get("content-type", "").startswith("text/html")
    assert none.status in (403, 404, 406)


def test_without_a_manifest_it_does_not_start(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"graphql\.documents: trusted documents are taken only"):
        build_app(settings(tmp_path, production=True))


# Other origins


async def preflight(app: ASGIApp, origin: str) -> Answer:
    asked = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "authorization,content-type"),
    ]
    return await ask(app, "OPTIONS", "/graphql", headers=asked)


def allowed(answer: Answer) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name.startswith("access-control-")}


async def test_no_other_origin_may_read_by_default(opened: ASGIApp) -> None:
    assert allowed(await preflight(opened, ORIGIN)) == {}
    assert allowed(await graphql(opened, TRUSTED, ("origin", ORIGIN))) == {}


async def test_those_that_are_named_may(tmp_path: Path) -> None:
    async with app_of(tmp_path, graphql={"origins": [ORIGIN]}) as app:
        granted = allowed(await preflight(app, ORIGIN))
        assert granted["access-control-allow-origin"] == ORIGIN
        assert {"POST", "GET"} <= set(granted["access-control-allow-methods"].split(", "))
        assert "Authorization" in granted["access-control-allow-headers"]
        assert "access-control-allow-credentials" not in granted
        answer = await graphql(app, TRUSTED, ("origin", ORIGIN))
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        assert "Retry-After" in answer.headers["access-control-expose-headers"]
        for other in ("https://evil.example.org", "https://app.example.org.evil.example", "null"):
            assert (await preflight(app, other)).status == 400
            assert "access-control-allow-origin" not in (await graphql(app, TRUSTED, ("origin", other))).headers


@pytest.mark.parametrize("origin", ["*", "https://*.example.org", "app.example.org", "https://app.example.org/"])
def test_an_origin_is_one_origin(tmp_path: Path, origin: str) -> None:
    with pytest.raises(msgspec.ValidationError, match="origins"):
        settings(tmp_path, graphql={"origins": [origin]})


def test_the_middleware_is_not_there_unless_it_is_needed(opened: ASGIApp) -> None:
    names: list[str] = []
    at: Any = opened._endpoint._endpoint  # type: ignore[attr-defined]
    while at is not None:
        names.append(type(at).__name__)
        at = getattr(at, "_app", None)
    assert "CORSMiddleware" not in names
    assert names[-1] == "GraphQLEndpoint"

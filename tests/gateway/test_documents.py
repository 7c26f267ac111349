"""Which documents a configured gateway takes, and what its processes share of them through the store."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from starlette.types import Message

from adapters.contract.yaml_file import ConfigError
from gateway.commands.check import check
from gateway.settings import GatewayFile, Settings
from gateway.wiring import Gateway, build

TEXT = "query Departments { departments { name } }"
ANSWER: dict[str, Any] = {"departments": []}
BY_DIGEST = {"persistedQuery": {"version": 1, "sha256Hash": sha256(TEXT.encode()).hexdigest()}}


def configured(folder: Path, **gateway: Any) -> Settings:
    """Settings without departments."""
    plain = {"identity": {"issuer": "http://127.0.0.1:9"}, **gateway}
    return Settings(gateway=msgspec.convert(plain, GatewayFile), departments={}, folder=folder)


@asynccontextmanager
async def gateways(*settings: Settings) -> AsyncIterator[list[Gateway]]:
    async with AsyncExitStack() as stack:
        built = [build(one) for one in settings]
        for one in built:
            stack.push_async_callback(one.aclose)
        yield built


async def post(gateway: Gateway, **members: Any) -> dict[str, Any]:
    """The entries of the answer."""
    headers = [(b"content-type", b"application/json"), (b"accept", b"application/graphql-response+json")]
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": headers}
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": json.dumps(members).encode()}

    async def send(message: Message) -> None:
        sent.append(message)

    await gateway.endpoint(scope, receive, send)
    entries = json.loads(sent[1]["body"])
    assert isinstance(entries, dict)
    return entries


def code(entries: dict[str, Any]) -> str:
    return str(entries["errors"][0]["extensions"]["code"])


async def test_what_one_gateway_registers_another_one_knows(tmp_path: Path):
    settings = configured(tmp_path, store=f"sqlite://{tmp_path}/cache.db")
    async with gateways(settings, settings) as (one, other):
        assert code(await post(other, extensions=BY_DIGEST)) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await post(one, query=TEXT, extensions=BY_DIGEST))["data"] == ANSWER
        assert (await post(other, extensions=BY_DIGEST))["data"] == ANSWER


async def test_without_its_store_a_gateway_knows_what_it_registered_itself(tmp_path: Path):
    away = configured(tmp_path, store="redis://127.0.0.1:9/0?timeout=50ms", store_keys=["plain:a key for tests only"])
    async with gateways(away) as (gateway,):
        assert code(await post(gateway, extensions=BY_DIGEST)) == "PERSISTED_QUERY_NOT_FOUND"
        assert (await post(gateway, query=TEXT, extensions=BY_DIGEST))["data"] == ANSWER
        assert (await post(gateway, extensions=BY_DIGEST))["data"] == ANSWER


async def test_only_trusted_documents(tmp_path: Path):
    (tmp_path / "documents.json").write_text(json.dumps({"departments": TEXT}))
    graphql = {"documents": "trusted", "trusted_documents": "documents.json"}
    async with gateways(configured(tmp_path, graphql=graphql)) as (gateway,):
        assert (await post(gateway, documentId="departments"))["data"] == ANSWER
        assert code(await post(gateway, query="{ departments { title } }")) == "TRUSTED_DOCUMENTS_ONLY"


async def test_introspection_switched_off(tmp_path: Path):
    async with gateways(configured(tmp_path, graphql={"introspection": False})) as (gateway,):
        assert code(await post(gateway, query="{ __schema { description } }")) == "INTROSPECTION_DISABLED"


def test_trusted_documents_need_a_manifest(tmp_path: Path):
    with pytest.raises(ConfigError, match=r"gateway\.yaml:1: graphql\.documents: .* names no manifest"):
        build(configured(tmp_path, graphql={"documents": "trusted"}))


@pytest.fixture
def checking(tmp_path: Path) -> Callable[[], BaseException | None]:
    """Runs `citygate check` on a folder with a manifest; what it raises."""
    (tmp_path / "departments.yaml").write_text("departments: {}\n")
    (tmp_path / "gateway.yaml").write_text(
        "identity: { issuer: 'http://127.0.0.1' }\ngraphql: { trusted_documents: documents.json }\n"
    )
    return lambda: CliRunner().invoke(check, ["--config", str(tmp_path)]).exception


def test_check_reads_the_manifest(tmp_path: Path, checking: Callable[[], BaseException | None]):
    assert isinstance(checking(), FileNotFoundError)
    (tmp_path / "documents.json").write_text(json.dumps({"a": TEXT, "b": "{ departmens { name } }"}, indent=1))
    assert str(checking()).startswith(
        f"{tmp_path}/documents.json:3: b: VALIDATION_FAILED: Cannot query field 'departmens' on type 'Query'. "
        "Did you mean 'departments'"
    )
    (tmp_path / "documents.json").write_text(json.dumps({"a": TEXT}))
    assert checking() is None

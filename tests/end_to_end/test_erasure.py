"""Two gateways on one store: nobody gets another's, nothing of anybody can be read, and a person can be erased."""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import jwt
import pytest
import redis

from gateway.settings import ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, Client, Sandbox, call, serving
from tests.servers.valkey import ValkeyServer

pytestmark = [pytest.mark.redis, pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")]
KEYS = {"CITYGATE_STORE_KEYS": "plain:a key for tests only"}
PERSONAS = ("resident", "parent", "officer")
REQUESTS = 120


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with TemporaryDirectory(prefix="valkey-") as folder:
        server = ValkeyServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture(scope="module")
def pair(running_city: SandboxCity, valkey: ValkeyServer) -> Iterator[list[Client]]:
    sandbox = Sandbox(running_city)
    sandbox.reset()
    with serving(running_city, store=valkey.url) as one, serving(running_city, store=valkey.url) as other:
        yield [Client(one, sandbox), Client(other, sandbox)]


def headers(token: str) -> dict[str, str]:
    return {"content-type": "application/json", "authorization": f"Bearer {token}"}


def id_in(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])


def test_whoever_asks_where_and_when_gets_their_own(pair: list[Client]) -> None:
    """The same bytes but for the token, at the same time, some the first time and some for a second person."""
    sandbox, chance = pair[0].sandbox, random.Random(1)
    tokens = {persona: sandbox.token(persona) for persona in PERSONAS}
    documents = ["{ viewer { name } }", "{ viewer { name appointments { totalCount } complaints { totalCount } } }"]
    bodies = [json.dumps({"query": document}).encode() for document in documents]

    def ask(where: tuple[Client, str, bytes]) -> tuple[str, bytes, str]:
        client, persona, body = where
        answer = call(f"{client.address}/graphql", method="POST", headers=headers(tokens[persona]), body=body)
        assert "errors" not in answer, answer["errors"]
        return persona, body, json.dumps(answer["data"], sort_keys=True)

    asked = [(chance.choice(pair), chance.choice(PERSONAS), chance.choice(bodies)) for _ in range(REQUESTS)]
    with ThreadPoolExecutor(8) as threads:
        answers = set(threads.map(ask, asked))
    assert len(answers) == len(PERSONAS) * len(bodies), "one and the same for each person and document"
    assert len({answer for *_, answer in answers}) == len(answers), "and another one for each other"
    assert [count for client in pair for count in misdirected(client)] == ["0"] * 8, "nor was it near to happen"


def misdirected(client: Client) -> list[str]:
    """The counts of what must stay 0, at all four places."""
    with urllib.request.urlopen(f"{client.address}/metrics", timeout=PATIENCE) as answer:
        return re.findall(r"^citygate_cross_subject_share_total\{.*\} (\d+)$", answer.read().decode(), re.MULTILINE)


def bytes_in(url: str) -> bytes:
    """Every byte that whoever holds the server can see."""
    with redis.Redis.from_url(url) as client:
        names: list[bytes] = list(client.scan_iter(count=1000))
        return b"\n".join([part for name in names for part in (name, _content(client, name))])


def _content(client: Any, name: bytes) -> bytes:
    return b"\n".join(client.zrange(name, 0, -1)) if client.type(name) == b"zset" else bytes(client.get(name) or b"")


def secrets_in(answers: Any) -> set[bytes]:
    """All texts and numbers of six characters and more."""
    return {each.encode() for each in re.findall(r"[\w@.-]{6,}", json.dumps(answers, ensure_ascii=False))}


def erase(url: str, person: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gateway", "erase", person],
        cwd=ROOT,
        env={"CITYGATE_STORE": url, "PATH": "", **KEYS},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def test_nothing_can_be_read_and_all_of_a_person_can_be_erased(pair: list[Client], valkey: ValkeyServer) -> None:
    sandbox = pair[0].sandbox
    answers = {
        persona: [client.data("home-screen", persona) for client in pair for _ in range(2)]
        for persona in ("resident", "parent")
    }
    persons = {persona: id_in(sandbox.token(persona)) for persona in answers}
    seen, secrets = bytes_in(valkey.url), secrets_in(answers) | {each.encode() for each in persons.values()}
    assert len(seen) > 5000, "the store was used"
    assert len(secrets) > 20
    assert not [secret for secret in secrets if secret in seen]

    erased = erase(valkey.url, persons["resident"])
    assert erased.returncode == 0, erased.stderr
    assert persons["resident"] not in erased.stdout
    first, *reports, last, _stays, _next = erased.stdout.splitlines()
    removed, searched, found = map(int, re.findall(r"\d+", first))
    assert removed >= 5
    assert searched >= 5, "those of the other person"
    assert found == 0
    assert all(
        re.search(r": [1-9]\d* whole answers, .* [1-9]\d* verified tokens\b.* removed$", each) for each in reports
    )
    assert last.startswith("2 gateways have reported")

    sandbox.forget_calls()
    assert pair[0].data("home-screen", "parent") == answers["parent"][0]
    assert sandbox.calls() == {}, "nothing of others goes"
    assert pair[1].data("home-screen", "resident") == answers["resident"][0]
    assert sandbox.calls(), "it was asked for again"

"""Two gateways on one store: nobody gets another's, nothing of anybody can be read, and a person can be erased."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import jwt
import pytest
import redis
import yaml

from gateway.settings import CONFIG, ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.crossing import ACTING, CLAIMING, DOCUMENTS, FORMS, Ask, Crowd
from tests.end_to_end.gateway import CONFIGURED, PATIENCE, Client, Sandbox, serving
from tests.servers.valkey import ValkeyServer, own_server

pytestmark = [pytest.mark.redis, pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")]
KEYS = {"CITYGATE_STORE_KEYS": "plain:a key for tests only"}


@pytest.fixture(scope="module")
def valkey() -> Iterator[ValkeyServer]:
    with own_server() as server:
        yield server


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped configuration, with trusted documents beside all others."""
    folder = tmp_path_factory.mktemp("config")
    shutil.copytree(CONFIG, folder, dirs_exist_ok=True)
    (folder / "documents.json").write_text(json.dumps(DOCUMENTS))
    shipped = yaml.safe_load((CONFIG / "gateway.yaml").read_text("utf-8"))
    (folder / "gateway.yaml").write_text(json.dumps({**shipped, "graphql": {"trusted_documents": "documents.json"}}))
    return folder


@pytest.fixture(scope="module")
def pair(running_city: SandboxCity, valkey: ValkeyServer, config: Path) -> Iterator[list[Client]]:
    sandbox = Sandbox(running_city)
    sandbox.reset()
    chosen = {"store": valkey.url, "CITYGATE_SUBJECT_UNITS": "0"}
    with ExitStack() as stack:
        addresses = [stack.enter_context(serving(running_city, "--config", str(config), **chosen)) for _ in range(2)]
        yield [Client(one, sandbox) for one in addresses]


def id_in(token: str) -> str:
    return str(jwt.decode(token, options={"verify_signature": False})["sub"])


def test_whoever_asks_where_when_and_how_gets_their_own(pair: list[Client], valkey: ValkeyServer) -> None:
    """Persons, tokens and forms of a request through few connections; CITYGATE_INTERLEAVINGS=N plays N histories."""
    crowd = Crowd.at(pair[0])
    personal = [crowd.alone[who, "records"] for who in ("a resident", "a parent", "an officer", ACTING, CLAIMING)]
    assert len(set(personal)) == len(personal), "so that each can be told from each other"
    crowd.play_many([one.address for one in pair], valkey.url)
    assert set(crowd.answered) >= set(FORMS), "every form was answered"


@pytest.mark.parametrize(
    ("weakened", "attacks"),
    [  # a name is no department's, and so never kept; with another's records it stays one's own
        ("answers,connections", {"lists": (0, 1, r"\['a resident"), "name": (2, 2, r"\['a resident")}),
        ("records", {"lists": (0, 1, "nobody known")}),
    ],
)
def test_and_would_not_on_a_weakened_build(pair: list[Client], weakened: str, attacks: Any) -> None:
    """That the crowd sees answers, records and connections that take one person for another."""
    crowd, city = Crowd.at(pair[0]), pair[0].sandbox.city
    environment = {"WEAKENED": weakened, "CITYGATE_FAST_LANE_BYTES": "0"}
    with serving(city, module="tests.end_to_end.weakened", **environment) as address:
        for document, (one, other, got) in attacks.items():
            history = [[Ask(one, "a resident", document, "post")], [Ask(other, "a parent", document, "post")]]
            with pytest.raises(AssertionError, match=f"another's answer: .*a parent.* got that of {got}"):
                asyncio.run(crowd.play([address], history))


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

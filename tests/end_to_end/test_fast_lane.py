"""The fast lane in real processes: two gateways on one store, one person's writes and another's answers."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from adapters.runtime.answers import COHERENT_WITHIN
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox, serving
from tests.servers.valkey import own_server

MINE = "{ viewer { complaints { totalCount } } }"
pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not {"service_centre", "hotline"} <= CONFIGURED, reason="needs centre and hotline"),
]


class Kept:
    """One kept connection to a gateway, on which one person asks the same, byte for byte."""

    def __init__(self, address: str, token: str, locale: str = "en") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=30)
        self._headers = {
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            "accept": "application/graphql-response+json",
            "accept-language": locale,
        }

    def ask(self, document: str = MINE) -> tuple[int, str]:
        """How many complaints the person has, and the trace id, which header and body agree on."""
        self._connection.request("POST", "/graphql", json.dumps({"query": document}).encode(), self._headers)
        with self._connection.getresponse() as answer:
            found = json.loads(answer.read())
            assert answer.headers["x-trace-id"] == found["extensions"]["traceId"]
            return found["data"]["viewer"]["complaints"]["totalCount"], found["extensions"]["traceId"]

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(params=["8388608", "0"], ids=["lane", "no lane"])
def gateways(request: pytest.FixtureRequest, running_city: SandboxCity) -> Iterator[list[str]]:
    Sandbox(running_city).reset()
    with ExitStack() as stack:
        valkey = stack.enter_context(own_server())
        yield [
            stack.enter_context(
                serving(
                    running_city,
                    store=valkey.url,
                    CITYGATE_FAST_LANE_BYTES=request.param,
                    CITYGATE_SAMPLE_RATIO="0.5",
                )
            )
            for _ in range(2)
        ]


def test_persons_are_apart_and_writes_are_seen_everywhere(gateways: list[str], running_city: SandboxCity) -> None:
    sandbox = Sandbox(running_city)
    tokens = {person: sandbox.token(person) for person in ("resident", "busy")}
    clients = {(where, person): Kept(where, token) for where in gateways for person, token in tokens.items()}
    try:
        before = {person: clients[gateways[0], person].ask()[0] for person in tokens}
        assert before["resident"] != before["busy"]
        answers = [(person, client.ask()) for _ in range(20) for (_, person), client in clients.items()]
        assert {(person, count) for person, (count, _) in answers} == set(before.items())
        assert len({trace for _, (_, trace) in answers}) == len(answers)
        file_a_complaint(Client(gateways[1], sandbox), "resident")
        assert clients[gateways[1], "resident"].ask()[0] == before["resident"] + 1, "where it was written, at once"
        time.sleep(COHERENT_WITHIN + 0.1)
        assert clients[gateways[0], "resident"].ask()[0] == before["resident"] + 1, "elsewhere, after a second"
        assert clients[gateways[0], "busy"].ask()[0] == before["busy"]
    finally:
        for client in clients.values():
            client.close()


def file_a_complaint(client: Client, persona: str) -> None:
    category = client.ask("{ complaintCategories { code } }")["data"]["complaintCategories"][0]["code"]
    place = {"address": "关山大道1号", "location": {"latitude": 30.4586, "longitude": 114.4142}}
    order = {"categoryCode": category, "description": "Noise at night.", **place}
    assert client.data("file-a-complaint", persona, input=order)["fileComplaint"]["problems"] == []

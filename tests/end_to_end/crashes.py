"""A gateway that is killed again and again while people order, and what the departments' books say in the end."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sandbox.launch import SandboxCity
from tests.end_to_end.forked import Forked
from tests.end_to_end.gateway import PATIENCE, Client, Sandbox, environment_of

PERSONAS = {
    "complaint": "resident",
    "registration": "entrepreneur",
    "extract": "parent",
    "payment": "officer",
}
MUTATIONS = {
    "complaint": "mutation($input: FileComplaintInput!) { done: fileComplaint(input: $input)"
    " { record: complaint { id } filing { reference status } problems { code path } } }",
    "registration": "mutation($input: StartRegistrationInput!) { done: startRegistration(input: $input)"
    " { record: registration { id } filing { reference status } problems { code path } } }",
    "extract": "mutation($input: RequestExtractInput!) { done: requestExtract(input: $input)"
    " { record: extract { id } filing { reference status } problems { code path } } }",
    "payment": "mutation($input: StartTaxPaymentInput!) { done: startTaxPayment(input: $input)"
    " { record: payment { payUrl } filing { reference status } problems { code path } } }",
}
BOOKS = {
    "complaint": ("complaints(first: 100, after: $after) { nodes { id description } %s }", "description"),
    "registration": ("registrations(first: 100, after: $after) { nodes { id title } %s }", "title"),
    "extract": ("extracts(first: 100, after: $after) { nodes { id } %s }", "id"),
}
LOST = (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, json.JSONDecodeError)
FORM = {"name": "光谷茶馆有限公司", "address": "湖北省武汉市东湖新技术开发区关山大道1号", "capital": "100000"}


@dataclass
class Mortal:
    """A gateway over one ledger. `kill` ends it as a power cut would, and `live` starts it again."""

    city: SandboxCity
    config: Path
    environment: dict[str, str]
    address: str = ""
    deaths: int = 0
    _process: Forked | None = None

    def live(self) -> None:
        environment = environment_of(self.city, **self.environment)
        self._process = Forked(environment, "--config", str(self.config))
        self.address = self._process.address

    def kill(self) -> None:
        """Nothing for one that is dead already."""
        if self._process is not None:
            self.address = ""
            self._process.kill()
            self._process = None
            self.deaths += 1


@dataclass
class Told:
    """What the clients were told, by kind and number."""

    before: dict[str, Counter[str]] = field(default_factory=dict)
    records: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    filings: dict[tuple[str, int], str] = field(default_factory=dict)


class Crowd:
    """People who order, each with a key of their own, and repeat it until they are answered."""

    def __init__(self, gateway: Mortal, tokens: dict[str, str], registration: dict[str, Any]) -> None:
        self._gateway, self._tokens, self._registration = gateway, tokens, registration
        self.told = Told()

    def order(self, kind: str, number: int) -> None:
        """One order, until there is an answer."""
        until = time.monotonic() + 300
        while time.monotonic() < until:
            answer = self._ask(kind, number)
            if answer is not None:
                self.told.filings[kind, number] = answer["filing"]["reference"]
                if answer["record"]:
                    self.told.records[kind, number] = answer["record"]
                return
            time.sleep(0.05)
        raise AssertionError(f"{kind} {number} was never answered")

    def _ask(self, kind: str, number: int) -> Any:
        address = self._gateway.address
        if not address:
            return None
        body = json.dumps({"query": MUTATIONS[kind], "variables": {"input": self._input(kind, number)}}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {self._tokens[kind]}"}
        request = urllib.request.Request(f"{address}/graphql", body, headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as reply:
                answer = json.load(reply)
        except LOST:
            return None
        if answer.get("errors"):
            return None  # a payment cannot wait: who repeats it with its key is safe
        done = answer["data"]["done"]
        assert done["problems"] == [], done
        return done

    def _input(self, kind: str, number: int) -> dict[str, Any]:
        text = f"{kind} number {number:05}"
        chosen: dict[str, Any] = {
            "complaint": {"categoryCode": "manhole_cover", "description": text, "address": "关山大道1号"},
            "registration": {**self._registration, "title": text},
            "extract": {"kind": "HOUSEHOLD", "purpose": text},
            "payment": {"amount": f"{1 + number / 100:.2f}", "currency": "CNY"},
        }
        return {**chosen[kind], "idempotencyKey": f"key-{kind}-{number}"}


class Books:
    """What the departments have, asked through a gateway that lives."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def count(self, kind: str) -> Counter[str]:
        """How often each entry is there, by what tells it apart."""
        if kind == "payment":
            document = "{ viewer { taxAccount { payments { amount { amount } } } } }"
            found = self._ask(document, PERSONAS[kind])["taxAccount"]["payments"]
            return Counter(one["amount"]["amount"] for one in found)
        body, name = BOOKS[kind]
        return Counter(node[name] for node in self._nodes(kind, body))

    def filings(self, persona: str) -> Iterator[dict[str, Any]]:
        return self._pages(persona, "filings(first: 100, after: $after) { nodes { reference status operation } %s }")

    def _nodes(self, kind: str, body: str) -> Iterator[dict[str, Any]]:
        return self._pages(PERSONAS[kind], body)

    def _pages(self, persona: str, body: str) -> Iterator[dict[str, Any]]:
        page = "pageInfo { hasNextPage endCursor }"
        document = f"query($after: String) {{ viewer {{ page: {body % page} }} }}"
        after = None
        while True:
            found = self._ask(document, persona, after=after)["page"]
            yield from found["nodes"]
            if not found["pageInfo"]["hasNextPage"]:
                return
            after = found["pageInfo"]["endCursor"]

    def _ask(self, document: str, persona: str, **variables: Any) -> Any:
        answer = self._client.ask(document, persona, **variables)
        assert "errors" not in answer, answer
        return answer["data"]["viewer"]


def registration_of(client: Client) -> dict[str, Any]:
    """A registration whose form is filled in."""
    kind = client.ask("{ registrationKinds { id } }")["data"]["registrationKinds"][0]["id"]
    gaps = {"kindId": kind, "title": "Gaps", "answers": [{"code": "nonsense", "value": "x"}]}
    refused = client.ask(MUTATIONS["registration"], "entrepreneur", input=gaps)["data"]["done"]["problems"]
    missing = [problem["path"][-1] for problem in refused if problem["code"] == "REQUIRED"]
    return {"kindId": kind, "answers": [{"code": code, "value": FORM.get(code, "1")} for code in missing]}


def patient(fulfilled: Callable[[], bool], *, seconds: float = 300) -> None:
    """Wait for something. Raises: AssertionError when it does not come."""
    until = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < until, "it has taken too long"
        time.sleep(0.01)


@contextmanager
def dying(gateway: Mortal, chance: random.Random, misbehave: Callable[[], None], most: int) -> Iterator[None]:
    """The gateway is killed at random instants, at most so often, and started again, until the end of the block."""
    over = threading.Event()
    failed: list[BaseException] = []

    def reap() -> None:
        try:
            while gateway.deaths < most and not over.wait(chance.uniform(0.0, 0.5)):
                gateway.kill()
                misbehave()
                gateway.live()
        except BaseException as exc:  # told by the block's end
            failed.append(exc)

    reaper = threading.Thread(target=reap)
    reaper.start()
    try:
        yield
    finally:
        over.set()
        reaper.join()
    assert not failed, failed


def play(gateway: Mortal, *, count: int, seed: int) -> Crowd:
    """So many orders of each kind while the gateway dies again and again; it lives in the end."""
    sandbox, chance = Sandbox(gateway.city), random.Random(seed)
    gateway.live()
    client = Client(gateway.address, sandbox)
    registration = registration_of(client)
    crowd = Crowd(gateway, {kind: sandbox.token(persona) for kind, persona in PERSONAS.items()}, registration)
    crowd.told.before = {kind: Books(client).count(kind) for kind in PERSONAS}
    orders = [(kind, number) for number in range(count) for kind in PERSONAS]
    most = len(orders) // 4

    def order(index: int) -> None:
        patient(lambda: gateway.deaths >= index // 5)  # so that there are orders at every death
        crowd.order(*orders[index])

    def misbehave() -> None:
        department = chance.choice(("hotline", "market_regulation", "public_security", "taxation"))
        sandbox.misbehave(department, kind=chance.choice(("lost_answer", "error", "drop", "junk")), times=1)

    with dying(gateway, chance, misbehave, most), ThreadPoolExecutor(8) as pool:
        list(pool.map(order, range(len(orders))))
    return crowd

"""What persons have and send is in no log, span, trace page, health page, stored byte or answer to somebody else.

Two gateways of real processes, each with a real OTLP receiver: one in front of the city, which misbehaves in every way
it can; one in front of departments that echo whatever they are sent, and with parts that fail with it in their texts.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import yaml

from gateway.settings import ROOT
from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, EXAMPLES, PATIENCE, Sandbox
from tests.end_to_end.seeds import SEEDS, Search, harvested
from tests.servers.echo import ANSWERS, echoing
from tests.servers.otlp import Receiver, receiving

pytestmark = pytest.mark.skipif(len(CONFIGURED) < 6, reason="not every department is configured")
PERSON, OTHER = "parent", "officer"
OWN = {"100000033", "Li Mei", "李梅"}
MISBEHAVIOUR: tuple[dict[str, Any], ...] = (
    {"kind": "error"},
    {"kind": "inner_fault"},
    {"kind": "maintenance", "seconds": 600},
    {"kind": "quota", "calls": 0, "per": 60},
    {"kind": "junk"},
    {"kind": "drop"},
    {"kind": "lost_answer"},
)


@dataclass
class Watched:
    """A gateway process of which everything that comes out is kept."""

    address: str
    tokens: Mapping[str, str]
    collector: Receiver
    lines: Path
    seen_by_others: list[bytes] = field(default_factory=list)
    personal: list[Any] = field(default_factory=list)

    def send(self, path: str, *, who: str | None, body: bytes | None = None, **headers: str) -> bytes:
        """One exchange. What anybody but the person gets is kept with what comes out."""
        if who is not None:
            headers.setdefault("authorization", f"Bearer {self.tokens[who]}")
        headers = {"content-type": "application/json", "accept": "application/json"} | headers
        request = urllib.request.Request(f"{self.address}{path}", data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                found: bytes = answer.read()
        except urllib.error.HTTPError as refused:
            with refused:
                found = refused.read()
        if who == OTHER:
            self.seen_by_others.append(found)
        return found

    def ask(self, document: str, *, who: str | None = PERSON, **variables: Any) -> Any:
        answer = json.loads(
            self.send("/graphql", who=who, body=json.dumps({"query": document, "variables": variables}).encode())
        )
        if who == PERSON:
            self.personal.append(answer)
        return answer

    def example(self, name: str, *, who: str | None = PERSON, **variables: Any) -> Any:
        return self.ask((EXAMPLES / f"{name}.graphql").read_text("utf-8"), who=who, **variables)

    def came_out(self) -> dict[str, bytes]:
        """Pages, and answers to others; the rest comes when the process has ended."""
        listing = self.send("/traces", who=None)
        found = {path: self.send(path, who=None) for path in ("/health/live", "/health/ready", "/metrics")}
        found["/traces"] = listing
        identifiers = sorted(set(re.findall(r"/traces/([0-9a-f]{32})", listing.decode())))
        for identifier in identifiers:
            for path in (f"/traces/{identifier}", f"/traces/{identifier}.json"):
                found[path] = self.send(path, who=None)
        assert len(identifiers) > 30
        return found | {f"answer {number} to another": body for number, body in enumerate(self.seen_by_others)}


@contextmanager
def watched(
    city: SandboxCity, folder: Path, addresses: Mapping[str, str], module: str = "gateway"
) -> Iterator[tuple[Watched, dict[str, bytes]]]:
    """A gateway, and after the block all that came out of it by name."""
    lines, stored, came_out = folder / "lines", folder / "stored", dict[str, bytes]()
    stored.mkdir()
    environment = {f"CITYGATE_ADDRESS_{name.upper()}": where for name, where in addresses.items()}
    tokens = {who: Sandbox(city).token(who) for who in (PERSON, OTHER)}
    with receiving() as collector, lines.open("wb") as output:
        environment |= {"CITYGATE_ISSUER": city.addresses["issuer"], "CITYGATE_STORE": f"sqlite://{stored}/store.db"}
        environment |= {"CITYGATE_DATA_FOLDER": str(stored)}
        environment |= {"CITYGATE_SAMPLE_RATIO": "1", "CITYGATE_OTLP_ENDPOINT": collector.url}
        process = subprocess.Popen(
            [sys.executable, "-m", module, "serve", "--port", "0", "--config", str(patient_configuration(folder))],
            stdout=output,
            stderr=output,
            env={**os.environ, **environment, "PYTHONUNBUFFERED": "1", "PYTHONASYNCIODEBUG": ""},
            cwd=ROOT,
        )
        try:
            gateway = Watched(_address(process, lines), tokens, collector, lines)
            yield gateway, came_out
            came_out |= gateway.came_out()
        finally:
            process.terminate()
            process.wait(PATIENCE)
        came_out["standard output and error"] = lines.read_bytes()
        came_out |= {f"export {number}": body for number, body in enumerate(collector.bodies)}
        assert len(collector.spans) > 100, "spans were exported"
        came_out |= {f"stored in {file.name}": file.read_bytes() for file in stored.iterdir()}
        for file in ("store.db", "ledger.db", "audit.db"):
            assert len(came_out[f"stored in {file}"]) > 20_000, f"{file} was used"


def patient_configuration(folder: Path) -> Path:
    """The shipped one, but that departments are asked however often they have failed."""
    config = folder / "config"
    shutil.copytree(ROOT / "config", config)
    departments = yaml.safe_load((config / "departments.yaml").read_text("utf-8"))
    for department in departments["departments"].values():
        department["calls"] = {"breaker": {"failures": 1000}}
    (config / "departments.yaml").write_text(yaml.safe_dump(departments))
    return config


def _address(process: subprocess.Popen[bytes], lines: Path) -> str:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        if found := re.search(rb"http://[\d.]+:\d+", lines.read_bytes()):
            return found.group().decode()
        time.sleep(0.02)
    raise AssertionError(f"the gateway is not up: {lines.read_text()}")


def complaint(category: str, **more: Any) -> dict[str, Any]:
    return {
        "categoryCode": category,
        "description": SEEDS["words"],
        "location": {"latitude": float(SEEDS["latitude"]), "longitude": float(SEEDS["longitude"])},
        "address": SEEDS["address"],
        "photoUrls": [SEEDS["photo"]],
        "phone": SEEDS["phone"],
        "idempotencyKey": SEEDS["key"],
        "clientMutationId": SEEDS["mutation"],
        **more,
    }


def orders(gateway: Watched, slot: Mapping[str, Any], category: str, kind: str) -> None:
    """One order to each domain, with all that a person can say in it."""
    contact = {"name": SEEDS["name"], "email": SEEDS["email"], "phone": SEEDS["phone"]}
    gateway.example("book-an-appointment", input={**slot, **contact})
    gateway.example("file-a-complaint", input=complaint(category))
    odd = [{"code": SEEDS["junk"], "value": SEEDS["answer"]}]
    gateway.example("file-a-complaint", input=complaint(category, idempotencyKey=None, attributes=odd))
    gateway.example("file-a-complaint", who=None, input=complaint(category, anonymous=True))
    said = {"name": SEEDS["title"], "address": SEEDS["address"], "capital": SEEDS["number"]}
    answers = [{"code": code, "value": value} for code, value in said.items()]
    gateway.example("start-a-registration", input={"kindId": kind, "title": SEEDS["title"], "answers": answers})
    gateway.example("request-an-extract", input={"kind": "HOUSEHOLD", "purpose": SEEDS["purpose"]})
    gateway.example("pay-taxes", input={"amount": SEEDS["amount"], "currency": "CNY"})


def literal(value: Any) -> str:
    """A value as a literal of a document."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name}: {literal(one)}" for name, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return json.dumps(value, ensure_ascii=False)


READS = ("home-screen", "family", "complaints", "appointments", "registrations", "tax-account")


def reads(gateway: Watched) -> None:
    for name in READS:
        gateway.example(name)
        gateway.example(name)  # kept by now
    for who in (OTHER, None):
        gateway.example("home-screen", who=who)
    gateway.ask("{ viewer { name mandates { id name basis } } }")


def bad_requests(gateway: Watched, category: str) -> None:
    """Everything that is refused because of what is in it, and what GraphQL says about it."""
    words, number = literal(SEEDS["words"]), SEEDS["number"]
    order = literal(complaint(category))
    for document in (
        f"mutation {{ fileComplaint(input: {order}) {{ complaint {{ id }} problems {{ code message }} }} }}",
        f"mutation {{ fileComplaint(input: {order}) {{ nonsense }} }}",
        f"{{ node(id: {words}) {{ id }} }}",
        f"{{ node(id: {number}) {{ id }} }}",
        f"{{ p{number}: node(id: {words}) {{ nonsense }} }}",
        f"{{ p{number}: departments {{ name }} }}",
        f"{{ services(search: {literal(SEEDS['search'])}, first: {number}) {{ totalCount }} }}",
        f"{{ services(first: {words}) {{ totalCount }} }}",
        f"{{ offices(after: {words}) {{ totalCount }} }}",
        f"{{ freeSlots(officeId: {words}, serviceIds: [{number}], firstDay: {words}, lastDay: 1) {{ startsAt }} }}",
        f'{{ freeSlots(officeId: {words}, serviceIds: [], firstDay: "2026-01-01", lastDay: "2026-01-02") {{ startsAt }} }}',  # noqa: E501
        f"{{ viewer(onBehalfOf: {words}) {{ name }} }}",
        f"query Q($v: String = {words}) {{ services(search: $v) {{ totalCount }} departments {{ name }} }}",
        f"{{ departments {{ name }} # {SEEDS['words']}\n}}",
        f"{{ departments {{ name }} {words} }}",
        f"{{ departments {{ name }} }} query p{number} {{ departments {{ name }} }}",
        f"query p{number} {{ departments {{ title }} }}",
        f"{{ viewer {{ complaints(first: 1, after: {words}) {{ totalCount }} }} }}",
    ):
        gateway.ask(document)
    mutation = "mutation M($input: FileComplaintInput!) { fileComplaint(input: $input) { problems { code message } } }"
    for value in (
        complaint(category, description=7, unknown=SEEDS["junk"]),
        complaint(category, location=SEEDS["junk"]),
        complaint(category, anonymous=SEEDS["junk"]),
        complaint(category, attributes=[SEEDS["junk"], {SEEDS["junk"]: SEEDS["words"]}]),
        complaint(category, description="x", phone=SEEDS["words"] * 3),
        SEEDS["words"],
        [SEEDS["words"]],
        None,
    ):
        gateway.ask(mutation, input=value, **{SEEDS["junk"].replace("-", "_"): SEEDS["number"]})
    send_malformed(gateway)


def send_malformed(gateway: Watched) -> None:
    words = SEEDS["words"]
    for body in (
        words.encode(),
        f'{{"query": "{words}'.encode(),
        json.dumps({"query": "{ departments { name } }", "operationName": words}).encode(),
        json.dumps({"query": [words], "variables": words}).encode(),
        json.dumps({"query": "{ departments { name } }", "extensions": {"persistedQuery": words}}).encode(),
        json.dumps({"documentId": words}).encode(),
    ):
        gateway.send("/graphql", who=PERSON, body=body)
    search = "query S($s: String) { services(search: $s) { totalCount } }"
    for query in (
        {"query": search, "variables": json.dumps({"s": SEEDS["search"]})},
        {"query": search, "variables": json.dumps({"s": {"x": SEEDS["search"]}})},
        {"query": search, "variables": SEEDS["search"]},
        {"query": "{ viewer { name } }", SEEDS["key"]: words},
        {"query": f"{{ node(id: {literal(words)}) {{ id }} }}"},
        {"query": f"mutation {{ requestExtract(input: {literal(words)}) {{ problems {{ code }} }} }}"},
    ):
        gateway.send(f"/graphql?{urlencode(query)}", who=PERSON)
    quoted = urlencode({"q": words})[2:]
    for path in (f"/{quoted}", f"/traces/{quoted}", f"/traces/{quoted}.json?{quoted}", f"/health/ready?q={quoted}"):
        gateway.send(path, who=PERSON)
    gateway.send("/graphql", who=PERSON, body=b"{}", **{"content-type": f"text/{SEEDS['key']}", "accept": SEEDS["key"]})
    gateway.send("/graphql", who=PERSON, body=b"{}", traceparent=words.encode().hex(), baggage=SEEDS["key"])


def bad_tokens(gateway: Watched, token: str) -> None:
    head, _claims, signature = token.split(".")
    forged = base64.urlsafe_b64encode(json.dumps({"sub": SEEDS["number"], "name": SEEDS["name"]}).encode())
    for authorization in (
        f"Bearer {SEEDS['token']}",
        f"Basic {base64.b64encode(SEEDS['words'].encode()).decode()}",
        f"Bearer {head}.{forged.decode().rstrip('=')}.{signature}",
        f"Bearer {head}.{forged.decode().rstrip('=')}.",
        f"Bearer {token[:-4]}AAAA",
        SEEDS["token"],
    ):
        body = b'{"query": "{ viewer { name } }"}'
        gateway.send("/graphql", who=PERSON, body=body, authorization=authorization)


def what_to_order(gateway: Watched) -> tuple[dict[str, Any], str, str]:
    """A free slot, a complaint's category and a kind of registration."""
    services = gateway.example("services-and-offices", who=None)["data"]["services"]["nodes"]
    service = next(one for one in services if one["offices"])
    office, today = service["offices"][0]["id"], datetime.now(UTC).date()
    days = {"from": today.isoformat(), "to": (today + timedelta(days=21)).isoformat()}
    slots = gateway.example("free-slots", who=None, office=office, services=[service["id"]], **days)["data"][
        "freeSlots"
    ]
    slot = {"officeId": office, "serviceIds": [service["id"]], "startsAt": slots[-1]["startsAt"]}
    lists = gateway.ask("{ complaintCategories { code } registrationKinds { id } }", who=None)["data"]
    return slot, lists["complaintCategories"][0]["code"], lists["registrationKinds"][0]["id"]


def leaks(came_out: Mapping[str, bytes], gateway: Watched) -> dict[str, list[str]]:
    """Which secrets are where."""
    token_parts = {part for token in gateway.tokens.values() for part in token.split(".")[1:]}
    viewers = [(answer.get("data") or {}).get("viewer") for answer in gateway.personal]
    held = {secret for viewer in viewers for secret in harvested(viewer)}
    search = Search({*SEEDS.values(), *OWN, *held, *token_parts})
    assert len(search) > len(SEEDS) + len(OWN)
    return {name: found for name, body in came_out.items() if (found := search.found(body))}


def test_no_secret_comes_out_of_a_gateway_whose_city_misbehaves(
    running_city: SandboxCity, sandbox: Sandbox, tmp_path: Path
) -> None:
    with watched(running_city, tmp_path, sandbox.departments()) as (gateway, came_out):
        slot, category, kind = what_to_order(gateway)
        orders(gateway, slot, category, kind)
        reads(gateway)
        assert any(SEEDS["words"] in json.dumps(one, ensure_ascii=False) for one in gateway.personal), "it was filed"
        bad_requests(gateway, category)
        bad_tokens(gateway, gateway.tokens[PERSON])
        for scenario in MISBEHAVIOUR:
            for department in sandbox.departments():
                sandbox.misbehave(department, **scenario)
            orders(gateway, slot, category, kind)
            for who in (PERSON, OTHER):
                gateway.example("family", who=who)
                gateway.example("home-screen", who=who)
        sandbox.reset()
    assert leaks(came_out, gateway) == {}


def test_no_secret_comes_out_of_a_gateway_that_fails_with_it(running_city: SandboxCity, tmp_path: Path) -> None:
    with echoing() as echo:
        addresses = dict.fromkeys(Sandbox(running_city).departments(), echo.url)
        with watched(running_city, tmp_path, addresses, "tests.end_to_end.sabotaged") as (gateway, came_out):
            office, service = (base64.urlsafe_b64encode(one).decode() for one in (b"Office:1", b"PublicService:1"))
            slot = {"officeId": office, "serviceIds": [service], "startsAt": "2031-01-06T09:00:00+08:00"}
            kind = base64.urlsafe_b64encode(b"RegistrationKind:1").decode()
            gateway.send(f"/?{urlencode({'q': SEEDS['words']})}", who=PERSON)
            for echo.status, echo.shape in ANSWERS:
                orders(gateway, slot, "pothole", kind)
                for who in (PERSON, OTHER):
                    gateway.example("home-screen", who=who)
            for seed in ("purpose", "title", "number"):
                assert any(SEEDS[seed] in heard for heard in echo.heard), "it was echoed"
            assert any("INTERNAL" in json.dumps(one) for one in gateway.personal), "it failed"
    assert leaks(came_out, gateway) == {}
    told = came_out["standard output and error"].decode()
    for line in ("unexpected LookupError from ValueError", "it failed for …", "warning of library: ", "in of_person"):
        assert line in told, "what happened is told, but for the values"

"""Whole answers at the endpoint: for whom, how long, with ETag and 304, and gone with a write."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Any

import pytest

from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox

PUBLIC = "{ services(first: 2) { nodes { name } } }"
PERSONAL = "{ viewer { complaints { totalCount } } }"
pytestmark = pytest.mark.skipif(not {"service_centre", "hotline"} <= CONFIGURED, reason="needs centre and hotline")


def get(client: Client, document: str, persona: str | None = None, **headers: str) -> tuple[int, dict[str, str], Any]:
    url = f"{client.address}/graphql?{urllib.parse.urlencode({'query': document})}"
    headers |= {"accept": "application/graphql-response+json", "accept-language": "en"}
    if persona:
        headers["authorization"] = f"Bearer {client.sandbox.token(persona)}"
    try:
        answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=30)
    except urllib.error.HTTPError as other:
        answer = other
    with answer:
        text = answer.read()
        found = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, found, json.loads(text) if text else None


def test_a_public_answer_has_its_lifetime_and_a_tag(client: Client, sandbox: Sandbox) -> None:
    status, headers, first = get(client, PUBLIC)
    assert status == 200
    assert 0 < int(headers["cache-control"].removeprefix("public, max-age=")) <= 1800
    assert headers["vary"] == "Accept, Accept-Language, Authorization"
    sandbox.forget_calls()
    for persona in (None, "parent"):
        assert get(client, PUBLIC, persona, **{"if-none-match": headers["etag"]})[0] == 304
        assert get(client, PUBLIC, persona)[2]["data"] == first["data"]
    assert sandbox.calls() == {}
    assert get(client, PUBLIC, **{"if-none-match": '"other"'})[0] == 200


def test_a_personal_answer_is_nobody_elses(client: Client) -> None:
    status, headers, mine = get(client, PERSONAL, "busy")
    assert (status, headers["cache-control"]) == (200, "private, no-cache")
    assert get(client, PERSONAL, "busy", **{"if-none-match": headers["etag"]})[0] == 304
    _, other_headers, others = get(client, PERSONAL, "parent")
    assert others["data"] != mine["data"]
    assert other_headers["etag"] != headers["etag"]
    assert get(client, PERSONAL)[2]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_write_changes_the_tag(client: Client) -> None:
    _, before, _ = get(client, PERSONAL, "resident")
    category = client.ask("{ complaintCategories { code } }")["data"]["complaintCategories"][0]["code"]
    place = {"address": "关山大道1号", "location": {"latitude": 30.4586, "longitude": 114.4142}}
    order = {"categoryCode": category, "description": "Noise at night.", **place}
    assert client.data("file-a-complaint", "resident", input=order)["fileComplaint"]["problems"] == []
    status, after, _ = get(client, PERSONAL, "resident", **{"if-none-match": before["etag"]})
    assert (status, after["etag"] == before["etag"]) == (200, False)


def test_what_says_whether_it_was_kept_is_made_anew(client: Client) -> None:
    document = "{ viewer { complaints { source { cached } } } }"
    said = [client.ask(document, "officer")["data"]["viewer"]["complaints"]["source"]["cached"] for _ in range(2)]
    assert said == [False, True]


def test_a_partial_answer_is_not_kept(client: Client, sandbox: Sandbox) -> None:
    document = "{ viewer { complaints { totalCount } appointments { totalCount } } }"
    sandbox.misbehave("hotline", kind="error")
    assert client.ask(document, "manager")["data"]["viewer"]["complaints"] is None
    sandbox.reset()
    assert client.ask(document, "manager")["data"]["viewer"]["complaints"]["totalCount"] > 0


def test_each_answer_has_its_own_trace(client: Client) -> None:
    first, second = (client.example("home-screen", "parent") for _ in range(2))
    assert first["extensions"]["traceId"] != second["extensions"]["traceId"]
    assert first["data"] == second["data"]

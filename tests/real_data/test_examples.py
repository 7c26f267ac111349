"""The example operations answer over real public data as they do over the generated city."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, EXAMPLES, Client, Sandbox, call, real_data, serving
from tests.end_to_end.test_home_screen import DOMAINS, NEEDED, PERSONAS, present

pytestmark = pytest.mark.real_data
QUERIES = sorted(
    path.stem
    for path in EXAMPLES.glob("*.graphql")
    if "mutation " not in (text := path.read_text()) and "ID!" not in text
)


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    data = real_data()
    if data is None:
        pytest.skip("CITYGATE_DATA names no folder of public data")
    with SandboxCity(data=data) as city, serving(city) as address:
        yield Client(address, Sandbox(city))


@pytest.mark.parametrize("persona", PERSONAS)
@pytest.mark.parametrize("name", QUERIES)
def test_every_example_answers(client: Client, name: str, persona: str) -> None:
    answer = client.example(name, persona)
    assert answer["data"]
    assert {error["extensions"]["code"] for error in answer.get("errors", ())} <= {"NOT_OFFERED"}


def test_five_domains_have_real_records(client: Client) -> None:
    seen = set[str]()
    for persona in PERSONAS:
        seen |= present(client.example("home-screen", persona)["data"]["viewer"])
    assert seen == NEEDED
    assert DOMAINS


def test_every_department_says_what_became_of_each_record(client: Client, record_property: Any) -> None:
    for name, where in client.sandbox.departments().items():
        if name not in CONFIGURED:
            continue
        report = call(f"{where}/_sandbox/seed")
        print(name, json.dumps(report, ensure_ascii=False))
        record_property(name, json.dumps(report))
        assert report["served"] > 0
        assert all(reason and count > 0 for reason, count in report["refused"].items())

"""One department fails in each way that there is: its fields say so, the others answer."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.launch import SandboxCity
from tests.end_to_end.gateway import CONFIGURED, EVERY_CALL, Client, Sandbox, call, configured, serving, under_both
from tests.end_to_end.test_home_screen import DOMAINS, NEEDED, present

FIELD = {department: domain for domain, department in DOMAINS.items()}
SMALL = {
    DOMAINS["appointments"]: "appointments { totalCount }",
    DOMAINS["registrations"]: "registrations { totalCount }",
    DOMAINS["complaints"]: "complaints { totalCount }",
    DOMAINS["taxAccount"]: "taxAccount { obligations { period } }",
    DOMAINS["civilRecord"]: "civilRecord { secret }",
}
"""What asks a department for little."""
PERSONAS = ("entrepreneur", "resident", "parent", "officer", "manager", "operator", "busy")
"""One for each test of a department, so that no cache knows the answer already."""


@pytest.fixture(scope="module")
def own_city() -> Iterator[SandboxCity]:
    """A city whose servers these tests may stop."""
    with SandboxCity() as city:
        yield city


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return configured(tmp_path_factory.mktemp("config"), EVERY_CALL)


@pytest.fixture(scope="module")
def own_client(own_city: SandboxCity, compiling: str, impatient: Path) -> Iterator[Client]:
    sandbox = Sandbox(own_city)
    with serving(own_city, "--config", str(impatient), CITYGATE_COMPILE=compiling) as address:
        client = Client(address, sandbox)
        client.ask("{ viewer { taxAccount { payments { receivedOn } } } }", "busy")  # the bureau's token is there
        yield client


def only_error(answer: Any, department: str) -> dict[str, Any]:
    """The error of the only failed department; the others' fields are there."""
    errors = [error for error in answer["errors"] if error["extensions"]["code"] != "NOT_OFFERED"]
    assert {error["extensions"]["department"] for error in errors} == {department}
    assert present(answer["data"]["viewer"]) == NEEDED - {department}
    found: dict[str, Any] = errors[0]["extensions"]
    assert errors[0]["path"][:2] == ["viewer", FIELD[department]]
    return found


MISBEHAVIOUR: list[tuple[dict[str, Any], set[str]]] = [
    ({"kind": "hang"}, {"TIMED_OUT"}),
    ({"kind": "error"}, {"UNAVAILABLE"}),
    ({"kind": "inner_fault"}, {"UNAVAILABLE", "BAD_REPLY", "REJECTED"}),
    ({"kind": "maintenance", "seconds": 600}, {"MAINTENANCE", "UNAVAILABLE"}),
    ({"kind": "quota", "calls": 0, "per": 60}, {"QUOTA_EXCEEDED"}),
    ({"kind": "junk"}, {"BAD_REPLY"}),
    ({"kind": "drop"}, {"UNAVAILABLE"}),
]


@under_both
@pytest.mark.parametrize("at", range(len(MISBEHAVIOUR)), ids=[scenario["kind"] for scenario, _ in MISBEHAVIOUR])
@pytest.mark.parametrize("department", sorted(NEEDED))
def test_every_misbehaviour_has_its_code(own_client: Client, department: str, at: int) -> None:
    scenario, kinds = MISBEHAVIOUR[at]
    own_client.sandbox.reset()
    own_client.sandbox.misbehave(department, **scenario)
    answer = own_client.ask(f"{{ viewer {{ {SMALL[department]} }} }}", PERSONAS[at])
    own_client.sandbox.reset()
    (error,) = answer["errors"]
    assert error["extensions"]["department"] == department
    assert error["extensions"]["code"][4:] in kinds
    if scenario["kind"] == "quota":
        assert error["extensions"]["retryAfter"] > 0


@under_both
@pytest.mark.parametrize("department", sorted(NEEDED))
def test_a_stopped_department_nulls_its_own_fields_only(own_city, own_client: Client, department: str) -> None:
    persona = PERSONAS[sorted(NEEDED).index(department)]
    own_city.stop(department)
    try:
        error = only_error(own_client.example("home-screen", persona), department)
        assert (error["code"][3:], error["retryable"]) == ("_UNAVAILABLE", True)
        assert len(error["traceId"]) == 32
    finally:
        own_city.start(department)
    assert present(own_client.example("home-screen", persona)["data"]["viewer"]) == NEEDED, "it came back"


def test_a_gateway_starts_with_everything_away(own_city: SandboxCity) -> None:
    token = Sandbox(own_city).token("resident")
    departments = [name for name in own_city.addresses if name != "issuer"]
    own_city.stop(*departments)
    try:
        with serving(own_city) as address:
            ready = call(f"{address}/health/ready")
            assert set(ready["missing"]) == CONFIGURED
            headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
            body = b'{"query": "{ viewer { name complaints { totalCount } } departments { name } }"}'
            answer = call(f"{address}/graphql", method="POST", headers=headers, body=body)
            assert answer["data"]["viewer"]["name"]
            assert {one["name"] for one in answer["data"]["departments"]} == CONFIGURED
            own_city.start(*departments)
            assert call(f"{address}/health/ready")["missing"] == []
    finally:
        own_city.start(*departments)


def test_without_the_login_service_public_data_is_served_and_personal_data_refused(own_city: SandboxCity) -> None:
    token = Sandbox(own_city).token("resident")
    own_city.stop("issuer")
    try:
        with serving(own_city) as address:
            body = b'{"query": "{ departments { name } }"}'
            headers = {"content-type": "application/json"}
            assert call(f"{address}/graphql", method="POST", headers=headers, body=body)["data"]
            headers["authorization"] = f"Bearer {token}"
            answer = call(f"{address}/graphql", method="POST", headers=headers, body=body)
            assert answer["errors"][0]["extensions"]["code"] == "IDENTITY_UNAVAILABLE"
    finally:
        own_city.start("issuer")

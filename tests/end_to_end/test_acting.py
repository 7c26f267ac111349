"""Acting for a company or a child through a real gateway, and every attempt to act for somebody else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sandbox.personas import OFFICERS_COMPANY
from tests.end_to_end.gateway import CONFIGURED, Client, Sandbox, call

pytestmark = pytest.mark.skipif(len(CONFIGURED) < 6, reason="a department is not configured")

MANDATES = "{ viewer { mandates { id name basis } } }"
ACT = """query ($for: ID!) { viewer(onBehalfOf: $for) { name registrations { totalCount }
  taxAccount { obligations { period } } civilRecord { age children { name { full } } } household { number }
  appointments { totalCount } complaints { totalCount } mandates { id } } }"""


def ask(client: Client, token: str, document: str, **variables: Any) -> Any:
    headers = {"content-type": "application/json", "authorization": f"Bearer {token}", "accept-language": "en"}
    body = json.dumps({"query": document, "variables": variables}).encode()
    return call(f"{client.address}/graphql", method="POST", headers=headers, body=body)


def mandates(client: Client, persona: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in client.ask(MANDATES, persona)["data"]["viewer"]["mandates"]:
        found.setdefault(one["basis"], []).append(one["id"])
    return found


def got(answer: Any) -> set[str]:
    return {name for name, value in answer["data"]["viewer"].items() if value is not None}


def token(sandbox: Sandbox, form: str) -> str:
    issued = call(f"{sandbox.city.addresses['issuer']}/token", method="POST", body=form.encode())
    found: str = issued["access_token"]
    return found


def codes(answer: Any) -> set[str]:
    return {error["extensions"]["code"] for error in answer["errors"]}


def test_an_officer_sees_the_company_s_business_and_nothing_of_a_person(client: Client, sandbox: Sandbox) -> None:
    (company,) = mandates(client, "officer")["OFFICER"]
    for _ in range(3):  # on the reference, compiled, and with everything kept
        answer = client.ask(ACT, "officer", **{"for": company})
        assert got(answer) == {"name", "registrations", "taxAccount"}
        assert codes(answer) == {"SCOPE_MISSING"}
        own = client.ask("{ viewer { name registrations { totalCount } civilRecord { age } } }", "officer")
        assert "errors" not in own
        assert own["data"]["viewer"]["name"] != answer["data"]["viewer"]["name"]
    asked = sandbox.calls_in_detail("taxation")
    assert asked
    assert "100000044" not in str(asked), "the office is asked about the company alone"


def test_a_parent_sees_the_child_s_record_and_is_named_in_the_register_s_log(client: Client, sandbox: Sandbox) -> None:
    children = mandates(client, "parent")["PARENT"]
    answer = client.ask(ACT, "parent", **{"for": children[0]})
    assert {"name", "civilRecord", "appointments"} <= got(answer)
    assert codes(answer) == {"SCOPE_MISSING"}
    assert "taxAccount" not in got(answer)
    parents = client.ask("{ viewer { civilRecord { age children { name { full } } } } }", "parent")
    mine = parents["data"]["viewer"]["civilRecord"]
    assert answer["data"]["viewer"]["civilRecord"]["age"] < 18 <= mine["age"]


def test_nobody_without_a_mandate_learns_anything(client: Client, sandbox: Sandbox) -> None:
    """Another's mandate, numbers of people who exist and of those who do not: one error, word by word."""
    (company,) = mandates(client, "officer")["OFFICER"]
    sandbox.forget_calls()
    said = set()
    for wrong in (company, OFFICERS_COMPANY, "100000022", "999999999", "", "TWFuZGF0ZTp4", "x" * 3000):
        answer = client.ask(ACT, "resident", **{"for": wrong})
        assert answer["data"] == {"viewer": None}
        (error,) = answer["errors"]
        said.add((error["message"], error["extensions"]["code"], tuple(error["path"])))
    assert len(said) == 1
    assert "NOT_MANDATED" in str(said)
    asked = str([sandbox.calls_in_detail(name) for name in sandbox.departments()])
    for number in (OFFICERS_COMPANY, "999999999"):
        assert number not in asked, "nobody is looked up by what was sent"


def test_nobody_who_is_not_logged_in_acts(client: Client) -> None:
    (company,) = mandates(client, "officer")["OFFICER"]
    assert codes(client.ask(ACT, **{"for": company})) == {"UNAUTHENTICATED"}


def test_one_operation_is_about_one_person(client: Client) -> None:
    (company,) = mandates(client, "officer")["OFFICER"]
    mixed = (
        """query ($for: ID!) { company: viewer(onBehalfOf: $for) { name } me: viewer { name civilRecord { age } } }"""
    )
    for _ in range(3):
        answer = client.ask(mixed, "officer", **{"for": company})
        assert answer["data"]["company"] is None
        assert codes(answer) == {"ONE_PERSON_AT_A_TIME"}
    fragments = """query ($for: ID!) { ...a ...b } fragment a on Query { x: viewer(onBehalfOf: $for) { name } }
      fragment b on Query { y: viewer(onBehalfOf: "TWFuZGF0ZTp4") { name } }"""
    assert client.ask(fragments, "officer", **{"for": company})["data"] == {"x": None, "y": None}


def test_ids_are_about_whom_the_operation_is_about(client: Client) -> None:
    """The actor's own objects are not there while acting, and the company's are not there otherwise."""
    (company,) = mandates(client, "officer")["OFFICER"]
    listed = "{ viewer { registrations(first: 1) { nodes { id } } } }"
    mine = client.ask(listed, "officer")["data"]["viewer"]["registrations"]["nodes"]
    acting = """query ($for: ID!, $id: ID!) { viewer(onBehalfOf: $for) { name } node(id: $id) { id } }"""
    for one in mine:
        assert client.ask(acting, "officer", **{"for": company, "id": one["id"]})["data"]["node"] is None
        plain = client.ask("query ($id: ID!) { node(id: $id) { id } }", "officer", id=one["id"])
        assert plain["data"]["node"] == one


def test_a_narrow_token_acts_narrowly(client: Client, sandbox: Sandbox) -> None:
    (company,) = mandates(client, "officer")["OFFICER"]
    issued = token(sandbox, "persona=officer&scope=tax")
    for _ in range(3):
        client.ask(ACT, "officer", **{"for": company})
        assert got(ask(client, issued, ACT, **{"for": company})) == {"name", "taxAccount"}


FILE = """mutation ($input: FileComplaintInput!) {
  fileComplaint(input: $input) { problems { code } filing { id reference actor } } }"""
FILINGS = "{ viewer { filings { nodes { reference actor } } } }"
FOUND = "query ($id: ID!) { node(id: $id) { ... on Filing { reference } } }"


def test_what_is_ordered_for_somebody_is_theirs_and_says_who_ordered_it(ordering: Client) -> None:
    """By a token in which the login service says who acts: seen by the person, and by who acts for them likewise."""
    sandbox = ordering.sandbox
    category = ordering.ask("{ complaintCategories { code } }")["data"]["complaintCategories"][0]["code"]
    order = {"categoryCode": category, "description": "The manhole cover in front of the school is missing."}
    order |= {"address": "关山大道1号", "idempotencyKey": "for-somebody"}
    who = {
        "the person": "persona=resident",
        "who acts": "persona=resident&act=parent",
        "another who acts": "persona=resident&act=officer",
        "the actor": "persona=parent",
        "a stranger": "persona=officer",
        "the other way round": "persona=parent&act=resident",
    }
    tokens = {name: token(sandbox, form) for name, form in who.items()}
    filed = {}
    for name in ("the person", "who acts"):
        answer = ask(ordering, tokens[name], FILE, input=order)
        assert "errors" not in answer, answer
        assert answer["data"]["fileComplaint"]["problems"] == []
        filed[name] = answer["data"]["fileComplaint"]["filing"]
    own, acted = filed["the person"]["reference"], filed["who acts"]["reference"]
    assert own != acted, "the same key is not the same order"
    actor = filed["who acts"]["actor"]
    assert (filed["the person"]["actor"], actor) == (None, "100000033")
    seen = {}
    for name, issued in tokens.items():
        nodes = ask(ordering, issued, FILINGS)["data"]["viewer"]["filings"]["nodes"]
        seen[name] = {one["reference"]: one["actor"] for one in nodes if one["reference"] in (own, acted)}
        for one in filed.values():
            found = ask(ordering, issued, FOUND, id=one["id"])["data"]["node"]
            assert (found is not None) == (one["reference"] in seen[name]), name
    nothing: dict[str, str | None] = {}
    assert seen == {
        "the person": {own: None, acted: actor},
        "who acts": {acted: actor},
        "another who acts": {acted: actor},
        "the actor": nothing,
        "a stranger": nothing,
        "the other way round": nothing,
    }

"""Complaints: one call for all steps, all problems at once, nobody under another name."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from adapters.contract.errors import Problem, Rejected, TimedOut
from adapters.contract.ports.complaints import Complaint, ComplaintState, ComplaintUpdate
from resolvers.common.nodes import global_id
from tests.resolvers.city import FakeCity, ask, fixed

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def complaint(number: int) -> Complaint:
    return Complaint(
        id=f"c{number}",
        tracking_number=f"T{number}",
        token=None,
        category_code="manhole",
        category_name="Manhole cover missing",
        state=ComplaintState.RECEIVED,
        state_note=None,
        description="A cover is missing.",
        filed_at=NOON,
        updated_at=None,
        expected_at=None,
        awaiting="Guanshan community",
        address="1 Luoyu Road",
        location=None,
        photo_url=None,
    )


class Desk:
    of_person = fixed(tuple(complaint(number) for number in range(50)))

    async def updates(self, ids):
        return {one: (ComplaintUpdate(id="u", complaint_id=one, state=None, at=NOON, text=one),) for one in ids}

    async def file(self, order):
        self.order = order
        return complaint(1)


LIST = "query ($first: Int) { viewer { complaints(first: $first) { totalCount nodes { id updates { text } } } } }"


@pytest.mark.parametrize("first", [1, 50])
async def test_the_steps_of_all_complaints_are_read_at_once(first: int) -> None:
    city = FakeCity(complaints=Desk())
    result = await ask(city, LIST, first=first)
    assert result.errors is None
    nodes = result.data["viewer"]["complaints"]["nodes"]
    assert [node["updates"][0]["text"] for node in nodes] == [f"c{number}" for number in range(first)]
    assert city.calls == {"complaints.of_person": 1, "complaints.updates": 1}


FILE = """mutation ($input: FileComplaintInput!) {
  fileComplaint(input: $input) { complaint { trackingNumber } problems { code message path } clientMutationId } }"""
GOOD = {"categoryCode": "manhole", "description": "A cover is missing.", "address": "1 Luoyu Road"}


async def test_an_order_reaches_the_port_as_it_was_given() -> None:
    desk = Desk()
    result = await ask(
        FakeCity(complaints=desk),
        FILE,
        input={
            **GOOD,
            "idempotencyKey": "k1",
            "clientMutationId": "m1",
            "location": {"latitude": 30, "longitude": 114},
        },
    )
    payload = result.data["fileComplaint"]
    assert payload == {"complaint": {"trackingNumber": "T1"}, "problems": [], "clientMutationId": "m1"}
    assert (desk.order.person, desk.order.name, desk.order.reference) == ("100000001", "Wu", "k1")
    assert desk.order.location.latitude == 30


async def test_all_problems_come_at_once_in_the_callers_language() -> None:
    city = FakeCity(complaints=Desk())
    bad = {
        "categoryCode": " ",
        "description": "hm",
        "location": {"latitude": 91, "longitude": -181},
        "photoUrls": ["ftp://x", "https://ok.example/1.jpg", *["https://ok.example/2.jpg"] * 9],
        "idempotencyKey": "k" * 65,
    }
    result = await ask(city, FILE, locale="zh-CN", input=bad)
    problems = result.data["fileComplaint"]["problems"]
    assert [(problem["code"], problem["path"]) for problem in problems] == [
        ("REQUIRED", ["categoryCode"]),
        ("TOO_SHORT", ["description"]),
        ("OUT_OF_RANGE", ["location", "latitude"]),
        ("OUT_OF_RANGE", ["location", "longitude"]),
        ("TOO_MANY", ["photoUrls"]),
        ("INVALID", ["photoUrls", "0"]),
        ("TOO_LONG", ["idempotencyKey"]),
    ]
    assert problems[1]["message"] == "至少需要5个字符。"
    assert not city.calls, "nothing is sent that is known to be wrong"


async def test_a_place_is_needed() -> None:
    result = await ask(FakeCity(complaints=Desk()), FILE, input={**GOOD, "address": "  "})
    assert [p["path"] for p in result.data["fileComplaint"]["problems"]] == [["location"]]


async def test_an_anonymous_complaint_carries_nobody() -> None:
    desk = Desk()
    result = await ask(FakeCity(complaints=desk), FILE, viewer=False, input={**GOOD, "anonymous": True})
    assert result.errors is None
    assert (desk.order.person, desk.order.name) == (None, None)


async def test_what_the_department_says_to_mend_is_data() -> None:
    class Strict(Desk):
        async def file(self, order):
            raise Rejected("no", problems=(Problem("UNKNOWN_CATEGORY", "No such category.", ("category_code",)),))

    result = await ask(FakeCity(complaints=Strict()), FILE, input=GOOD)
    assert result.errors is None
    assert result.data["fileComplaint"]["problems"] == [
        {"code": "UNKNOWN_CATEGORY", "message": "No such category.", "path": ["categoryCode"]}
    ]


async def test_nobody_files_under_a_name_without_a_login() -> None:
    result = await ask(FakeCity(complaints=Desk()), FILE, viewer=False, input=GOOD)
    assert result.data == {"fileComplaint": None}
    assert type(result.errors[0].original_error).__name__ == "Unauthenticated"


async def test_when_the_steps_cannot_be_read_each_row_says_so() -> None:
    class Silent(Desk):
        async def updates(self, ids):
            raise TimedOut("no answer")

    result = await ask(FakeCity(complaints=Silent()), LIST, first=2)
    assert [error.path for error in result.errors] == [
        ["viewer", "complaints", "nodes", 0, "updates"],
        ["viewer", "complaints", "nodes", 1, "updates"],
    ]
    assert [node["updates"] for node in result.data["viewer"]["complaints"]["nodes"]] == [None, None]


async def test_one_complaint_s_steps_are_read_without_a_list() -> None:
    document = "query ($id: ID!) { node(id: $id) { ... on Complaint { updates { text } } } }"
    city = FakeCity(complaints=Desk())
    result = await ask(city, document, id=global_id("Complaint", "c3"))
    assert result.data == {"node": {"updates": [{"text": "c3"}]}}
    assert city.calls == {"complaints.of_person": 1, "complaints.updates": 1}


@pytest.mark.parametrize("wanted", [True, False])
async def test_steps_that_are_skipped_are_not_read(wanted: bool) -> None:
    document = """query ($wanted: Boolean!) {
      viewer { complaints { edges { node { id ... @include(if: $wanted) { updates { text } } } } } } }"""
    city = FakeCity(complaints=Desk())
    result = await ask(city, document, wanted=wanted)
    assert result.errors is None
    assert city.calls["complaints.updates"] == wanted

"""How an order stands: in the payload of its mutation, and in the person's list, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.contract.filings import Filing, FilingStatus, WithoutRecord, Writing, filing_of
from resolvers.common.filings import MESSAGES
from resolvers.common.nodes import global_id
from tests.resolvers.city import FakeCity, ask

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def filing(number: int, status: FilingStatus = FilingStatus.PENDING, **more: Any) -> Filing:
    return Filing(
        id=f"CG-{number}",
        department="hotline",
        operation="complaints.file",
        status=status,
        submitted_at=NOON,
        updated_at=NOON,
        **more,
    )


FILE = """mutation ($input: FileComplaintInput!) { fileComplaint(input: $input) {
  complaint { id } problems { code } filing { id reference status message nextAttemptAt } } }"""
INPUT = {"categoryCode": "manhole", "description": "A cover is missing.", "address": "1 Luoyu Road"}


@pytest.mark.parametrize("locale", ["en", "zh-CN"])
@pytest.mark.parametrize("status", [FilingStatus.PENDING, FilingStatus.NEEDS_ATTENTION, FilingStatus.NOT_DELIVERED])
async def test_an_order_without_a_record_is_no_error(status: FilingStatus, locale: str) -> None:
    class Desk:
        async def file(self, _order: Any) -> Any:
            raise WithoutRecord(filing(1, status, next_attempt_at=NOON))

    result = await ask(FakeCity(complaints=Desk()), FILE, locale=locale, input=INPUT)
    assert result.errors is None
    payload = result.data["fileComplaint"]
    assert (payload["complaint"], payload["problems"]) == (None, [])
    assert payload["filing"] == {
        "id": global_id("Filing", "CG-1"),
        "reference": "CG-1",
        "status": status.name,
        "message": MESSAGES[status][locale],
        "nextAttemptAt": NOON.isoformat(),
    }


def test_every_status_has_a_text_in_both_languages() -> None:
    assert set(MESSAGES) == set(FilingStatus)
    assert all(set(texts) == {"en", "zh-CN"} for texts in MESSAGES.values())


LIST = """query ($first: Int) { viewer { filings(first: $first) {
  totalCount nodes { id reference status departmentReference } } } }"""


async def test_a_persons_orders_are_listed_and_found_by_id() -> None:
    city = FakeCity()
    delivered = filing(2, FilingStatus.DELIVERED, department_reference="26-000001")
    city.filed = (delivered, filing(1))
    result = await ask(city, LIST, first=1)
    assert result.errors is None
    assert result.data["viewer"]["filings"] == {
        "totalCount": 2,
        "nodes": [
            {
                "id": global_id("Filing", "CG-2"),
                "reference": "CG-2",
                "status": "DELIVERED",
                "departmentReference": "26-000001",
            }
        ],
    }
    node = "query ($id: ID!) { node(id: $id) { ... on Filing { reference } } }"
    found = await ask(city, node, id=global_id("Filing", "CG-1"))
    assert found.data == {"node": {"reference": "CG-1"}}
    other = await ask(city, node, id=global_id("Filing", "CG-9"))
    assert other.data == {"node": None}


async def test_nobody_has_no_orders() -> None:
    result = await ask(FakeCity(), LIST, viewer=False)
    assert result.data == {"viewer": None}


async def test_a_write_tells_its_filing_once_it_is_awaited() -> None:
    async def work(writing: Writing[str]) -> str:
        writing.filing = filing(1)
        return "record"

    writing = Writing(work)
    assert filing_of(writing) is None
    assert await writing == "record"
    assert filing_of(writing) == filing(1)
    assert filing_of("no write") is None

    async def fails(_writing: Writing[str]) -> str:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await Writing(fails)
    unawaited = Writing(work)
    unawaited.close()

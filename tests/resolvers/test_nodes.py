"""Global ids, and finding objects by them."""

from __future__ import annotations

import pytest

from adapters.contract.ports.services import Office, PublicService
from adapters.contract.records import OfficeId, ServiceId
from resolvers.common.errors import InvalidId
from resolvers.common.nodes import global_id, local_id, split_id
from tests.resolvers.city import FakeCity, ask, fixed
from tests.resolvers.test_complaints import Desk

SERVICES = tuple(
    PublicService(
        id=ServiceId(f"s{number}"),
        name=f"Service {number}",
        description=None,
        documents=(),
        minutes=15,
        max_quantity=1,
        office_ids=(OfficeId("o1"), OfficeId("gone")),
    )
    for number in range(50)
)
OFFICE = Office(
    id=OfficeId("o1"),
    name="Hall",
    address=None,
    location=None,
    phone=None,
    opening_hours=(),
    service_ids=(ServiceId("s1"),),
)


class Listed:
    def __init__(self, *records: object) -> None:
        self.listed = fixed(records).__func__


def city() -> FakeCity:
    return FakeCity(services=Listed(*SERVICES), offices=Listed(OFFICE), complaints=Desk())


def test_ids_round_trip_whatever_they_hold() -> None:
    for local in ("1", "a:b", "编号/7", "", "x" * 300):
        assert split_id(global_id("Office", local)) == ("Office", local)


@pytest.mark.parametrize("bad", ["", "%%%", "Zm9v", "a", "文", "T2ZmaWNl"])
def test_other_ids_are_refused(bad: str) -> None:
    with pytest.raises(InvalidId):
        split_id(bad)


def test_an_id_of_another_kind_is_refused() -> None:
    with pytest.raises(InvalidId):
        local_id("Office", global_id("PublicService", "1"))


async def test_any_object_is_found_again_by_its_id() -> None:
    document = "query ($id: ID!) { node(id: $id) { __typename id ... on Office { name } ... on Complaint { state } } }"
    office = (await ask(city(), document, viewer=False, id=global_id("Office", "o1"))).data["node"]
    assert office == {"__typename": "Office", "id": global_id("Office", "o1"), "name": "Hall"}
    complaint = (await ask(city(), document, id=global_id("Complaint", "c7"))).data["node"]
    assert (complaint["__typename"], complaint["state"]) == ("Complaint", "RECEIVED")
    for kind in ("Complaint", "Office", "Nothing"):
        assert (await ask(city(), document, id=global_id(kind, "none"))).data == {"node": None}


async def test_a_personal_object_is_nobodys_without_a_login() -> None:
    result = await ask(
        city(), "query ($id: ID!) { node(id: $id) { id } }", viewer=False, id=global_id("Complaint", "c7")
    )
    assert result.data == {"node": None}
    assert type(result.errors[0].original_error).__name__ == "Unauthenticated"


async def test_offices_of_fifty_services_are_read_once() -> None:
    known = city()
    result = await ask(known, "{ services(first: 50) { nodes { offices { name services { name } } } } }", viewer=False)
    assert result.errors is None
    assert result.data["services"]["nodes"][49]["offices"] == [{"name": "Hall", "services": [{"name": "Service 1"}]}]
    assert known.calls["offices.listed"] == 1
    assert known.calls["services.listed"] <= 2  # the list itself, and the way back from offices

"""What of a record is selected decides what of it is asked for and kept."""

from __future__ import annotations

from typing import Any

import pytest

from adapters.contract.ports.civil_affairs import Household
from adapters.contract.ports.complaints import Complaint
from resolvers.common.selection import LISTED, personal_fields
from tests.resolvers.city import FakeCity, ask, fixed


@pytest.mark.parametrize(
    ("selected", "found"),
    [
        ({"total_count", "nodes.id", "nodes.state"}, set()),
        ({"nodes.description", "edges.node.location.latitude"}, {"description", "location"}),
        ({"description", "page_info.address"}, set()),
        ({"nodes.descriptions", "nodes.photo_url"}, {"photo_url"}),
    ],
)
def test_personal_fields_are_those_selected_in_the_list(selected: set[str], found: set[str]) -> None:
    assert personal_fields(frozenset(selected), Complaint, *LISTED) == found


def test_nested_ones_are_named_with_dots() -> None:
    selected = frozenset({"members.name", "members.birth_date.value", "address.lines"})
    assert personal_fields(selected, Household) == {"members.name", "members.birth_date", "address"}


class Desk:
    of_person = fixed(())


async def asked(selection: str) -> Any:
    city = FakeCity(complaints=Desk())
    result = await ask(city, selection)
    assert not result.errors
    return city.arguments["complaints.of_person"][1]


@pytest.mark.parametrize(
    ("selection", "fields"),
    [
        ("{ viewer { complaints { totalCount } } }", set()),
        ("{ viewer { complaints { nodes { id description address } } } }", {"description", "address"}),
        ("{ viewer { complaints { nodes { location { __typename } } } } }", {"location"}),
        ("{ viewer { complaints { edges { node { ...F } } } } } fragment F on Complaint { stateNote }", {"state_note"}),
        ('{ node(id: "Q29tcGxhaW50OjE") { id ... on Complaint { photoUrl } } }', {"photo_url"}),
    ],
)
async def test_a_port_is_told_what_is_selected(selection: str, fields: set[str]) -> None:
    assert await asked(selection) == fields

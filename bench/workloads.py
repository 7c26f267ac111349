"""The workloads: what is asked, what must come back, and how many calls to departments that takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bench import shown

_VISITS = "appointments(first: 3) { nodes { id state startsAt officeName services { name } } }"
_FILES = "registrations(first: 3) { nodes { id kindName state message } }"
_REPORTS = "complaints(first: 3) { nodes { id trackingNumber categoryName state awaiting updatedAt } }"
_PERIODS = "taxAccount { obligations { period dueOn state } }"
_CIVILIAN = "civilRecord { name { full } birth { date { value precision } } residence { address { lines } } }"
HOME_SCREEN: Mapping[str, str] = {
    "service_centre": _VISITS,
    "market_regulation": _FILES,
    "hotline": _REPORTS,
    "taxation": _PERIODS,
    "civil_affairs": _CIVILIAN,
}
"""What the home screen selects of a person, by the department that has it."""
_JOIN = "complaints(first: 100) { nodes { id categoryName state updates { at state text } } }"
_SHARED = "registrations(first: 100) { nodes { id kindName state message kind { id name description } } }"


@dataclass(frozen=True, slots=True)
class Workload:
    """One operation of a logged-in person.

    `rows` is how long the departments' lists are, `calls` how many calls to departments an uncached answer needs,
    `expected` the `data` that a person must be shown.
    """

    name: str
    summary: str
    query: str
    rows: int
    calls: int
    expected: Callable[[str], Mapping[str, Any]]


def _viewer(name: str, *selections: str) -> str:
    return f"query {name} {{ viewer {{ {' '.join(selections)} }} }}"


def _viewer_with(*parts: Callable[[str], Mapping[str, Any]]) -> Callable[[str], Mapping[str, Any]]:
    return lambda person: {"viewer": {name: shown for part in parts for name, shown in part(person).items()}}


WORKLOADS: Mapping[str, Workload] = {
    each.name: each
    for each in (
        Workload(
            name="phone-screen",
            summary="one person, three entries each of three departments: 3 calls",
            query=_viewer("PhoneScreen", _VISITS, _FILES, _REPORTS),
            rows=3,
            calls=3,
            expected=_viewer_with(shown.visits, shown.files, shown.reports),
        ),
        Workload(
            name="home-screen",
            summary="the phone screen with tax account and civil record, all five departments: 5 calls",
            query=_viewer("HomeScreen", *HOME_SCREEN.values()),
            rows=3,
            calls=5,
            expected=_viewer_with(shown.visits, shown.files, shown.reports, shown.periods, shown.civilian),
        ),
        Workload(
            name="home-screen-of-four",
            summary="the same without the tax bureau: 4 calls",
            query=_viewer("HomeScreenOfFour", _VISITS, _FILES, _REPORTS, _CIVILIAN),
            rows=3,
            calls=4,
            expected=_viewer_with(shown.visits, shown.files, shown.reports, shown.civilian),
        ),
        Workload(
            name="list-with-join",
            summary="100 complaints, each with its latest step; the steps of all in one call: 2 calls",
            query=_viewer("ListWithJoin", _JOIN),
            rows=100,
            calls=2,
            expected=_viewer_with(shown.joined),
        ),
        Workload(
            name="list-with-shared-join",
            summary="100 files, each with its kind, one of ten: 2 calls",
            query=_viewer("ListWithSharedJoin", _SHARED),
            rows=100,
            calls=2,
            expected=_viewer_with(shown.shared_joined),
        ),
        Workload(
            name="hello",
            summary="a constant, and nobody is asked: what a request costs by itself",
            query="{ __typename }",
            rows=3,
            calls=0,
            expected=lambda _person: {"__typename": "Query"},
        ),
    )
}

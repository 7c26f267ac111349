"""With whom an answer may be shared, and names from which nothing can be read."""

from __future__ import annotations

import re
from collections.abc import Hashable
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.city import Caller
from adapters.contract.manifest import Personal, Provided
from adapters.contract.ports.appointments import SlotQuery
from adapters.contract.records import OfficeId, ServiceId
from adapters.runtime.bound import Bound
from adapters.runtime.cache import names_of, tag
from adapters.runtime.sharing import SharingKey, digest
from tests.adapters.runtime.notes import Desk, bind, caller


def test_what_is_not_declared_is_the_persons_own() -> None:
    assert SharingKey.of(Provided(), caller("ann")) == SharingKey("ann")
    assert SharingKey.of(Provided(personal=Personal.PUBLIC), caller("ann")) == SharingKey(None)
    with pytest.raises(PermissionError):
        SharingKey.of(Provided(), caller(None))


def test_who_acts_for_somebody_shares_on_the_same_ground_and_nothing_of_their_own() -> None:
    acting = Caller(subject="shop", actor="ann", basis="officer", locale="en", deadline=0)
    assert SharingKey.of(Provided(), acting) == SharingKey("shop", "officer")
    assert SharingKey.of(Provided(), acting) != SharingKey.of(Provided(), caller("shop"))
    read = Desk().read()
    assert tag(read, SharingKey("shop", "officer")) == tag(read, SharingKey("shop")), "a write makes all of it old"


def name_of(bound: Bound, sharing: SharingKey, key: Hashable, variant: tuple[str, ...]) -> str:
    """One key's name, asked for among others: they must not matter."""
    return names_of(bound, sharing, variant, ["other", key, ""])[key]


async def test_each_part_of_a_name_tells_it_apart() -> None:
    desk = Desk()
    read, other = desk.read(), desk.read("notes.listed")
    elsewhere = bind(read.operation, desk.of_person, department="elsewhere")
    names = [
        name_of(read, SharingKey("ann"), "x", ("",)),
        name_of(read, SharingKey("ann", "parent"), "x", ("",)),
        name_of(read, SharingKey("ann", "officer"), "x", ("",)),
        name_of(read, SharingKey("bea"), "x", ("",)),
        name_of(read, SharingKey(None), "x", ("",)),
        name_of(read, SharingKey("None"), "x", ("",)),
        name_of(read, SharingKey("null"), "x", ("",)),
        name_of(read, SharingKey("ann"), "y", ("",)),
        name_of(read, SharingKey("ann"), 1, ("",)),
        name_of(read, SharingKey("ann"), "1", ("",)),
        name_of(read, SharingKey("ann"), "x", ("en",)),
        name_of(read, SharingKey("ann"), "x", ("", "name")),
        name_of(other, SharingKey("ann"), "x", ("",)),
        name_of(elsewhere, SharingKey("ann"), "x", ("",)),
        tag(read, SharingKey("ann")),
        tag(read, SharingKey("bea")),
        tag(read, SharingKey(None)),
        tag(elsewhere, SharingKey("ann")),
    ]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[0-9a-f]{40}", name) for name in names)
    assert tag(read, SharingKey("ann")) == tag(other, SharingKey("ann")), "one port, one tag"


async def test_a_record_can_be_a_key() -> None:
    def query(day: int) -> SlotQuery:
        return SlotQuery(
            office_id=OfficeId("1"),
            service_ids=(ServiceId("2"), ServiceId("3")),
            first_day=date(2026, 3, day),
            last_day=date(2026, 3, 9),
        )

    read = Desk().read()
    names = {name_of(read, SharingKey(None), query(day), ()) for day in (1, 1, 2)}
    assert len(names) == 2


parts = st.lists(st.one_of(st.none(), st.text(max_size=3), st.integers(0, 9)), max_size=4)


@given(parts, parts)
def test_equal_digests_are_equal_parts(one: list[str | int | None], two: list[str | int | None]) -> None:
    assert (digest(*one) == digest(*two)) == (one == two)

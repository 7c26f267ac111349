"""Resolvers that answer for all objects of a level give what they give for each."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.common.context import Context
from resolvers.common.levels import found_ahead, ids
from resolvers.common.nodes import global_id
from tests.resolvers.city import FakeCity


def context() -> Context:
    return Context(city=FakeCity(), viewer=None, locale="en")


@given(st.lists(st.text(max_size=80)))
def test_ids_are_those_of_each(local: list[str]) -> None:
    objects = [SimpleNamespace(code=one) for one in local]
    assert ids("Office", "code")(context(), objects) == [global_id("Office", one) for one in local]


def test_what_was_found_ahead_is_found_for_each_or_asked_for() -> None:
    one = context()
    find, objects = found_ahead("things", "id"), [SimpleNamespace(id="a"), SimpleNamespace(id="b")]
    assert find(one, objects) is None, "nothing was read ahead"
    one.ahead["things"] = {"b": 2, "a": 1}
    assert find(one, objects) == [1, 2]
    del one.ahead["things"]["b"]
    with pytest.raises(LookupError):
        find(one, objects)

"""A register's log as its data tracker tells it: whose it is, in which order, and which of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import BadReply, Rejected
from adapters.contract.ports.usage import MOST_ENTRIES, RegisterUse
from adapters.contract.transport import CallInfo, set_current_call
from adapters.products.xroad.usage import FoundUsages, Usage, found_uses, refuse_others

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def calling(subject: str, actor: str | None = None, locale: str = "en") -> None:
    set_current_call(CallInfo(id="x", operation="x", subject=subject, locale=locale, at=NOON, actor=actor))


def usages(*hours: int) -> tuple[Usage, ...]:
    """Entries of so many hours after noon."""
    return tuple(Usage(NOON + timedelta(hours=hour), f"at {hour}", "1001", "desk") for hour in hours)


def found(*hours: int, total: int | None = None) -> tuple[RegisterUse, ...]:
    given_ = usages(*hours)
    return found_uses(FoundUsages(len(given_) if total is None else total, given_), RegisterUse.personal)


@pytest.mark.parametrize(("locale", "message"), [("en", "to the person alone"), ("zh-CN", "仅向本人")])
def test_who_acts_for_somebody_is_not_given_their_own_log(locale: str, message: str) -> None:
    calling("child", "parent", locale)
    with pytest.raises(Rejected) as caught:
        refuse_others(["child"])
    (problem,) = caught.value.problems
    assert message in problem.message
    calling("child", locale=locale)
    refuse_others(["child"])


def test_a_whole_log_is_put_in_order() -> None:
    assert [one.action for one in found(1, 3, 2)] == ["at 3", "at 2", "at 1"]


def test_a_part_of_a_log_is_taken_as_the_newest_only_where_it_comes_so() -> None:
    assert [one.action for one in found(3, 2, total=9)] == ["at 3", "at 2"]
    with pytest.raises(BadReply, match="does not begin with the newest entry"):
        found(2, 3, total=9)


def test_what_contradicts_itself_or_the_question_is_refused() -> None:
    with pytest.raises(BadReply, match="totalUsages is less"):
        found(2, 1, total=1)
    with pytest.raises(BadReply, match=f"{MOST_ENTRIES + 1} entries, and was asked for {MOST_ENTRIES}"):
        found(*[0] * (MOST_ENTRIES + 1))


@given(st.lists(st.integers(0, 3), max_size=8), st.integers(1, 3))
def test_an_entry_keeps_its_id_when_newer_ones_come(hours: list[int], later: int) -> None:
    hours.sort(reverse=True)
    newest = hours[0] if hours else 0
    before = [one.id for one in found(*hours)]
    after = [one.id for one in found(newest + later - 1, *hours)]
    assert after[1:] == before
    assert len(set(after)) == len(after)

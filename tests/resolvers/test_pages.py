"""Connections: every page argument, alone and together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from resolvers.common.errors import InvalidPage
from resolvers.common.pages import Window, paginate


@dataclass
class Item:
    id: str


ITEMS = [Item(str(number)) for number in range(30)]


def ids(window: Window) -> list[str]:
    return [item.id for item in paginate(ITEMS, window, None).nodes]


def test_a_page_is_twenty_when_nothing_is_asked() -> None:
    page = paginate(ITEMS, Window(), None)
    assert len(page.nodes) == 20
    assert (page.total_count, page.page_info.has_next_page, page.page_info.has_previous_page) == (30, True, False)


def test_pages_forward_give_everything_once() -> None:
    seen: list[str] = []
    after = None
    while True:
        page = paginate(ITEMS, Window(first=7, after=after), None)
        seen += [item.id for item in page.nodes]
        after = page.page_info.end_cursor
        if not page.page_info.has_next_page:
            break
    assert seen == [item.id for item in ITEMS]


def test_pages_backward_give_everything_once() -> None:
    seen: list[str] = []
    before = None
    while True:
        page = paginate(ITEMS, Window(last=7, before=before), None)
        seen = [item.id for item in page.nodes] + seen
        before = page.page_info.start_cursor
        if not page.page_info.has_previous_page:
            break
    assert seen == [item.id for item in ITEMS]


def test_after_and_before_bound_the_page_together() -> None:
    cursors = [edge.cursor for edge in paginate(ITEMS, Window(first=30), None).edges]
    assert ids(Window(after=cursors[3], before=cursors[6])) == ["4", "5"]
    assert ids(Window(last=2, before=cursors[6])) == ["4", "5"]
    assert ids(Window(after=cursors[6], before=cursors[3])) == []


def test_an_empty_list_has_an_empty_page() -> None:
    page = paginate([], Window(first=3), None)
    assert (page.nodes, page.page_info.end_cursor, page.page_info.has_next_page) == ([], None, False)
    assert ids(Window(first=0)) == []


@pytest.mark.parametrize("window", [{"first": 101}, {"first": -1}, {"last": 1000}, {"first": 1, "last": 1}])
def test_page_arguments_are_bounded(window: dict[str, Any]) -> None:
    with pytest.raises(InvalidPage):
        Window(**window)


def test_a_cursor_that_is_not_in_the_list_is_refused() -> None:
    with pytest.raises(InvalidPage, match="after"):
        paginate(ITEMS, Window(after="bm9uZQ"), None)

"""Drops that are owed are neither lost nor hoarded."""

from adapters.runtime.store.owed import OwedDrops


def test_a_tag_is_owed_until_it_is_settled() -> None:
    owed = OwedDrops()
    assert not owed
    owed.add(["a", "b", "c"])
    some = owed.some(2)
    assert list(some) == ["a", "b"]
    owed.settle(some)
    assert list(owed.some(9)) == ["c"]


def test_a_tag_that_is_owed_anew_is_not_struck_off_with_the_older_drop() -> None:
    owed = OwedDrops()
    owed.add(["a"])
    under_way = owed.some(9)
    owed.add(["a"])
    owed.settle(under_way)
    assert owed


def test_the_oldest_are_forgotten_when_too_many_are_owed() -> None:
    owed = OwedDrops(limit=3)
    owed.add("abcde")
    assert list(owed.some(9)) == ["c", "d", "e"]

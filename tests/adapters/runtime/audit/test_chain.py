"""Whoever can write to the database and has no key cannot change what is in the log unseen."""

from __future__ import annotations

import pytest

from adapters.contract.usage import LogBroken
from adapters.runtime.audit import AuditLog
from adapters.runtime.audit.chain import linked
from adapters.runtime.audit.contract import Row
from adapters.runtime.audit.tables import ENTRY, POINT, WHAT
from tests.adapters.runtime.audit.conftest import KEY, NOW, Opens, Place, on_both, seen, what, write

PEOPLE = ("ann", "bob", "cid", "dan", "eve")


@pytest.fixture
async def log(opens: Opens) -> AuditLog:
    log = opens()
    await write(log, *(seen(person, NOW + at) for at, person in enumerate(PEOPLE)))
    return log


async def broken(log: AuditLog, **options: object) -> tuple[int, str]:
    with pytest.raises(LogBroken) as caught:
        await log.verify(**options)  # type: ignore[arg-type]
    return caught.value.seq, caught.value.reason


@on_both
async def test_a_log_that_nobody_touched_holds(log: AuditLog) -> None:
    found = await log.verify()
    assert (found.entries, found.after) == (5, 0)
    assert found.head is not None
    assert found.head.seq == 5


async def test_an_empty_log_holds(opens: Opens) -> None:
    assert await opens().verify() == (0, 0, None)


@pytest.mark.parametrize("column", [name for name in Row._fields if name not in ("seq", "hash")])
async def test_an_altered_entry_is_named(log: AuditLog, place: Place, column: str) -> None:
    value = "12" if column in ("first", "last", "times") else "x'00'"
    place.execute(f'UPDATE {ENTRY} SET "{column}" = {value} WHERE seq = 3')
    seq, reason = await broken(log)
    assert seq == 3
    assert "altered" in reason


async def test_an_altered_entry_with_a_hash_to_match_is_named_by_the_one_after_it(log: AuditLog, place: Place) -> None:
    rewrite(place, 3, 3)
    assert (await broken(log))[0] == 4


async def test_an_end_that_was_written_anew_with_all_its_hashes_is_not_the_gateways(
    log: AuditLog, place: Place
) -> None:
    rewrite(place, 3, 5)
    assert await broken(log) == (5, "its hash is not the head's: the end of the log was replaced")
    last = place.execute(f"SELECT hash FROM {ENTRY} WHERE seq = 5")[0][0]
    place.execute(f"UPDATE {POINT} SET hash = ? WHERE name = 'head'", last)
    assert await broken(log) == (5, "the head was not set by a gateway with the key")


async def test_a_removed_entry_is_named(log: AuditLog, place: Place) -> None:
    place.execute(f"DELETE FROM {ENTRY} WHERE seq = 2")
    assert await broken(log) == (2, "it is missing; the next one that is there is 3")


async def test_the_removed_beginning_is_named(log: AuditLog, place: Place) -> None:
    place.execute(f"DELETE FROM {ENTRY} WHERE seq <= 2")
    assert (await broken(log))[0] == 1


async def test_exchanged_entries_are_named(log: AuditLog, place: Place) -> None:
    place.execute(f"UPDATE {ENTRY} SET seq = 99 WHERE seq = 2")
    place.execute(f"UPDATE {ENTRY} SET seq = 2 WHERE seq = 4")
    place.execute(f"UPDATE {ENTRY} SET seq = 4 WHERE seq = 99")
    assert (await broken(log))[0] == 2


async def test_the_last_entry_is_looked_at_too(log: AuditLog, place: Place) -> None:
    place.execute(f"UPDATE {ENTRY} SET times = 7 WHERE seq = 5")
    assert (await broken(log))[0] == 5


@on_both
async def test_an_end_that_was_cut_off_is_named(log: AuditLog, place: Place) -> None:
    place.execute(f"DELETE FROM {ENTRY} WHERE seq > 3")
    assert await broken(log) == (4, "it is missing, and all up to 5: the log was cut off")


async def test_an_older_state_of_the_whole_log_is_found_by_a_head_that_was_noted(log: AuditLog, place: Place) -> None:
    older = place.execute(f"SELECT seq, hash, at, seal FROM {POINT} WHERE name = 'head'")[0]
    await write(log, seen("fay"))
    noted = (await log.verify()).head
    assert noted is not None
    place.execute(f"DELETE FROM {ENTRY} WHERE seq = 6")
    place.execute(f"UPDATE {POINT} SET seq = ?, hash = ?, at = ?, seal = ? WHERE name = 'head'", *older)
    assert (await log.verify()).entries == 5, "nothing inside the log tells"
    assert (await broken(log, expected=((noted.seq, noted.hash),)))[0] == 6


async def test_a_head_that_was_noted_finds_another_entry_in_its_place(log: AuditLog) -> None:
    assert (await broken(log, expected=((4, bytes(32)),)))[0] == 4


async def test_an_altered_description_is_named(log: AuditLog, place: Place) -> None:
    place.execute(f"UPDATE {WHAT} SET content = replace(content, 'own_use', 'other')")
    seq, reason = await broken(log)
    assert seq == 1
    assert "description" in reason


@on_both
async def test_a_removed_description_is_named(log: AuditLog, place: Place) -> None:
    await write(log, seen(of=what("Other")))
    place.execute(f"DELETE FROM {WHAT} WHERE content LIKE '%Other%'")
    assert (await broken(log))[0] == 6


@on_both
async def test_an_entry_after_the_head_is_named(log: AuditLog, place: Place) -> None:
    columns = ", ".join(f'"{name}"' for name in Row._fields[1:])
    place.execute(f"INSERT INTO {ENTRY} SELECT 6, {columns} FROM {ENTRY} LIMIT 1")
    assert (await broken(log))[0] == 6


@on_both
async def test_a_log_without_a_head_takes_nothing_more(log: AuditLog, opens: Opens, place: Place) -> None:
    place.execute(f"DELETE FROM {POINT} WHERE name = 'head'")
    assert (await broken(log))[0] == 5
    another = opens(bounds=(0.01, 0.2, 1000))
    another.recorder.accepts(NOW)
    another.recorder.append(seen())
    with pytest.raises(Exception, match="does not answer"):
        await another.recorder.settled()


async def test_another_key_is_no_proof(log: AuditLog, opens: Opens) -> None:
    assert (await broken(opens(keys=("another key of the tests",))))[1].startswith("the head was not set")
    assert (await opens(keys=("another key of the tests", KEY)).verify()).entries == 5


def rewrite(place: Place, first: int, last: int) -> None:
    """What somebody does who knows how the chain is made: alter one and hash anew up to another."""
    names = ", ".join(f'"{name}"' for name in Row._fields)
    rows = [Row(*row) for row in place.execute(f"SELECT {names} FROM {ENTRY} ORDER BY seq")]  # type: ignore[arg-type]
    previous = rows[first - 2].hash
    for row in rows[first - 1 : last]:
        altered = linked(previous, row.seq, row._replace(times=row.times + (row.seq == first))[1:-1])
        place.execute(f"UPDATE {ENTRY} SET times = ?, hash = ? WHERE seq = ?", altered.times, altered.hash, row.seq)
        previous = altered.hash

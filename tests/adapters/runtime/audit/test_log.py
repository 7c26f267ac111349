"""What a person reads in the log, what its file tells whom, and what remains when its time is over."""

from __future__ import annotations

import asyncio
import secrets
from pathlib import Path

import pytest

from adapters.contract.records import PersonId
from adapters.contract.usage import LogBroken, UsagePage
from adapters.runtime.audit import AuditLog
from adapters.runtime.audit import log as module
from adapters.runtime.audit.tables import ENTRY, POINT
from adapters.runtime.audit.tables import WHAT as DESCRIPTIONS
from tests.adapters.runtime.audit.conftest import KEY, NOW, Opens, Place, on_both, seen, what, write

DAY = 86400.0


async def page(
    log: AuditLog,
    person: str = "ann",
    *,
    most: int = 10,
    older_than: str | None = None,
    newer_than: str | None = None,
    oldest_first: bool = False,
) -> UsagePage:
    return await log.of_person(
        PersonId(person), most=most, older_than=older_than, newer_than=newer_than, oldest_first=oldest_first
    )


async def test_a_person_reads_who_did_what_and_when(opens: Opens) -> None:
    log = opens()
    await write(log, seen("ann"), seen("bob"), seen("ann", NOW + 1, actor="pat", trace="b"))
    found = await page(log)
    assert (found.total, found.newer) == (2, 0)
    second, first = found.entries
    assert (first.actor, first.client, first.times, first.trace_ids) == (None, "app", 1, ("a" * 32,))
    assert (second.actor, second.trace_ids) == ("pat", ("b" * 32,))
    assert first.began_at.timestamp() == NOW
    assert first.what.data[0].fields == ("TaxPayment.amount",)


@on_both
async def test_pages_lead_through_the_list_in_both_directions(opens: Opens) -> None:
    log = opens()
    await write(log, *(seen("ann", NOW + at, of=what(str(at))) for at in range(5)))
    down: list[str | None] = []
    after = None
    while (found := await page(log, most=2, older_than=after)).entries:
        down += [one.what.operation for one in found.entries]
        after = found.entries[-1].id
        assert found.newer + len(found.entries) == len(down)
    assert down == ["4", "3", "2", "1", "0"]
    last = await page(log, most=2, oldest_first=True)
    assert [one.what.operation for one in last.entries] == ["1", "0"]
    assert (last.newer, last.total) == (3, 5)
    before = await page(log, most=2, newer_than=last.entries[0].id, oldest_first=True)
    assert [one.what.operation for one in before.entries] == ["3", "2"]
    with pytest.raises(ValueError, match="no id"):
        await page(log, older_than="1 OR 1")


async def test_what_is_repeated_within_a_moment_is_one_entry_with_every_trace(opens: Opens) -> None:
    log = opens(bounds=(5.0, 10.0, 1000))
    assert log.recorder.accepts(NOW)
    for at in range(100):
        log.recorder.append(seen("ann", NOW + at / 1000, trace="ab"[at % 2]))
    log.recorder.append(seen("bob", NOW))
    await log.recorder.settled()
    newest, oldest = (await page(log)).entries
    assert (oldest.times, newest.times) == (64, 36)
    assert oldest.began_at.timestamp() == NOW
    assert oldest.ended_at.timestamp() == pytest.approx(NOW + 0.063)
    assert len(oldest.trace_ids) == 64
    assert (await page(log, "bob")).total == 1
    assert (await log.verify()).entries == 3


async def test_the_files_tell_nobody_who_it_was(opens: Opens, tmp_path: Path) -> None:
    log = opens()
    person, actor, client = (secrets.token_hex(9) for _ in range(3))
    use, at, trace = seen(person, actor=actor)
    await write(log, (use._replace(client=client), at, trace))
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())  # noqa: ASYNC240
    assert b"TaxPayment.amount" in stored, "it is looked for in the right place"
    for secret in (person, actor, client):
        assert secret.encode() not in stored


async def test_nobody_reads_what_is_about_somebody_else(opens: Opens) -> None:
    log = opens()
    await write(log, seen("ann"))
    assert await page(log, "an") == await page(log, "bob") == UsagePage(entries=(), newer=0, total=0)


async def test_a_new_key_finds_what_the_old_one_wrote(opens: Opens) -> None:
    await write(opens(), seen("ann"))
    log = opens(keys=("a newer key of the tests", KEY))
    await write(log, seen("ann", NOW + 1))
    assert (await page(log)).total == 2
    assert (await log.verify()).entries == 2


@on_both
async def test_several_processes_write_one_chain(opens: Opens) -> None:
    logs = [opens() for _ in range(4)]

    async def run(number: int, log: AuditLog) -> None:
        for at in range(20):
            await write(log, seen(f"person {number}", NOW + at))

    await asyncio.gather(*(run(number, log) for number, log in enumerate(logs)))
    assert (await logs[0].verify()).entries == 80
    assert [(await page(logs[0], f"person {number}")).total for number in range(4)] == [20] * 4


@on_both
async def test_what_is_too_old_goes_and_the_rest_can_still_be_verified(
    opens: Opens, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 3)
    log = opens(keep=30 * DAY)
    log._clock = lambda: NOW + 100 * DAY
    await write(log, *(seen("ann", NOW + at * 10 * DAY, of=what(f"{at}th")) for at in range(10)))
    await log.prune()
    found = await log.verify()
    assert (found.entries, found.after) == (3, 7)
    assert [one.what.operation for one in (await page(log)).entries] == ["9th", "8th", "7th"]
    descriptions = {name for (name,) in place.execute(f"SELECT name FROM {DESCRIPTIONS}")}
    assert len(descriptions) < 10, "those of earlier months are gone"
    await write(log, seen("ann", NOW + 100 * DAY))
    assert (await log.verify()).entries == 4


async def test_what_somebody_else_deleted_was_not_too_old(opens: Opens, place: Place) -> None:
    log = opens()
    await write(log, *(seen("ann", NOW + at) for at in range(4)))
    ((digest,),) = place.execute(f"SELECT hash FROM {ENTRY} WHERE seq = 2")
    place.execute(f"INSERT INTO {POINT} VALUES ('pruned', 2, ?, 0, 'made up')", digest)
    place.execute(f"DELETE FROM {ENTRY} WHERE seq <= 2")
    with pytest.raises(LogBroken, match="not set by a gateway with the key"):
        await log.verify()


async def test_pruning_while_it_is_verified_breaks_nothing(
    opens: Opens, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PAGE", 2)
    log = opens(keep=DAY)
    await write(log, *(seen("ann", NOW + at) for at in range(8)))
    log._clock = lambda: NOW + DAY + 4
    verified = asyncio.create_task(log.verify())
    while not verified.done():
        await asyncio.sleep(0)
        await log.prune()
    assert (await verified).head is not None

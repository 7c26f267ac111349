"""What the chaos suite makes of answers: each thing that must not be is seen, and the figures are what they say."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Mapping
from typing import Any

import pytest

from bench.chaos import report
from bench.chaos.found import CALM, Episode, Found, Phase, Tally, p95
from bench.chaos.judge import Judge, Verdict
from bench.chaos.load import Asked, Gateway, Load, Recovery
from bench.chaos.play import AWAY, STORE, Plan, Play, Stage
from bench.chaos.question import DEPARTMENTS, FIELDS, Person, document
from bench.chaos.trouble import HANGS, JUNK

ANN, BOB = (Person(number, name, "token") for number, name in (("1", "Ann"), ("2", "Bob")))
HANGING = {"hotline": HANGS.kinds}


def viewer(person: Person, **changes: Any) -> dict[str, Any]:
    """What a person is shown when all is well."""
    nodes = {"nodes": [{"id": f"{person.id}-entry"}]}
    shown = {"name": person.name, **dict.fromkeys(FIELDS.values(), nodes)}
    return {**shown, "taxAccount": {"obligations": []}, "civilRecord": {"name": {"full": person.name}}, **changes}


def error(code: str, department: str = "hotline", *, retryable: bool = True, field: str = "") -> dict[str, Any]:
    extensions = {"code": code, "department": department, "retryable": retryable}
    return {"message": "No.", "path": ["viewer", field or FIELDS[department]], "extensions": extensions}


def old(department: str, age: int) -> dict[str, Any]:
    return {"freshness": [{"department": department, "operation": "o", "age": age, "reason": "HOT_TIMED_OUT"}]}


def judged(
    shown: Any, *errors: Any, judge: Judge | None = None, status: int = 200, may: Any = HANGING, **more: Any
) -> Verdict:
    body = json.dumps({"data": {"viewer": shown}, "errors": errors, **more}).encode()
    return (judge or Judge()).judge(ANN, DEPARTMENTS, status, body, may)


def test_the_home_screen_has_a_part_of_each_department() -> None:
    assert set(FIELDS.values()) == {
        "appointments", "registrations", "complaints", "taxAccount", "civilRecord", "extracts"
    }  # fmt: skip
    assert "complaints" not in document(name for name in DEPARTMENTS if name != "hotline")


def test_a_whole_answer_has_no_fault() -> None:
    verdict = judged(viewer(ANN))
    assert (verdict.faults, verdict.served, verdict.codes) == ([], {*DEPARTMENTS}, {})


def test_the_part_of_a_department_in_trouble_may_fail_or_be_old() -> None:
    failed = judged(viewer(ANN, complaints=None), error("HOT_TIMED_OUT"), status=294)
    assert (failed.faults, failed.served) == ([], {*DEPARTMENTS} - {"hotline"})
    assert failed.codes == {"hotline": "HOT_TIMED_OUT"}
    stale = judged(viewer(ANN), extensions=old("hotline", 40))
    assert (stale.faults, stale.stale) == ([], {"hotline": 40})


@pytest.mark.parametrize(
    ("verdict", "fault"),
    [
        (judged(viewer(ANN), status=500), "HTTP 500"),
        (judged(None, error("INTERNAL")), "HTTP 200, without data"),
        (judged(viewer(BOB)), "the name is another person's"),
        (judged(viewer(ANN, civilRecord={"name": {"full": "Bob"}})), "the name is another person's"),
        (judged(viewer(ANN, complaints=None)), "hotline: its part is missing"),
        (judged(viewer(ANN, extracts=None)), "public_security: its part is missing"),
        (
            judged(viewer(ANN, taxAccount={"obligations": None}), error("TAX_TIMED_OUT", "taxation")),
            "TAX_TIMED_OUT at ['viewer', 'taxAccount'], which nobody has disturbed",
        ),
        (
            judged(viewer(ANN, taxAccount=None), error("HOT_TIMED_OUT", field="taxAccount")),
            "HOT_TIMED_OUT at ['viewer', 'taxAccount'], which nobody has disturbed",
        ),
        (judged(viewer(ANN, complaints=None), error("HOT_BAD_REPLY")), "HOT_BAD_REPLY: the trouble is another"),
        (
            judged(viewer(ANN, complaints=None), error("HOT_TIMED_OUT", retryable=False)),
            "HOT_TIMED_OUT: retryable is False",
        ),
        (
            judged(viewer(ANN, complaints=None), error("HOT_BAD_REPLY"), may={"hotline": JUNK.kinds}),
            "HOT_BAD_REPLY: retryable is True",
        ),
        (judged(viewer(ANN), extensions=old("taxation", 40)), "taxation: 40 s old, because of HOT_TIMED_OUT"),
        (judged(viewer(ANN), extensions=old("hotline", 700)), "hotline: 700 s old, because of HOT_TIMED_OUT"),
    ],
)
def test_what_must_not_be_is_a_fault(verdict: Verdict, fault: str) -> None:
    assert fault in verdict.faults


def test_no_answer_at_all_is_a_fault() -> None:
    assert Judge().judge(ANN, DEPARTMENTS, 0, b"", HANGING).faults == ["HTTP 0, without data"]


def test_another_persons_entry_and_another_answer_than_before_are_faults() -> None:
    judge = Judge()
    assert judged(viewer(ANN), judge=judge).faults == []
    assert judged(viewer(ANN), judge=judge).faults == []
    changed = judged(viewer(ANN, complaints={"nodes": []}), judge=judge)
    assert changed.faults == ["hotline: not what this person was shown before"]
    taken = json.dumps({"data": {"viewer": {**viewer(ANN), "name": "Bob", "civilRecord": {}}}}).encode()
    assert "an entry is another person's" in judge.judge(BOB, DEPARTMENTS, 200, taken, {}).faults


def test_a_tally_counts_whose_part_came_and_how() -> None:
    tally = Tally()
    well, gone, aged = {*DEPARTMENTS}, {*DEPARTMENTS} - {"hotline"}, {"hotline": 40}
    tally.add(Verdict(served=well), DEPARTMENTS, "hotline")
    tally.add(Verdict(served=gone, codes={"hotline": "HOT_TIMED_OUT"}), DEPARTMENTS, "hotline")
    tally.add(Verdict(served=well, stale=aged), DEPARTMENTS, "hotline")
    tally.add(Verdict(served=gone - {"taxation"}, codes={"hotline": "HOT_TIMED_OUT"}), DEPARTMENTS, "hotline")
    assert (tally.asked, tally.served, tally.well, tally.stale, tally.failed, tally.oldest) == (4, 3, 1, 1, 2, 40)
    assert (tally + tally).codes == {"HOT_TIMED_OUT": 4}


def test_who_fails_again_has_not_recovered() -> None:
    recovery = Recovery()
    for at, well in ((1.0, True), (2.0, False), (3.0, True), (4.0, True)):
        recovery.note("gateway", at, well=well)
    assert (recovery.since, recovery.lately) == ({"gateway": 3.0}, {"gateway": 4.0})


async def test_what_may_have_been_kept_shows_no_recovery(monkeypatch: pytest.MonkeyPatch) -> None:
    """A department that gave a part a minute ago is not asked: that it comes says nothing about it."""
    load = Load([Gateway("gateway", "http://127.0.0.1:1")], [ANN], Found())
    answer = 200, json.dumps({"data": {"viewer": viewer(ANN)}}).encode()

    async def answered(*_: object) -> tuple[int, bytes]:
        return answer

    monkeypatch.setattr("bench.chaos.load.ask", answered)
    load.episode = Episode(HANGS.name, "hotline", phase=Phase.AFTER)
    since = []
    for at, keeps in ((100.0, True), (130.0, True), (130.0, False), (1e9, True)):
        gateway = Gateway("gateway", "", keeps=keeps)
        load.recovery = Recovery()
        asked = Asked(load.episode, gateway, ANN, DEPARTMENTS, {}, whole=True, phase=Phase.AFTER, at=at)
        await load._answered(asked)
        since.append(bool(load.recovery.since))
        load._read = dict.fromkeys(load._read, 101.0)
    assert since == [True, False, True, True]


async def test_an_answer_that_nobody_can_read_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    async def answered(*_: object) -> tuple[int, bytes]:
        return 200, json.dumps({"data": {"viewer": viewer(ANN, complaints={"nodes": [{}]})}}).encode()

    monkeypatch.setattr("bench.chaos.load.ask", answered)
    found = Found()
    load = Load([Gateway("gateway", "")], [ANN], found)
    load._send(Gateway("gateway", ""), ANN, DEPARTMENTS, whole=True)
    await load.drain()
    await asyncio.sleep(0)
    assert [*found.faults] == ["gateway, nobody calm: an answer that cannot be judged, KeyError('id')"]


class Nobody:
    """A process that does nothing."""

    def kill(self) -> None:
        pass

    start = kill


def play(gateways: list[Gateway], **plan: Any) -> Play:
    stage = Stage(gateways=gateways, departments={}, addresses={}, store=Nobody(), people=[ANN])
    return Play(stage, Plan(**plan))


def test_a_trouble_that_nobody_feels_and_a_dead_department_that_answers_are_faults() -> None:
    one = play([Gateway("gateway", "", keeps=False)])
    one._require_felt(Episode("dies", "hotline", {"gateway": Tally(asked=2, failed=1, stale=1)}))
    assert not one.found.faults
    one._require_felt(Episode("dies", "hotline", {"gateway": Tally(asked=2, well=2)}))
    assert [*one.found.faults] == ["hotline dies: nobody felt it", "hotline dies: its part came all the same"]


def test_a_store_that_is_never_seen_again_is_a_fault() -> None:
    one = play([Gateway("gateway", "http://127.0.0.1:1")], away=0.0, patience=0.05)
    asyncio.run(one._lose_the_store())
    assert [*one.found.faults] == ["store dies and returns: it did not recover"]


def found() -> Found:
    tallies: Mapping[str, Tally] = {"gateway": Tally(asked=4, served=4, well=1, stale=2, failed=1, oldest=40)}
    hangs = Episode(HANGS.name, "hotline", dict(tallies), [20.0] * 10, recovered=1.5)
    away = Episode(AWAY, STORE, {"gateway": Tally(asked=2, served=1)}, [10.0], recovered=0.5)
    return Found([Episode(CALM, beside=[10.0] * 10), hangs, away])


def test_the_report_has_the_figures_by_trouble_and_by_department() -> None:
    figures = report.as_object(found())
    json.dumps(figures)
    for hangs in (figures["by_trouble"][HANGS.name], figures["by_department"]["hotline"]):
        gateway = hangs["gateways"]["gateway"]
        assert (gateway["healthy_served"], gateway["oldest_seconds"]) == (1.0, 40)
        assert gateway["own_part"] == {"well": 0.25, "stale": 0.5, "failed": 0.25}
        assert hangs["beside"]["p95_over_calm"] == 2.0
        assert hangs["recovered_seconds"]["longest"] == 1.5
    assert figures["all"]["gateways"]["gateway"]["healthy_served"] == 5 / 6
    assert len(figures["episodes"]) == 2


def test_the_table_shows_a_fault_or_says_that_there_is_none() -> None:
    well = found()
    assert report.as_text(well).endswith("no faults")
    assert "hangs, gateway" in report.as_text(well)
    well.faults["an entry is another person's"] += 2
    assert report.as_text(well).endswith("2 x an entry is another person's")


def test_there_is_no_percentile_of_nothing() -> None:
    assert math.isnan(p95([]))
    figures = report.as_object(Found([Episode(HANGS.name, "hotline", {"gateway": Tally(asked=1)})]))
    assert (figures["calm"], figures["all"]["beside"], figures["all"]["recovered_seconds"]) == (None, None, None)

"""Each bar that needs no peer as a process for a moment, and how figures become verdicts."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bench import measure as measure_module
from bench.bars import calls, memory, protections
from bench.bars.against_peers import against_peers
from bench.bars.bar import Bar, Criterion, Options, Outcome, as_object, as_text, ratio
from bench.bars.hanging import without_field
from bench.bars.protections import PROTECTIONS, Protection
from bench.load import WrongAnswer
from bench.measure import Case, Measured, Plan, Round, measure, request, standing
from bench.overlay import Edit, edited, laid_over, merged
from bench.peers.install import NotInstalled, place
from bench.peers.peer import PEERS, Peer
from bench.processes import HERE
from bench.subjects import Tree
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parents[2]


def bar(name: str, *arguments: str) -> Any:
    command = [sys.executable, "-m", "bench", name, *arguments, "--rounds", "1", "--seconds", "0.4", "--json"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def a_round(requests: int, cpu: float) -> Round:
    return Round(
        requests=requests,
        seconds=1.0,
        gateway_cpu=cpu,
        busiest_cpu=cpu,
        load_cpu=0.1,
        upstream_calls=3 * requests,
        p50=1.0,
        p95=2.0,
        p99=3.0,
    )


def measured(*rounds: Round) -> Measured:
    return Measured(Case(WORKLOADS["phone-screen"], Tree()), rounds, 80.0)


def test_processes_share_the_rounds_and_every_other_round_is_reversed(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    @contextmanager
    def stands(case: Case, _say: object) -> Iterator[Any]:
        done.append(f"+{case.subject.name}")
        yield SimpleNamespace(case=case, resident_mib=lambda: float(len(done)))
        done.append(f"-{case.subject.name}")

    def one_round(stand: Any, _plan: Plan) -> Round:
        done.append(stand.case.subject.name)
        return a_round(len(done), 1.0)

    monkeypatch.setattr(measure_module, "standing", stands)
    monkeypatch.setattr(measure_module, "one_round", one_round)
    cases = [Case(WORKLOADS["hello"], Tree(name=name)) for name in "ab"]
    one, two = measure(cases, Plan(rounds=3, processes=2), lambda _text: None)
    assert " ".join(done) == "+a +b a b a b -b -a +a +b b a -b -a"
    assert [each.requests for each in one.rounds] == [3, 5, 12]
    assert [each.requests for each in two.rounds] == [4, 6, 11]
    assert (one.case.subject.name, one.resident_mib, two.resident_mib) == ("a", 12.0, 12.0)


@pytest.mark.parametrize(
    ("criterion", "met", "words"),
    [
        (Criterion(what="a", value=2.0, at_least=2.0), True, ">= 2"),
        (Criterion(what="a", value=1.9, at_least=2.0), False, ">= 2"),
        (Criterion(what="a", value=1.1, at_most=1.1), True, "<= 1.1"),
        (Criterion(what="a", value=1.2, at_most=1.1), False, "<= 1.1"),
        (Criterion(what="a", value=1.2), None, ""),
    ],
)
def test_a_criterion_says_whether_it_is_met(criterion: Criterion, met: bool | None, words: str) -> None:
    assert (criterion.met, criterion.bar) == (met, words)


def test_a_ratio_compares_rounds_that_were_next_to_each_other() -> None:
    over, under = measured(a_round(200, 1.0), a_round(100, 1.0)), measured(a_round(100, 1.0), a_round(50, 1.0))
    found = ratio("twice", over, under, "requests_per_core_second", at_least=2.0)
    assert (found.value, found.lowest, found.highest, found.met) == (2.0, 2.0, 2.0, True)


def test_a_report_reads_as_its_object_says() -> None:
    outcome = Outcome([Criterion(what="it / that", value=0.5, at_least=1.0)], [measured(a_round(10, 1.0))], ["A note."])
    found = as_object(Bar("a-bar", "a summary", lambda _options: outcome), outcome, Plan())
    assert found["criteria"][0]["met"] is False
    text = as_text(json.loads(json.dumps(found)))
    assert all(part in text for part in ("a-bar: a summary", "it / that", ">= 1", "NO", "A note."))


@pytest.mark.parametrize(("held", "ratio_of_quarters"), [([100.0] * 8, 1.0), ([100.0, 100.0, 100.0, 150.0], 1.5)])
def test_growth_is_seen(held: list[float], ratio_of_quarters: float) -> None:
    assert memory.growth(held) == ratio_of_quarters


def test_a_slope_is_per_hour() -> None:
    assert memory.slope([(0.0, 80.0), (60.0, 80.5), (120.0, 81.0)]) == pytest.approx(30)
    assert memory.slope([(0.0, 80.0)]) == 0


def test_an_error_elsewhere_than_at_the_hanging_department_is_wrong() -> None:
    answer = {"data": {"a": 1}, "errors": [{"path": ["viewer", "taxAccount", "obligations"]}]}
    assert json.loads(without_field(json.dumps(answer).encode(), "p")) == {"data": {"a": 1}}
    for errors in ([], [{"path": ["viewer", "complaints"]}], [*answer["errors"], {"path": ["viewer", "complaints"]}]):
        with pytest.raises(WrongAnswer, match="person p"):
            without_field(json.dumps({**answer, "errors": errors}).encode(), "p")


def test_an_overlay_changes_a_copy_only(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    original = tmp_path / "config" / "a.yaml"
    original.write_text("one: {x: 1, y: 2}\ntwo: 2\n")
    with laid_over(tmp_path, {"config/a.yaml": {"one": {"y": 3}}, "config/b.json": {"new": [1]}}) as copy:
        assert json.loads((copy / "config" / "b.json").read_text()) == {"new": [1]}
        assert (copy / "config" / "a.yaml").read_text() == "one:\n  x: 1\n  y: 3\ntwo: 2\n"
    assert "y: 2" in original.read_text()
    assert merged({"a": [1]}, {"a": [2]}) == {"a": [2]}


def test_floors_are_below_the_gateway() -> None:
    found = bar("floors")
    assert len(found["criteria"]) == 2
    assert all(each["value"] > 1 for each in found["criteria"])


def test_calls_are_counted_also_of_a_shared_flight(monkeypatch: pytest.MonkeyPatch) -> None:
    two = {name: WORKLOADS[name] for name in ("phone-screen", "list-with-shared-join")}
    monkeypatch.setattr(calls, "WORKLOADS", two)
    options = Options(plan=Plan(rounds=1, seconds=0.4), tree=Tree(), peers=[], say=lambda _text: None)
    criteria = calls.upstream_calls(options).criteria
    assert [each.value for each in criteria] == [1.0] * 3
    assert [each.met for each in criteria] == [True] * 3


@pytest.mark.parametrize(("made", "met"), [((3, 3), True), ((3, 4), False), ((2, 3), False)])
def test_one_call_too_many_or_too_few_is_a_missed_bar(made: tuple[int, ...], met: bool) -> None:
    rounds = [replace(a_round(10, 1.0), upstream_calls=10 * each) for each in made]
    assert calls.worst(measured(*rounds)).met is met


def test_a_department_that_hangs_is_felt_by_those_who_ask_it() -> None:
    (latencies,) = bar("hanging-department")["figures"].values()
    assert latencies["all five, one hangs"] > 1000 > latencies["all five, all answer"]


def test_the_compiled_executor_is_timed_against_the_reference() -> None:
    (times,) = bar("executor")["figures"].values()
    assert len(times) == 3
    assert all(each["graphql-core"] > each["compiled"] > 0 for each in times.values())


def test_each_protection_is_measured_with_and_without(monkeypatch: pytest.MonkeyPatch) -> None:
    ways = {bool(each.overlay) * 1 + bool(each.edits) * 2 + bool(each.among) * 4: each for each in PROTECTIONS}
    one_of_each = [replace(each, modes=protections.HELLO) for each in ways.values()]
    monkeypatch.setattr(protections, "PROTECTIONS", one_of_each)
    monkeypatch.setattr(protections, "_together", lambda _protections: [])
    options = Options(plan=Plan(rounds=1, seconds=0.4), tree=Tree(), peers=[], say=lambda _text: None)
    found = protections.protections(options).criteria
    assert [each.what for each in found] == [
        f"CPU per request with / without {each.name}, hello hot" for each in one_of_each
    ]
    assert len(found) == 4
    assert all(each.value > 0.1 for each in found)


def test_what_is_taken_out_of_the_source_is_there() -> None:
    edits = [edit for each in PROTECTIONS for edit in each.edits]
    assert edits
    for edit in edits:
        text = (HERE / edit.file).read_text("utf-8")
        assert edited(text, edit) != text


@pytest.mark.parametrize("text", ["", "one one"])
def test_an_edit_of_what_is_not_there_once_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a\.py has 'one' [02] times, not once"):
        edited(text, Edit("a.py", "one", "two"))


def test_a_protection_is_the_cost_of_having_it_and_not_of_lacking_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def measure(cases: list[Case], *_rest: object) -> list[Measured]:
        costs = {"citygate": 2.0, "without x": 1.0, "with y": 4.0, "without z": 1.6, "without all of these": 0.5}
        return [Measured(case, (a_round(1, costs[case.subject.name]),), 80.0) for case in cases]

    overlays = {name: {f"{name}.yaml": {"on": False}} for name in "xyz"}
    three = [Protection(name=name, overlay=overlays[name], on=name != "y") for name in "xyz"]
    monkeypatch.setattr(protections, "PROTECTIONS", three)
    monkeypatch.setattr(protections, "measure", measure)
    options = Options(plan=Plan(), tree=Tree(), peers=[], say=lambda _text: None)
    found = {each.what: each.value for each in protections.protections(options).criteria}
    expected = {"x": 2.0, "y": 2.0, "z": 1.25, "all of these": 4.0}
    assert found == {
        f"CPU per request with / without {name}, phone-screen {mode}": value
        for name, value in expected.items()
        for mode in ("cold", "hot")
    }


def test_an_anonymous_request_has_no_token() -> None:
    with_, without = (
        request(Case(WORKLOADS["hello"], Tree(anonymous=anonymous)), "1", "secret") for anonymous in (False, True)
    )
    assert b"\r\nauthorization: Bearer secret\r\n" in with_
    assert b"authorization" not in without


def test_two_workers_are_two_processes() -> None:
    found = bar("second-worker")
    one, two = (case["rounds"][0] for case in found["cases"])
    assert one["busiest_cpu"] == one["gateway_cpu"]
    assert two["busiest_cpu"] < two["gateway_cpu"]


def test_the_soak_shows_its_curve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "PERSONS", 1)
    options = Options(plan=Plan(), tree=Tree(), peers=[], say=lambda _text: None, minutes=0.02, rate=200)
    outcome = memory.memory(options)
    assert outcome.figures is not None
    assert 0 < outcome.figures["requests"] < 500
    assert len(outcome.figures["curve, seconds and MiB"]) > 1
    assert outcome.criteria[0].value > 10


@pytest.mark.parametrize("peer", PEERS)
def test_a_peer_gives_the_references_answers(peer: str) -> None:
    if not place(PEERS[peer].folder).is_dir():
        pytest.skip(f"{peer} is not installed: python -m bench install-peers")
    for name in ("phone-screen", "list-with-join", "list-with-shared-join"):
        with standing(Case(WORKLOADS[name], PEERS[peer]), lambda _text: None) as stand:
            assert all(ask.answer for ask in stand.asks)


def test_a_peer_that_cannot_be_had_is_named_and_the_others_are_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_peer: Peer) -> Path:
        raise NotInstalled("npm is not there")

    monkeypatch.setattr(Peer, "install", refuse)
    options = Options(plan=Plan(rounds=1, seconds=0.3), tree=Tree(), peers=["yoga"], say=lambda _text: None)
    outcome = against_peers("phone-screen", {})(options)
    assert outcome.notes == ["GraphQL Yoga with DataLoader (Node) was not measured: npm is not there"]
    assert [each.case.subject.name for each in outcome.cases] == ["citygate"]

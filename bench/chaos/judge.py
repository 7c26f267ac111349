"""What an answer is worth: whose parts are there, which are old, which failed and how, and what must not be in it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bench.chaos.question import FIELDS, Person
from bench.chaos.trouble import RETRYABLE
from bench.load import PARTIAL

ANSWERED = (200, PARTIAL)
"""Status of an answer with data: all of it, or what there is of it."""
OLDEST = 660.0
"""Seconds: the longest that any manifest lets an operation be fresh (60 s) and stale (10 min) for a person."""
_DEPARTMENTS = {name: department for department, name in FIELDS.items()}


@dataclass(slots=True)
class Verdict:
    """By department: whose part came, how old it is where it is old (seconds), and the code with which one failed.

    `faults` are what must never be.
    """

    served: set[str] = field(default_factory=set)
    stale: dict[str, int] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)


class Judge:
    """Remembers what each person was shown while all was well, and to whom each entry belongs."""

    def __init__(self) -> None:
        self._shown: dict[tuple[str, str], Any] = {}
        self._owners: dict[str, str] = {}

    def judge(
        self, person: Person, asked: Collection[str], status: int, body: bytes, may: Mapping[str, frozenset[str]]
    ) -> Verdict:
        """Judge the answer about the departments that were asked; `may` are kinds of errors that are in order."""
        verdict = Verdict()
        viewer, errors, old = _read(status, body, verdict)
        for error in errors:
            _note(error, may, verdict)
        for line in old:
            department = str(line.get("department"))
            verdict.stale[department] = int(line["age"])
            if department not in may or line["age"] > OLDEST:
                verdict.faults.append(f"{department}: {line['age']} s old, because of {line.get('reason')}")
        if viewer is not None:
            verdict.faults += self._others(person, viewer)
            verdict.served = self._served(person, asked, viewer, verdict)
            missing = [name for name in asked if name not in verdict.served and name not in verdict.codes]
            verdict.faults += [f"{department}: its part is missing" for department in missing]
        return verdict

    def _served(self, person: Person, asked: Collection[str], viewer: Mapping[str, Any], verdict: Verdict) -> set[str]:
        served = set()
        for department in asked:
            found = viewer.get(FIELDS[department])
            if department in verdict.codes or found is None:
                continue
            served.add(department)
            if self._shown.setdefault((person.id, department), found) != found:
                verdict.faults.append(f"{department}: not what this person was shown before")
        return served

    def _others(self, person: Person, viewer: Mapping[str, Any]) -> Iterator[str]:
        """What is somebody else's."""
        register = viewer.get(FIELDS["civil_affairs"]) or {}
        names = [viewer.get("name"), *([register["name"]["full"]] if register.get("name") else [])]
        if any(name != person.name for name in names):
            yield "the name is another person's"
        for entry in _entries(viewer):
            if self._owners.setdefault(entry, person.id) != person.id:
                yield "an entry is another person's"


def _read(status: int, body: bytes, verdict: Verdict) -> tuple[Any, list[Any], list[Any]]:
    """The viewer, the errors, and the lines about what is old."""
    try:
        answer = json.loads(body)
        viewer = answer["data"]["viewer"]
    except (ValueError, KeyError, TypeError):
        viewer, answer = None, {}
    if status not in ANSWERED or viewer is None:
        verdict.faults.append(f"HTTP {status}, without data" if viewer is None else f"HTTP {status}")
    extensions = answer.get("extensions") or {}
    return viewer, answer.get("errors") or [], extensions.get("freshness") or []


def _note(error: Mapping[str, Any], may: Mapping[str, frozenset[str]], verdict: Verdict) -> None:
    """An error must be at its department's own field, of a kind that is in order, and say rightly if to try again."""
    said = error.get("extensions") or {}
    path = error.get("path") or []
    code, department = str(said.get("code")), str(said.get("department"))
    kind = code.partition("_")[2]
    verdict.codes[_DEPARTMENTS.get(path[1], department) if len(path) > 1 else department] = code
    if department not in may or path[:2] != ["viewer", FIELDS.get(department)]:
        verdict.faults.append(f"{code} at {path[:2]}, which nobody has disturbed")
    elif kind not in may[department]:
        verdict.faults.append(f"{code}: the trouble is another")
    elif said.get("retryable") is not RETRYABLE[kind]:
        verdict.faults.append(f"{code}: retryable is {said.get('retryable')}")


def _entries(viewer: Mapping[str, Any]) -> Iterator[str]:
    for name in FIELDS.values():
        for node in (viewer.get(name) or {}).get("nodes") or []:
            yield node["id"]

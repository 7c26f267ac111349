"""JSON that is none or no request, documents that are hostile, and variables that do not fit."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from bench import hostile
from bench.malformed.request import GOOD, Make, Malformed, always, asking, asking_for, noise, post, word

LARGEST = 2500
"""Characters of a hostile document here; the largest of each class are the stall bar's business."""


def bodies() -> Iterator[Malformed]:
    """JSON that is none, or is no request."""
    texts: Mapping[str, bytes] = {
        "empty": b"",
        "blank": b"  \n",
        "not UTF-8": b'{"query": "\xff\xfe"}',
        "UTF-16": '{"query": "{ a }"}'.encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + GOOD,
        "lone surrogate": b'{"query": "\\ud800"}',
        "NUL": b'{"query": "\\u0000"}\x00',
        "cut": GOOD[:-5],
        "more behind": GOOD + GOOD,
        "NaN": b'{"query": "{ a }", "variables": {"x": NaN}}',
        "float beyond all": b'{"query": "{ a }", "variables": {"x": 1e99999}}',
        "names twice": b'{"query": "{ a }", "query": "{ b }"}',
        "single quotes": b"{'query': '{ a }'}",
        "comment": b'{"query": "{ a }" /* yes */}',
        "array": b"[" + GOOD + b"]",
        "number": b"42",
        "string": b'"query"',
        "null": b"null",
        "no query": b"{}",
    }
    for name, text in texts.items():
        yield Malformed(f"JSON: {name}", always(post(text)))
    yield Malformed("JSON: noise", lambda random: post(noise(random, 300)))
    yield Malformed("JSON: arrays very deep", lambda random: post(b"[" * random.randint(1000, 200_000)))
    yield Malformed("JSON: objects very deep", lambda _: post(b'{"a":' * 20_000 + b"1" + b"}" * 20_000))
    yield Malformed(
        "JSON: many values", lambda _: post(b'{"query": "", "variables": {"x": [' + b"1," * 90_000 + b"1]}}")
    )
    yield Malformed(
        "JSON: huge integer", lambda random: post(b'{"query": ' + b"9" * random.randint(5000, 200_000) + b"}")
    )
    yield Malformed("JSON: huge string", lambda _: post(b'{"query": "' + b"x" * 250_000 + b'"}'))
    yield Malformed("JSON: too large", lambda _: post(b'{"query": "' + b"x" * 300_000 + b'"}'))
    kinds: Mapping[str, Any] = {"a number": 5, "an array": [], "an object": {}, "a boolean": True}
    for member in ("query", "operationName", "variables", "extensions", "documentId"):
        for kind, value in kinds.items():
            if (member, kind) not in (("variables", "an object"), ("extensions", "an object")):
                members = {"query": "{ a }", member: value}
                yield Malformed(f"member: {member} is {kind}", always(asking(members)))


def documents() -> Iterator[Malformed]:
    """Documents that are hostile to some schema, or to this one."""
    for name, make in hostile.CLASSES.items():
        yield Malformed(
            f"document: {name}",
            _one_of(_texts(make)),
        )
    own: Mapping[str, Callable[[Random], str]] = {
        "of noise": lambda random: noise(random, 200).decode("latin-1"),
        "of brackets": lambda random: "{" * random.randint(10, 30_000),
        "dear": lambda _: "{ " + " ".join(f"a{n}: services {{ nodes {{ name }} }}" for n in range(60)) + " }",
        "too dear within limits": lambda random: (
            "{ "
            + " ".join(f'a{n}: offices(search: "{word(random)}") {{ totalCount }}' for n in range(24))
            + " x: self: }"
        ),
        "unknown fields": lambda random: "{ viewer { " + " ".join(word(random) for _ in range(200)) + " } }",
        "ids that are none": lambda random: f'{{ node(id: "{word(random)}") {{ id }} }}',
        "a subscription": lambda _: "subscription { a }",
        "two operations": lambda _: "query a { departments { name } } query b { departments { name } }",
        "introspection of fields of fields": lambda _: (
            "{ __schema { " + "types { fields { type { " * 8 + "name" + " } } }" * 8 + " } }"
        ),
        "page of a million": lambda _: "{ services(first: 1000000) { totalCount } }",
    }
    for name, text in own.items():
        yield Malformed(f"document: {name}", _document(text))


def _document(text: Callable[[Random], str]) -> Make:
    return asking_for(lambda random: {"query": text(random)})


def _one_of(texts: Sequence[str]) -> Make:
    """One of the texts, and never the same again."""
    return _document(lambda random: f"{random.choice(texts)} # {word(random)}")


def _texts(make: hostile.Make) -> list[str]:
    """Documents of a class, of several sizes up to the largest."""
    found = [make(1)]
    while len(found[-1]) <= LARGEST and len(found) < 14:
        found.append(make(2 ** len(found)))
    return found[-5:]


ASKED = """query ($id: ID!, $first: Int, $day: Date) {
  node(id: $id) { id }
  services(first: $first) { totalCount }
  freeSlots(officeId: $id, serviceIds: [$id], firstDay: $day, lastDay: $day) { startsAt }
}"""


def variables() -> Iterator[Malformed]:
    """Variables that do not fit."""
    sets: Mapping[str, Any] = {
        "missing": {},
        "null for what may not be": {"id": None},
        "of the wrong type": {"id": {"a": 1}, "first": "many", "day": 5},
        "beyond 32 bits": {"id": "x", "first": 2**40},
        "beyond a double": {"id": 10**400},
        "no day": {"id": "x", "day": "2026-02-31"},
        "a day in words": {"id": "x", "day": "tomorrow" * 50},
        "with surrogates": {"id": "\ud800"},
        "with what nobody declared": {"id": "x", **{f"v{n}": n for n in range(500)}},
        "an id of a megabyte's kind": {"id": "QXBwb2ludG1lbnQ6" + "x" * 100_000},
        "deep": {"id": "x", "first": json.loads("[" * 60 + "]" * 60)},
    }
    for name, values in sets.items():
        yield Malformed(f"variables: {name}", always(asking({"query": ASKED, "variables": values})))
    order = "mutation ($input: FileComplaintInput!) { fileComplaint(input: $input) { problems { code } } }"
    yield Malformed(
        "variables: an order of noise",
        lambda random: asking(
            {"query": order, "variables": {"input": {word(random): word(random) for _ in range(50)}}}
        ),
    )
    yield Malformed(
        "variables: an order with gaps",
        lambda random: asking(
            {
                "query": order,
                "variables": {"input": {"categoryCode": "", "description": word(random), "anonymous": True}},
            }
        ),
    )

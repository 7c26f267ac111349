"""No document that the limits let through costs much: for each class of hostile ones work is counted, not time."""

import asyncio
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import pytest
from graphql import parse

from bench import hostile
from gateway.graphql import document as document_module
from gateway.graphql.document import MOST_IN_LOOP, Documents
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.overlap import MOST_VISITS, Merging
from gateway.graphql.refusal import MOST_CHARACTERS, HTTPRefusal
from gateway.graphql.validation import MOST_ERRORS

MOST_CALLS = 250_000
"""Of Python functions, in checking a document. Before there were budgets, the dearest class made four million."""

MOST_CALLS_IN_LOOP = 60_000


@pytest.fixture(scope="module")
def documents() -> Documents:
    return Documents(hostile.schema(), DocumentLimits())


def largest(make: hostile.Make, documents: Documents) -> str:
    """The largest document of a class that gets as far as validation, or is no document at all."""

    def admits(text: str) -> bool:
        try:
            documents.measure(text)
        except HTTPRefusal as refusal:
            return refusal.code != "DOCUMENT_LIMIT_EXCEEDED"
        return True

    return hostile.largest(make, admits)


@contextmanager
def counted() -> Iterator[list[int]]:
    """Count calls of Python functions in this thread; a list so that it can be read while it grows."""
    calls = [0]

    def count(_frame: FrameType, event: str, _argument: Any) -> None:
        if event == "call":
            calls[0] += 1

    sys.setprofile(count)
    try:
        yield calls
    finally:
        sys.setprofile(None)


@pytest.mark.parametrize("name", hostile.CLASSES)
def test_the_largest_document_of_each_class_costs_a_bounded_number_of_calls(documents: Documents, name: str):
    text = largest(hostile.CLASSES[name], documents)
    refusal: HTTPRefusal | None = None
    with counted() as calls:
        try:
            documents.check(text)
        except HTTPRefusal as caught:
            refusal = caught
    most = MOST_CALLS if len(text) > MOST_IN_LOOP else MOST_CALLS_IN_LOOP
    assert calls[0] < most
    if refusal:
        assert len(refusal.errors) <= MOST_ERRORS + 1
        assert all(len(error.message) <= MOST_CHARACTERS for error in refusal.errors)


VALID = ["same composite", "same leaf with arguments", "fragments beside each other", "fragments in every field"]


@pytest.mark.parametrize("name", VALID)
def test_a_large_document_is_not_refused_for_what_comparing_pairs_would_cost(documents: Documents, name: str):
    text = largest(hostile.CLASSES[name], documents)
    assert documents.check(text).text == text


async def test_a_long_document_is_checked_beside_the_loop(documents: Documents, monkeypatch: pytest.MonkeyPatch):
    threads = recorded(documents, monkeypatch)
    text = "{ self { " + "a " * MOST_IN_LOOP + "} }"
    assert len({id(one) for one in await asyncio.gather(*(documents.take(text[:-600] + "} }") for _ in range(3)))}) == 1
    await documents.take("{ a }")
    assert threads == [False, True]


async def test_what_was_meant_is_looked_for_beside_the_loop(documents: Documents, monkeypatch: pytest.MonkeyPatch):
    threads = recorded(documents, monkeypatch)
    with pytest.raises(HTTPRefusal) as caught:
        await documents.take("{ offic { id } }")
    assert "Did you mean 'office'?" in caught.value.errors[0].message
    assert threads == [True, False]


async def test_the_refusals_of_the_text_need_no_thread(documents: Documents, monkeypatch: pytest.MonkeyPatch):
    threads = recorded(documents, monkeypatch)
    for text in ("{ a }" + "#" * 70_000, "{ a }" + "\n" * 5000):
        with pytest.raises(HTTPRefusal, match="the limit is"):
            await documents.take(text)
    assert threads == []


def recorded(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each check was made in the loop's own thread."""
    here, check, threads = threading.get_ident(), documents.check, list[bool]()

    def recording(text: str, **options: Any) -> document_module.ValidDocument:
        threads.append(threading.get_ident() == here)
        return check(text, **options)

    monkeypatch.setattr(documents, "check", recording)
    return threads


def test_suggestions_are_for_the_first_errors_only(documents: Documents):
    with pytest.raises(HTTPRefusal) as caught:
        documents.check("{ offic nod sel man eithe }", suggestions=True)
    meant = ["Did you mean" in error.message for error in caught.value.errors]
    assert meant == [True, True, True, False, False]


def test_merging_gives_up_after_its_visits():
    cycle = "{ ...f } fragment f on Query { self { ...f ...g } } fragment g on Query { many { ...f ...g } }"
    merging = Merging(hostile.schema(), parse(cycle))
    assert not merging.certain()
    assert merging.visits <= MOST_VISITS + 1

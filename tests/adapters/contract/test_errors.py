"""The tree of errors: each kind says whether to try again, and where it arose."""

from __future__ import annotations

import inspect

import pytest

from adapters.contract import errors
from adapters.contract.errors import AdapterError, AskDifferently, Maintenance, TellTheOperator, TryLater

BRANCHES = {AdapterError, TryLater, AskDifferently, TellTheOperator}
KINDS: set[type[AdapterError]] = {
    each for _, each in inspect.getmembers(errors, inspect.isclass) if issubclass(each, AdapterError)
} - BRANCHES


@pytest.mark.parametrize("kind", sorted(KINDS, key=str))
def test_every_kind_stands_in_the_tree(kind: type[AdapterError]) -> None:
    assert f"── {kind.__name__} " in (errors.__doc__ or "")
    assert issubclass(kind, TryLater | AskDifferently | TellTheOperator)
    assert kind.retryable is issubclass(kind, TryLater)
    assert kind.kind != AdapterError.kind


def test_kinds_are_told_apart() -> None:
    names = {kind.kind for kind in KINDS}
    assert len(names) == len(KINDS) - 2, "only these two share the name of what they are cases of"
    assert errors.Interrupted.kind == errors.Unreachable.kind == errors.Unavailable.kind


def test_an_error_says_where() -> None:
    error = Maintenance("closed", wire_code="503-7", retry_after=5)
    assert str(error) == "closed [503-7]"
    error.department, error.operation = "archive", "notes.file"
    assert str(error) == "archive notes.file: closed [503-7]"

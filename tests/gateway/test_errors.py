"""What a client is told when a department fails: a stable code, and nothing of what the department said."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from graphql import GraphQLError

import gateway.schema  # noqa: F401  # with it every module is there that may add an error
from adapters.contract import errors
from adapters.contract.city import DepartmentInfo
from adapters.contract.errors import AdapterError, Problem
from gateway.errors import MESSAGES, ErrorTable
from resolvers.common.errors import Refusal, Unauthenticated

SECRET = "420106199003071234"
INFO = DepartmentInfo(
    name="archive",
    code="ARC",
    title_en="City Archive",
    title_zh="档案馆",
    protocol="none",
    operations=(),
    phone="12345",
    office=None,
)
TABLE = ErrorTable([INFO])


def kinds(base: type[AdapterError]) -> Iterator[type[AdapterError]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


KINDS = [kind for kind in kinds(AdapterError) if kind.__module__.startswith("adapters.")]
BRANCHES = {errors.TryLater, errors.AskDifferently, errors.TellTheOperator}


def failure(kind: type[AdapterError], *, department: str | None = "archive") -> GraphQLError:
    error = kind(f"about {SECRET}", wire_code=SECRET)
    error.department, error.operation = department, "notes.file"
    return GraphQLError(str(error), path=["viewer", "notes"], original_error=error)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in BRANCHES])
def test_every_error_of_a_department_has_a_row(kind: type[AdapterError]) -> None:
    assert kind in MESSAGES, f"gateway/errors.py: MESSAGES has no row for {kind.__name__}"


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_has_a_stable_code_and_no_upstream_text(kind: type[AdapterError]) -> None:
    formatted = TABLE.format(failure(kind))
    extensions = formatted["extensions"]
    assert extensions == {
        "code": f"ARC_{kind.kind}",
        "department": "archive",
        "operation": "notes.file",
        "retryable": kind.retryable,
        "otherChannel": {"phone": "12345", "office": None},
    }
    assert formatted["path"] == ["viewer", "notes"]
    assert SECRET not in repr(formatted)
    assert "City Archive" in formatted["message"] or kind is errors.NotOffered


def test_a_kind_without_a_row_is_told_as_the_nearest_above_it() -> None:
    class Burning(errors.Unavailable):
        pass

    assert TABLE.format(failure(Burning))["message"] == "City Archive cannot be reached at present."


def test_an_error_without_a_department_has_the_kind_as_its_code() -> None:
    formatted = TABLE.format(failure(errors.NotOffered, department=None))
    assert formatted["extensions"]["code"] == "NOT_OFFERED"
    assert "otherChannel" not in formatted["extensions"]


def test_when_to_come_again() -> None:
    error = errors.Maintenance("closed", retry_after=7.5, until=datetime(2026, 3, 2, tzinfo=UTC))
    extensions = TABLE.format(GraphQLError("x", original_error=error))["extensions"]
    assert extensions["retryAfter"] == 7.5
    assert extensions["maintenanceUntil"] == "2026-03-02T00:00:00+00:00"


def test_problems_stay_out_of_an_error() -> None:
    error = errors.Rejected("no", problems=(Problem("SLOT_TAKEN", f"for {SECRET}"),))
    assert SECRET not in repr(TABLE.format(GraphQLError("x", original_error=error)))


@pytest.mark.parametrize("kind", Refusal.__subclasses__())
def test_a_refusal_of_our_own_has_its_code(kind: type[Refusal]) -> None:
    assert kind.code.isupper()


def test_a_refusal_keeps_its_message() -> None:
    cause = Unauthenticated()
    formatted = TABLE.format(GraphQLError(str(cause), original_error=cause))
    assert formatted["message"] == Unauthenticated.message
    assert formatted["extensions"] == {"code": "UNAUTHENTICATED", "retryable": False}


@pytest.mark.parametrize("cause", [PermissionError(SECRET), KeyError(SECRET), errors.Problem(SECRET, SECRET)])
def test_everything_else_is_masked(cause: object, caplog: pytest.LogCaptureFixture) -> None:
    error = cause if isinstance(cause, Exception) else TypeError(repr(cause))
    formatted = TABLE.format(GraphQLError(SECRET, original_error=error))
    assert (formatted["message"], formatted["extensions"]) == ("Internal error", {"code": "INTERNAL"})
    assert SECRET not in caplog.text

"""Refusals that the gateway itself makes while resolving; `code` is what the client sees."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from resolvers.common.assurance import Assurance


class Refusal(Exception):
    """Base: a message for the app developer, a stable code, and what `extensions` say beside it."""

    code: ClassVar[str]
    message: ClassVar[str]
    retryable: ClassVar[bool] = False

    def __str__(self) -> str:
        return self.message

    @property
    def extensions(self) -> Mapping[str, Any]:
        """What an app needs to know to do better."""
        return {}


class Unauthenticated(Refusal):
    """Nobody is logged in, and the field is personal."""

    code = "UNAUTHENTICATED"
    message = "This field needs a person who is logged in: send an `Authorization: Bearer …` header."


class ScopeMissing(Refusal):
    """The token's scopes do not allow the field; `alternatives` are the lists of which one must be complete."""

    code = "SCOPE_MISSING"
    message = "The token's scopes do not allow this field."

    def __init__(self, alternatives: Iterable[Iterable[str]]) -> None:
        super().__init__()
        self.alternatives = [sorted(one) for one in alternatives]

    @property
    def extensions(self) -> Mapping[str, Any]:
        """The lists of scopes."""
        return {"requiredScopes": self.alternatives}


class AssuranceTooLow(Refusal):
    """The person has to log in with a stronger means (RFC 9470)."""

    code = "ASSURANCE_TOO_LOW"
    message = "This field needs a person who has logged in with a higher level of assurance."

    def __init__(self, level: Assurance) -> None:
        super().__init__()
        self.level = level

    @property
    def extensions(self) -> Mapping[str, Any]:
        """The level, as in the schema's `AssuranceLevel`."""
        return {"requiredAssurance": self.level.name}


class NotMandated(Refusal):
    """Nobody for whom the person may act: whether there is such a person is not said, and not looked up."""

    code = "NOT_MANDATED"
    message = "The person may not act on behalf of this one: `viewer { mandates { id } }` lists for whom they may."


class OnePersonAtATime(Refusal):
    """One operation is about one person: the viewer, or one for whom the viewer acts."""

    code = "ONE_PERSON_AT_A_TIME"
    message = "All `viewer` fields of an operation must have the same `onBehalfOf`: send one operation for each."


class UsageNotReadable(Refusal):
    """The access log does not answer."""

    code = "USAGE_NOT_READABLE"
    message = "The access log cannot be read at present; try again in a moment."
    retryable = True


class InvalidId(Refusal):
    """An id that this gateway never gave out."""

    code = "INVALID_ID"
    message = "The id is not one that this gateway gave out for this kind of object."


class InvalidPage(Refusal):
    """Page arguments that contradict each other or exceed the limit."""

    code = "INVALID_PAGE"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return self.reason

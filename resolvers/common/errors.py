"""Refusals that the gateway itself makes while resolving; `code` is what the client sees."""

from __future__ import annotations

from typing import ClassVar


class Refusal(Exception):
    """Base: a message for the app developer and a stable code."""

    code: ClassVar[str]
    message: ClassVar[str]

    def __str__(self) -> str:
        return self.message


class Unauthenticated(Refusal):
    """Nobody is logged in, and the field is personal."""

    code = "UNAUTHENTICATED"
    message = "This field needs a person who is logged in: send an `Authorization: Bearer …` header."


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

"""Objects with a global id (Relay's Node), and types that describe records."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar, cast

import strawberry

from adapters.contract.operations import FieldSet
from resolvers.common.context import Context
from resolvers.common.errors import InvalidId

T = TypeVar("T", bound=type)
R = TypeVar("R")
URL_SAFE = bytes.maketrans(b"+/", b"-_")
Fetch = Callable[[Context, str, FieldSet], Awaitable[object | None]]
"""Finds the record behind a local id for the person who asks, for what is selected of it; None when there is none."""


@strawberry.interface(description="An object that can be fetched again by its id with `node(id:)`.")
class Node:
    """Relay's Node."""

    id: strawberry.ID = strawberry.field(description="The object's id, opaque and valid across the whole gateway.")


def describes(record: type) -> Callable[[T], T]:
    """Declare that a Strawberry type describes a record: objects of that record are of this type."""

    def declare(described: T) -> T:
        def is_type_of(value: object, _info: object) -> bool:
            return isinstance(value, record)

        is_type_of.record = record  # type: ignore[attr-defined]  # so that it need not be asked about each object
        described.__strawberry_definition__.is_type_of = is_type_of  # type: ignore[attr-defined]
        return described

    return declare


def global_id(kind: str, local: str) -> strawberry.ID:
    """The opaque id of an object of a GraphQL type."""
    encoded = binascii.b2a_base64(f"{kind}:{local}".encode(), newline=False)
    return cast("strawberry.ID", encoded.translate(URL_SAFE, b"=").decode())


def split_id(value: str) -> tuple[str, str]:
    """The GraphQL type's name and the local id. Raises: InvalidId."""
    try:
        kind, found, local = (
            base64.b64decode(value + "=" * (-len(value) % 4), b"-_", validate=True).decode().partition(":")
        )
    except (binascii.Error, ValueError) as exc:
        raise InvalidId from exc
    if not found:
        raise InvalidId
    return kind, local


def local_id(kind: str, value: str) -> str:
    """The local id of an object that must be of type `kind`. Raises: InvalidId."""
    found, local = split_id(value)
    if found != kind:
        raise InvalidId
    return local


def by_id(records: Iterable[R] | None, local: str, *, key: str = "id") -> R | None:
    """The record among a person's own that has a local id."""
    return next((record for record in records or () if getattr(record, key) == local), None)

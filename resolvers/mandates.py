"""Mandates: for whom a person may act, read from the registers each time, and what a mandate is good for."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from typing import Any

import strawberry
from strawberry import Parent

from adapters.contract.errors import AdapterError, NotOffered
from adapters.contract.ports import civil_affairs, companies
from adapters.contract.records import PersonId, Precision
from resolvers.common import sensitivity
from resolvers.common.calls import Calls, asks, asks_once
from resolvers.common.context import Context, Info
from resolvers.common.context import Viewer as Identity
from resolvers.common.errors import NotMandated
from resolvers.common.nodes import global_id
from resolvers.common.permissions import EVERYTHING, Authenticated, OwnedByViewer, RequiresScopes
from resolvers.common.values import public_enum

KIND = "Mandate"
OF_AGE = 18
CITY_OFFSET = timedelta(hours=8)
_CHILD_FIELDS = frozenset({"children.id", "children.name.full", "children.birth.date"})


class MandateBasis(Enum):
    """On what ground one person acts for another."""

    OFFICER = "officer"
    PARENT = "parent"


public_enum(
    MandateBasis,
    "On what ground a person acts for another.",
    {
        "OFFICER": "The company register has the person as one who signs for the company alone.",
        "PARENT": "The civil register has the person as a parent of a child under eighteen.",
    },
)

SCOPES = {
    MandateBasis.OFFICER: frozenset({"registrations", "tax", "usage"}),
    MandateBasis.PARENT: frozenset({"appointments", "civil", "usage"}),
}
"""What a mandate is good for: a company has no civil record, and a child no business of the parent's with taxes."""


@dataclass(frozen=True, slots=True)
class Mandate:
    """A ground on which `actor` acts for `person`, as a register has it now."""

    actor: PersonId
    person: PersonId
    name: str | None
    basis: MandateBasis

    @property
    def id(self) -> strawberry.ID:
        """Names the mandate to the actor alone; the person's number cannot be read from it."""
        text = "\0".join((self.actor, self.person, self.basis.value)).encode()
        return global_id(KIND, hashlib.blake2b(text, digest_size=20).hexdigest())


async def mandates_of(context: Context) -> tuple[Mandate, ...]:
    """Everybody for whom the person who asks may act; nobody for who acts for somebody already.

    Raises: Unauthenticated; AdapterError when a register does not answer.
    """
    found, failures = await _read(context)
    if failures:
        raise failures[0]
    return found


async def mandate(context: Context, identifier: str) -> Mandate:
    """The mandate with an id, among those of the person who asks: nobody else's is ever looked up.

    Raises: Unauthenticated; NotMandated; AdapterError when it is not found and a register does not answer.
    """
    found, failures = await _read(context)
    for one in found:
        if one.id == identifier:
            return one
    if failures:
        raise failures[0]
    raise NotMandated


def represented(viewer: Identity, one: Mandate) -> Identity:
    """The person for whom the viewer acts, with no more rights than both the mandate and the viewer's token give."""
    allowed = SCOPES[one.basis]
    scopes = allowed if EVERYTHING in viewer.scopes else allowed & viewer.scopes
    return replace(viewer, id=one.person, name=one.name, scopes=scopes, actor=viewer.id, basis=one.basis.value)


async def _read(context: Context) -> tuple[tuple[Mandate, ...], list[AdapterError]]:
    viewer = context.require_viewer()
    if viewer.actor is not None:
        return (), []
    failures: list[AdapterError] = []
    parts = await asyncio.gather(
        *(_part(read, failures) for read in (_companies(context, viewer.id), _children(context, viewer.id)))
    )
    return tuple(one for part in parts for one in part), failures


async def _part(read: Coroutine[Any, Any, Iterable[Mandate]], failures: list[AdapterError]) -> tuple[Mandate, ...]:
    try:
        return tuple(await read)
    except NotOffered:
        return ()
    except AdapterError as exc:
        failures.append(exc)
        return ()


async def _companies(context: Context, actor: PersonId) -> list[Mandate]:
    found = (await context.city.port(companies.Companies).of_officer([actor])).get(actor, ())
    return [
        Mandate(actor, PersonId(one.company), one.name, MandateBasis.OFFICER)
        for one in found
        if one.signs_alone and one.active
    ]


async def _children(context: Context, actor: PersonId) -> list[Mandate]:
    record = (await context.city.port(civil_affairs.Persons).by_id([actor], _CHILD_FIELDS)).get(actor)
    if record is None or record.deceased_on is not None or record.suspension is not None:
        return []
    today = (datetime.now(UTC) + CITY_OFFSET).date()
    return [
        Mandate(actor, one.id, one.name.full if one.name else None, MandateBasis.PARENT)
        for one in record.children
        if one.id is not None and one.id != actor and is_minor(one.birth, today)
    ]


def is_minor(birth: civil_affairs.Birth | None, today: date) -> bool:
    """Whether a child is certainly under eighteen: a birth date that is partial or in doubt gives no right."""
    born = birth.date if birth else None
    if born is None or born.value is None or born.precision is not Precision.DAY or born.under_investigation:
        return False
    day = date.fromisoformat(born.value)
    return (today.year - day.year) - ((today.month, today.day) < (day.month, day.day)) < OF_AGE and day <= today


def _id(root: Parent[Mandate]) -> strawberry.ID:
    return root.id


@strawberry.type(
    name="Mandate", description="A ground on which the person acts for another.", directives=[Authenticated()]
)
class MandateType:
    """Describes `Mandate`."""

    id: strawberry.ID = strawberry.field(
        resolver=_id,
        directives=sensitivity.IDENTIFIER,
        description="What `viewer(onBehalfOf:)` takes. It is good for this person alone.",
    )
    name: str | None = strawberry.field(
        directives=sensitivity.NAME, description="What the person or company is called for whom one acts."
    )
    basis: MandateBasis = strawberry.field(description="On what ground.")


async def _mandates(info: Info) -> tuple[Mandate, ...]:
    return await mandates_of(info.context)


@strawberry.type
class Viewer:
    """What a person has."""

    mandates = strawberry.field(
        resolver=_mandates,
        graphql_type=list[MandateType] | None,
        description="For whom the person may act, as the registers have it now.",
        directives=(
            Authenticated(),
            RequiresScopes(scopes=[[EVERYTHING], ["mandates"]]),
            OwnedByViewer(),
        ),
    )


_READ = ("companies.of_officer", "persons.by_id")
CALLS = {"Viewer.mandates": asks(*_READ)}


def calls_of_representing(on_behalf_of: object) -> Calls:
    """What finding the mandate of `viewer(onBehalfOf:)` asks, which is done once for an operation."""
    return () if on_behalf_of is None else asks_once(*_READ)

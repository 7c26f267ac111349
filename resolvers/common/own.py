"""A person's own lists: read through a port by the person's number, paged, or searched for one record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from adapters.contract.operations import FieldSet
from adapters.contract.records import PersonId, source_of
from resolvers.common.context import Context
from resolvers.common.pages import Page, Window, paginate

R = TypeVar("R")
OfPerson = Callable[[Sequence[PersonId]], Awaitable[Mapping[PersonId, tuple[R, ...]]]]


def selecting(of_person: Callable[..., Awaitable[Any]], fields: FieldSet) -> OfPerson[Any]:
    """A read of a port that gives of the personal fields those alone."""
    return lambda persons: of_person(persons, fields)


async def own_page(context: Context, of_person: OfPerson[Any], window: Window) -> Page:
    """A page of the list. Raises: Unauthenticated, InvalidPage, and what the port raises."""
    person = context.require_viewer().id
    answer = await of_person([person])
    return paginate(answer.get(person, ()), window, partial(source_of, answer, person))


async def own_record(context: Context, of_person: OfPerson[R], local: str) -> R | None:
    """The record with a local id among the person's own; None when it is not one of them."""
    person = context.require_viewer().id
    records = (await of_person([person])).get(person, ())
    return next((record for record in records if getattr(record, "id", None) == local), None)

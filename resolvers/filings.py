"""Filings: a person's own orders to departments, as the ledger has them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import strawberry

from adapters.contract import filings as contract
from adapters.contract.operations import FieldSet
from adapters.contract.records import PersonId
from resolvers.common.context import Context, Info
from resolvers.common.filings import Filing
from resolvers.common.own import own_page, own_record
from resolvers.common.pages import After, Before, Connection, First, Last, Page, Window
from resolvers.common.permissions import own, own_node

OWN = own("filings")


class _Ledger:
    """The ledger as a list of the person's own."""

    def __init__(self, context: Context) -> None:
        self._context = context

    async def of_person(self, persons: Sequence[PersonId]) -> Mapping[PersonId, tuple[contract.Filing, ...]]:
        return dict.fromkeys(persons, await self._context.city.filings())


async def _filings(
    info: Info, first: First = None, after: After = None, last: Last = None, before: Before = None
) -> Page:
    return await own_page(info.context, _Ledger(info.context).of_person, Window(first, after, last, before))


@strawberry.type
class Viewer:
    """What a person has."""

    filings = strawberry.field(
        resolver=_filings,
        graphql_type=Connection[Filing] | None,
        description="The person's orders to departments, newest first: the last 200, as long as the city keeps them. "
        "Who acts for the person sees what was ordered on the same ground alone.",
        directives=OWN,
    )


async def _own(context: Context, local: str, _selected: FieldSet) -> contract.Filing | None:
    return await own_record(context, _Ledger(context).of_person, local)


NODES = {"Filing": own_node(OWN, _own)}

"""The human desk: orders that the gateway cannot settle by itself, seen and decided by an operator."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from adapters.runtime.ledger.contract import ENDED, Engine, Entry, State
from adapters.runtime.ledger.papers import Papers

MOST_LISTED = 500
OPEN = ("desk",)
"""What is listed unless other states are asked for."""
DELIVERED_BY_HAND, WITHDRAWN = "DELIVERED_BY_HAND", "WITHDRAWN"


class Refused(Exception):
    """A decision that does not fit the order's state; says why."""


@dataclass(frozen=True)
class Desk:
    """The ledger as an operator sees it. Every method raises LedgerUnavailable."""

    engine: Engine
    papers: Papers

    async def listed(self, states: Collection[str] = OPEN) -> Sequence[Entry]:
        """Orders in the states of these names, longest unchanged first, at most 500."""
        return await self.engine.listed([State(name) for name in states], MOST_LISTED)

    async def one(self, reference: str) -> Entry:
        """One order. Raises: Refused when there is none."""
        entry = await self.engine.get(reference)
        if entry is None:
            raise Refused(f"there is no order {reference}")
        return entry

    async def order_of(self, reference: str) -> dict[str, Any]:
        """What was ordered, for whom, by whom on what ground, and in which language: personal.

        Raises: Refused; Unreadable.
        """
        entry = await self.one(reference)
        ordered = self.papers.open_order(entry)
        order = msgspec.json.decode(ordered.order)
        return {**ordered.whose._asdict(), "locale": ordered.locale, "order": order}

    async def settle(self, reference: str, *, delivered: bool) -> Entry:
        """End an order: the operator has made sure that the department has it, or that it never will.

        Raises: Refused for one that has ended or is under way.
        """
        entry = await self.one(reference)
        _require(entry, entry.state not in ENDED and entry.state is not State.SENDING)
        state, trouble = (State.DELIVERED, DELIVERED_BY_HAND) if delivered else (State.WITHDRAWN, WITHDRAWN)
        ended = msgspec.structs.replace(entry, state=state, trouble=trouble, due=None, holder=None, order=None)
        return await self._decide(entry, ended)

    async def retry(self, reference: str, *, send: bool = False) -> Entry:
        """Let the gateway try again now: with `send` as one that is certainly not with the department.

        Without, the gateway settles it as its manifest says: by a repetition under the same reference, or by asking the
        department first. Raises: Refused for one that neither waits nor is at the desk.
        """
        entry = await self.one(reference)
        _require(entry, entry.state in {State.DESK, State.READY, State.UNKNOWN})
        state = State.READY if send or entry.state is State.READY else State.UNKNOWN
        again = msgspec.structs.replace(entry, state=state, attempts=0, due=self.engine.now(), holder=None)
        return await self._decide(entry, again)

    async def _decide(self, was: Entry, entry: Entry) -> Entry:
        entry = msgspec.structs.replace(entry, updated=self.engine.now())
        if not await self.engine.decide(entry, was.state):
            raise Refused(f"{was.reference} is not {was.state.value} any more: look again")
        return entry

    async def aclose(self) -> None:
        """Let go of the engine."""
        await self.engine.aclose()


def _require(entry: Entry, fits: bool) -> None:
    if not fits:
        raise Refused(f"{entry.reference} is {entry.state.value}: that cannot be done now")

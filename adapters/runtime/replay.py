"""A repeated write with the same reference gives the first one's record again, and is not sent twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from adapters.contract.errors import Ambiguous, Problem, Rejected
from adapters.runtime.bound import Bound
from adapters.runtime.sharing import digest
from adapters.runtime.store import Entry, Store, StoreUnavailable

KEPT_FOR = 24 * 3600.0


@dataclass
class Attempt:
    """A write under way: `record` is set already when it is a repeat."""

    record: Any = None


class Replays:
    """Remembers records of writes by person and reference for a day; one write per reference runs at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._running: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def once(self, bound: Bound, subject: str | None, order: Any) -> AsyncIterator[Attempt]:
        """An attempt that already has the record of an earlier one with the same reference.

        Raises: Rejected with the problem `IDEMPOTENCY_KEY_REUSED` when the reference came with another order;
        Ambiguous when a gateway with other records has kept the first one's.
        """
        reference = getattr(order, "reference", None)
        if reference is None:
            yield Attempt()
            return
        name = digest("replay", bound.department, bound.operation.name, subject, reference)
        lock = self._running.setdefault(name, asyncio.Lock())
        async with lock:
            attempt = Attempt(await self._earlier(bound, name, order))
            repeat = attempt.record is not None
            yield attempt
            if not repeat:
                await self._remember(name, order, attempt.record)

    async def _earlier(self, bound: Bound, name: str, order: Any) -> Any:
        try:
            (value,) = await self._store.get_many([name])
        except StoreUnavailable:
            return None
        if value is None:
            return None
        fingerprint, record = msgspec.json.decode(value, type=tuple[str, msgspec.Raw])
        if fingerprint != _fingerprint(order):
            problem = Problem("IDEMPOTENCY_KEY_REUSED", "The key was used for another order.", ("idempotencyKey",))
            raise bound.blame(Rejected("the reference came with another order before", problems=(problem,)))
        try:
            return msgspec.json.decode(record, type=bound.operation.result)
        except msgspec.DecodeError as exc:
            raise bound.blame(Ambiguous("the order was carried out, but its record cannot be read any more")) from exc

    async def _remember(self, name: str, order: Any, record: Any) -> None:
        value = msgspec.json.encode((_fingerprint(order), record))
        try:
            await self._store.put_many([Entry(name, value, KEPT_FOR)])
        except StoreUnavailable:
            return


def _fingerprint(order: Any) -> str:
    return digest("order", order)

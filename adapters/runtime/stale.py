"""What is kept and no longer fresh: served at once while it is asked for again, or in the place of a failure.

Both only where the manifest says for how long, and only what no write has made old.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection, Coroutine, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec
from opentelemetry.trace import get_current_span

from adapters.contract.city import StaleRead, Uses
from adapters.contract.errors import AdapterError, BadReply, TryLater
from adapters.runtime.bound import Bound
from adapters.runtime.cache import Kept, RecordCache, now
from adapters.runtime.store import Snapshot

logger = logging.getLogger(__name__)
REVALIDATING = "REVALIDATING"
"""The reason of what is served while the department is asked again; every other one is an error's code."""
_Found = dict[str, Kept]
Fetch = Callable[[], Coroutine[Any, Any, _Found]]


def take_old(bound: Bound, kept: _Found) -> _Found:
    """Take out of what is kept all that is no longer fresh."""
    fresh_from = now() - bound.freshness
    old = {name: one for name, one in kept.items() if one.as_of <= fresh_from}
    for name in old:
        del kept[name]
    return old


def note_stale(uses: Uses, bound: Bound, kept: _Found) -> bool:
    """Note which of the answers are stale, for the one that is made of them. Whether any is."""
    stale = False
    for one in kept.values():
        if one.stale is not None:
            stale = True
            operation = bound.operation.name
            uses.note_stale(
                StaleRead(department=bound.department, operation=operation, as_of=one.as_of, reason=one.stale)
            )
    return stale


class StaleAnswers:
    """Gives old answers where that is better than to wait or to fail, and asks again in the background."""

    def __init__(self, cache: RecordCache) -> None:
        self._cache = cache
        self._asking: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def or_fetch(
        self, bound: Bound, since: Snapshot | None, old: Mapping[str, Kept], missing: Collection[str], fetch: Fetch
    ) -> _Found:
        """The answers under the names `missing`: what is old, or what `fetch` gives for all of them.

        An answer that is old is used only when there is one for each name. Raises: what `fetch` raises.
        """
        if _may_serve(bound.stale_while_revalidate, bound, old, missing):
            self._ask_again(bound, missing, fetch)
            return _marked(old, REVALIDATING)
        try:
            return await fetch()
        except (TryLater, BadReply) as exc:
            if not _may_serve(bound.stale_if_error, bound, old, missing) or not await self._cache.current(since):
                raise
            return _marked(old, bound.error_code(exc))

    def _ask_again(self, bound: Bound, names: Collection[str], fetch: Fetch) -> None:
        new = [name for name in names if name not in self._asking]
        if not new:
            return
        self._asking.update(new)
        task = asyncio.create_task(_quietly(bound, fetch))
        self._tasks.add(task)

        def done(_task: asyncio.Task[None]) -> None:
            self._tasks.discard(task)
            self._asking.difference_update(new)

        task.add_done_callback(done)

    async def aclose(self) -> None:
        """Ask no further."""
        tasks = set(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _may_serve(allowed: float, bound: Bound, old: Mapping[str, Kept], names: Collection[str]) -> bool:
    """Whether there is an answer for each name, none of them stale for longer than allowed (seconds)."""
    if not allowed or not old.keys() >= set(names):
        return False
    oldest = now() - timedelta(seconds=bound.fresh_for + allowed)
    return all(one.as_of > oldest for one in old.values())


def _marked(old: Mapping[str, Kept], reason: str) -> _Found:
    span = get_current_span()
    if span.is_recording():
        span.set_attribute("citygate.stale.reason", reason)
        span.set_attribute("citygate.stale.seconds", round(age(min(one.as_of for one in old.values()))))
    return {name: msgspec.structs.replace(one, stale=reason) for name, one in old.items()}


def age(as_of: datetime) -> float:
    """Seconds since a moment."""
    return (now() - as_of).total_seconds()


async def _quietly(bound: Bound, fetch: Fetch) -> None:
    """Nobody waits for this: what fails is in its span, in the breaker's count, and asked for by the next one."""
    try:
        await fetch()
    except AdapterError:
        return
    except Exception as exc:
        logger.error("%s: asking again failed with %s", bound.span_name, type(exc).__name__)  # noqa: TRY400  # its text may be personal

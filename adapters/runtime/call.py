"""One call to a department: the whole policy in reading order.

A read: key with sharing scope, fresh in cache, stale and allowed, single flight, the department's guard, adapter,
strict mapping, store with tag, answer with provenance. A write: deadline, and the ledger (`adapters.runtime.ledger`),
which records the order, sends it past the same guard, has what it made old forgotten, and records its outcome. The
guard (`adapters.runtime.stages.guard`) is calendar, quota, breaker, bulkhead, deadline and retries.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from opentelemetry.trace import Tracer

from adapters.contract.city import Caller, PersonalUse
from adapters.contract.errors import BadReply, NotRecorded, TimedOut
from adapters.contract.filings import Filing, Writing
from adapters.contract.operations import FieldSet
from adapters.contract.records import Answer, Source
from adapters.contract.transport import CallInfo, fresh_id, set_current_call
from adapters.runtime.bound import Bound
from adapters.runtime.cache import Kept, RecordCache, now, tag
from adapters.runtime.flight import SingleFlight
from adapters.runtime.ledger import Ledger, LedgerUnavailable, conclude
from adapters.runtime.ownership import owner_of, require_own_keys, require_own_order
from adapters.runtime.sharing import Shares, SharingKey
from adapters.runtime.spans import CallSpan, Tally
from adapters.runtime.stages.guards import Guards
from adapters.runtime.stale import StaleAnswers, note_stale, take_old
from adapters.runtime.store import Snapshot

_CALLS = 3
"""A joined call, a second one for what it did not give, and what the store takes: so many are over in that time."""
OUT_OF_TIME = "the request's own time was up"


class _Read(NamedTuple):
    """One read: by whom, shared with whom, under which tags it is kept and since when, and what is selected."""

    bound: Bound
    caller: Caller
    sharing: SharingKey
    tags: tuple[str, ...]
    since: Snapshot | None
    fields: FieldSet


class Calls:
    """All calls of one process; shared by all requests."""

    def __init__(
        self, cache: RecordCache, ledger: Ledger, bounds: Iterable[Bound], tracer: Tracer, guards: Guards
    ) -> None:
        self._cache = cache
        self._ledger = ledger
        self.shares = Shares()
        self.tally = Tally()
        self._tracer = tracer
        self._flights = SingleFlight()
        self._stale = StaleAnswers(cache)
        self._guards = guards
        ledger.know(bounds, self._forget)

    async def read(
        self, bound: Bound, caller: Caller, keys: Sequence[Hashable], fields: FieldSet = frozenset()
    ) -> Answer[Any, Any]:
        """Records by key; a key about which the department has nothing is absent.

        Raises: AdapterError with department and operation; PermissionError when nobody is logged in, or a key is
        somebody else's; SharedAcross instead of what was made for somebody else.
        """
        sharing = SharingKey.of(bound.provided, caller)
        require_own_keys(bound.operation, caller, keys)
        names = self._cache.names(bound, sharing, _variant(bound, caller, fields), keys)
        with CallSpan(self._tracer, bound, len(names), self.tally) as call:
            tags = self._cache.tags(bound, sharing)
            since = await self._cache.before(bound, tags)
            kept = await self._cache.kept(bound, since, list(names.values()))
            old = take_old(bound, kept) if bound.outlives and kept else None
            missing = {name: key for key, name in names.items() if name not in kept}
            shared = self._flights.running(list(missing)) if missing else 0
            call.say_cache(_cache_state(bound, missing=len(missing), shared=shared))
            if missing:
                fetch = partial(self._fetch, _Read(bound, caller, sharing, tags, since, fields), missing)
                kept |= await (self._stale.or_fetch(bound, since, old, missing, fetch) if old else fetch())
            if old and note_stale(caller.uses, bound, kept):
                call.say_cache("stale")
            self._require_own(sharing, kept)
        _note(caller, bound, sharing, kept)
        return _answer(bound, names, kept)

    def _require_own(self, sharing: SharingKey, kept: Mapping[str, Kept]) -> None:
        for one in kept.values():
            if one.scope != sharing:
                raise self.shares.refusal("record cache" if one.cached else "shared call")

    async def _fetch(self, read: _Read, missing: Mapping[str, Hashable]) -> dict[str, Kept]:
        bound, caller, sharing, tags, since, fields = read

        guard = self._guards.of(bound.department)

        async def ask(names: Sequence[str]) -> Mapping[str, Kept]:
            keys = [missing[name] for name in names]
            attempt = partial(_ask, bound, sharing.subject, caller, keys, fields)
            found = await guard.call(bound, attempt, repeatable=True)
            at = now()
            asked = zip(names, keys, strict=True)
            answers = {name: Kept(at, found.get(key), sharing, since=since) for name, key in asked}
            await self._cache.keep(bound, tags, answers, since)
            return answers

        left = _require_time(bound, caller)
        until = caller.deadline if left < _CALLS * guard.longest(bound) else math.inf
        try:
            return await self._flights.fetch(list(missing), ask, tags[0], until)
        except TimeoutError as exc:
            raise bound.blame(TimedOut(OUT_OF_TIME)) from exc

    def write(self, bound: Bound, caller: Caller, order: Any) -> Writing[Any]:
        """The record that the order led to. A caller who goes away does not stop what was begun.

        Raises: AdapterError with department and operation; Ambiguous when the outcome is unknown; WithoutRecord when
        the ledger has the order and there is nothing to show yet; PermissionError for somebody else's order.
        """
        return Writing(partial(self._write, bound, caller, order))

    async def _write(self, bound: Bound, caller: Caller, order: Any, writing: Writing[Any]) -> Any:
        caller.uses.keep = False
        require_own_order(bound.operation, caller, order)
        if owner_of(order) is not None:  # else it is nobody's, also in the access log
            _note_person(caller, bound, cached=False)
        with CallSpan(self._tracer, bound, 1, self.tally) as call:
            call.say_cache(_cache_state(bound, missing=1, shared=0))
            _require_time(bound, caller)
            filed = await self._ledger.file(bound, caller, order)
            writing.filing = self._ledger.means.papers.filing(filed.entry)
            keyed = getattr(order, "reference", None) is not None
            return conclude(bound, self._ledger.means.papers, filed, keyed=keyed)

    async def filings(self, caller: Caller) -> tuple[Filing, ...]:
        """The caller's own orders, newest first; who acts for the person sees those given on the same ground alone.

        Raises: PermissionError when nobody is logged in; NotRecorded.
        """
        caller.uses.keep = False
        if caller.subject is None:
            raise PermissionError("orders are personal, and nobody is logged in")
        try:
            return await self._ledger.of_person(caller.subject, caller.basis)
        except LedgerUnavailable as exc:
            raise NotRecorded("the ledger does not answer") from exc

    async def _forget(self, bound: Bound, subject: str | None) -> None:
        """What a write through the same port made old: the person's answers and the public ones."""
        old = [tag(bound, SharingKey(None)), tag(bound, SharingKey(subject))]
        self._flights.part(old)
        await self._cache.forget(old)

    async def aclose(self) -> None:
        """Cancel the reads that are under way. The writes are the ledger's."""
        await self._stale.aclose()
        await self._flights.aclose()


def _note(caller: Caller, bound: Bound, sharing: SharingKey, kept: Mapping[str, Kept]) -> None:
    uses = caller.uses
    last: Kept | None = None
    for one in kept.values():
        if last is not None and one.since is last.since and one.as_of >= last.as_of:
            continue  # it adds nothing: what was kept or asked for together is alike
        last = one
        uses.note(one.since.tokens if one.since else None, one.as_of.timestamp() + bound.fresh_for)
    if sharing.subject is not None:
        uses.personal = True
        _note_person(caller, bound, cached=all(one.cached for one in kept.values()))


def _note_person(caller: Caller, bound: Bound, *, cached: bool) -> None:
    if caller.subject is not None:
        use = PersonalUse(caller.subject, caller.actor, caller.basis, bound.department, bound.operation.name)
        caller.uses.used(use, cached=cached)


def _require_time(bound: Bound, caller: Caller) -> float:
    """Seconds that the caller has left. Raises: TimedOut when there are none."""
    left = caller.deadline - asyncio.get_running_loop().time()
    if left <= 0:
        raise bound.blame(TimedOut(OUT_OF_TIME))
    return left


async def _ask(
    bound: Bound, subject: str | None, caller: Caller, keys: Sequence[Hashable], fields: FieldSet, until: float
) -> Mapping[Hashable, Any]:
    set_current_call(_info(bound, subject, caller, until))
    arguments = (keys, fields) if bound.operation.selects_fields else (keys,)
    found: Mapping[Hashable, Any] = await bound.method(*arguments)
    if not found.keys() <= set(keys):
        raise BadReply("the department answered about somebody or something that was not asked for")
    return found


def _info(bound: Bound, subject: str | None, caller: Caller, until: float) -> CallInfo:
    return CallInfo(
        id=fresh_id(),
        operation=bound.operation.name,
        subject=subject,
        locale=caller.locale,
        at=now(),
        actor=caller.actor if subject is not None else None,
        until=until,
    )


def _variant(bound: Bound, caller: Caller, fields: FieldSet) -> tuple[str, ...]:
    return (caller.locale if bound.provided.localized else "", *sorted(fields))


def _cache_state(bound: Bound, *, missing: int, shared: int) -> str:
    if not bound.fresh_for and not shared:
        return "bypass"
    if not missing:
        return "hit"
    return "shared" if shared == missing else "miss"


def _answer(bound: Bound, names: Mapping[Hashable, str], kept: Mapping[str, Kept]) -> Answer[Any, Any]:
    def source(key: Hashable) -> Source | None:
        one = kept.get(names.get(key, ""))
        if one is None:
            return None
        return Source(department=bound.department, as_of=one.as_of, cached=one.cached, stale=one.stale is not None)

    return Answer({key: found for key, name in names.items() if (found := kept[name].value) is not None}, source)

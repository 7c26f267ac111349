"""One call to a department: the whole policy in reading order.

A read: key with sharing scope, fresh in cache, single flight, deadline, adapter, strict mapping, store with tag,
answer with provenance. A write: deadline, and the ledger (`adapters.runtime.ledger`), which records the order, sends
it, has what it made old forgotten, and records its outcome.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Hashable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from opentelemetry.trace import Span, Tracer

from adapters.contract.city import Caller, PersonalUse
from adapters.contract.errors import AdapterError, BadReply, NotRecorded, TimedOut
from adapters.contract.filings import Filing, Writing
from adapters.contract.operations import FieldSet
from adapters.contract.records import Answer, Source
from adapters.contract.transport import CallInfo, set_current_call
from adapters.runtime.bound import Bound
from adapters.runtime.cache import Kept, RecordCache, names_of, now, tag
from adapters.runtime.flight import SingleFlight
from adapters.runtime.ledger import Ledger, LedgerUnavailable, conclude
from adapters.runtime.ownership import owner_of, require_own_keys, require_own_order
from adapters.runtime.sharing import SharingKey
from adapters.runtime.spans import CallSpan
from adapters.runtime.store import Snapshot

OUT_OF_TIME = "the request's own time was up"


class _Read(NamedTuple):
    """One read: by whom, shared with whom, under which tag it is kept and since when, and what is selected."""

    bound: Bound
    caller: Caller
    sharing: SharingKey
    group: str
    since: Snapshot | None
    fields: FieldSet


class Calls:
    """All calls of one process; shared by all requests."""

    def __init__(self, cache: RecordCache, ledger: Ledger, bounds: Iterable[Bound], tracer: Tracer) -> None:
        self._cache = cache
        self._ledger = ledger
        self._tracer = tracer
        self._flights = SingleFlight()
        ledger.know(bounds, self._forget)

    async def read(
        self, bound: Bound, caller: Caller, keys: Sequence[Hashable], fields: FieldSet = frozenset()
    ) -> Answer[Any, Any]:
        """Records by key; a key about which the department has nothing is absent.

        Raises: AdapterError with department and operation; PermissionError when nobody is logged in, or a key is
        somebody else's.
        """
        sharing = SharingKey.of(bound.provided, caller)
        require_own_keys(bound.operation, caller, keys)
        names = names_of(bound, sharing, _variant(bound, caller, fields), keys)
        with CallSpan(self._tracer, bound, len(names)) as span:
            group = tag(bound, sharing)
            since = await self._cache.before(bound, group)
            kept = await self._cache.fresh(bound, since, list(names.values()))
            missing = {name: key for key, name in names.items() if name not in kept}
            if span.is_recording():
                _say_cache(span, bound, missing=len(missing), shared=self._flights.running(list(missing)))
            if missing:
                kept |= await self._fetch(_Read(bound, caller, sharing, group, since, fields), missing)
        _note(caller, bound, sharing, kept)
        return _answer(bound, names, kept)

    async def _fetch(self, read: _Read, missing: Mapping[str, Hashable]) -> dict[str, Kept]:
        bound, caller, sharing, group, since, fields = read

        async def ask(names: Sequence[str]) -> Mapping[str, Kept]:
            keys = [missing[name] for name in names]
            found = await _ask(bound, _info(bound, sharing.subject, caller), keys, fields)
            at = now()
            answers = {name: Kept(at, found.get(key), since=since) for name, key in zip(names, keys, strict=True)}
            await self._cache.keep(bound, group, answers, since)
            return answers

        _require_time(bound, caller)
        try:
            return await self._flights.fetch(list(missing), ask, group, until=caller.deadline)
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
        with CallSpan(self._tracer, bound, 1) as span:
            if span.is_recording():
                _say_cache(span, bound, missing=1, shared=0)
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
        await self._flights.aclose()


def _note(caller: Caller, bound: Bound, sharing: SharingKey, kept: Mapping[str, Kept]) -> None:
    uses, cached = caller.uses, True
    for one in kept.values():
        uses.note(one.since.tokens if one.since else None, one.as_of.timestamp() + bound.fresh_for)
        cached &= one.cached
    if sharing.subject is not None:
        uses.personal = True
        _note_person(caller, bound, cached=cached)


def _note_person(caller: Caller, bound: Bound, *, cached: bool) -> None:
    if caller.subject is not None:
        use = PersonalUse(caller.subject, caller.actor, caller.basis, bound.department, bound.operation.name)
        caller.uses.used(use, cached=cached)


def _require_time(bound: Bound, caller: Caller) -> None:
    if asyncio.get_running_loop().time() >= caller.deadline:
        raise bound.blame(TimedOut(OUT_OF_TIME))


async def _ask(bound: Bound, info: CallInfo, keys: Sequence[Hashable], fields: FieldSet) -> Mapping[Hashable, Any]:
    set_current_call(info)
    arguments = (keys, fields) if bound.operation.selects_fields else (keys,)
    try:
        async with asyncio.timeout(bound.timeout):
            found: Mapping[Hashable, Any] = await bound.method(*arguments)
    except TimeoutError as exc:
        raise bound.blame(TimedOut(f"no answer within {bound.timeout:g} s")) from exc
    except AdapterError as exc:
        bound.blame(exc)
        raise
    if not found.keys() <= set(keys):
        raise bound.blame(BadReply("the department answered about somebody or something that was not asked for"))
    return found


def _info(bound: Bound, subject: str | None, caller: Caller) -> CallInfo:
    return CallInfo(
        id=str(uuid.uuid4()),
        operation=bound.operation.name,
        subject=subject,
        locale=caller.locale,
        at=now(),
        actor=caller.actor if subject is not None else None,
    )


def _variant(bound: Bound, caller: Caller, fields: FieldSet) -> tuple[str, ...]:
    return (caller.locale if bound.provided.localized else "", *sorted(fields))


def _say_cache(span: Span, bound: Bound, *, missing: int, shared: int) -> None:
    if not bound.fresh_for and not shared:
        state = "bypass"
    elif not missing:
        state = "hit"
    else:
        state = "shared" if shared == missing else "miss"
    span.set_attribute("citygate.cache", state)


def _answer(bound: Bound, names: Mapping[Hashable, str], kept: Mapping[str, Kept]) -> Answer[Any, Any]:
    def source(key: Hashable) -> Source | None:
        one = kept.get(names.get(key, ""))
        if one is None:
            return None
        return Source(department=bound.department, as_of=one.as_of, cached=one.cached)

    found = {key: kept[name].value for key, name in names.items()}
    return Answer({key: value for key, value in found.items() if value is not None}, source)

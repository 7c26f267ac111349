"""Who saw what: notes for each answer whose personal data left, by whom it was seen, why, and which fields it was.

An operation is refused before it begins when what it shows could not be written down.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Protocol

from graphql import GraphQLSchema, OperationType
from opentelemetry.trace import get_current_span
from starlette.types import Scope

from adapters.contract.city import PersonalUse
from adapters.contract.manifest import seconds
from adapters.contract.usage import (
    Description,
    Recorder,
    UsageLog,
    Usages,
    UsageUnavailable,
    Use,
    UseBasis,
    UsedData,
    UseKind,
    What,
)
from gateway.fast_lane import Allowance, FastLane
from gateway.footprint import Fields, Footprints
from gateway.graphql.answers import Kept
from gateway.graphql.operation import Operation
from gateway.graphql.refusal import HTTPRefusal
from gateway.headers import header
from gateway.purposes import CHECK, HEADER, Purposes
from gateway.schema import CALLS, NODE_CALLS
from gateway.secrets import secret_of
from gateway.settings import Settings
from gateway.telemetry import trace_id
from resolvers.common.context import Context, Viewer

MOST_DESCRIPTIONS: Final = 4096
Operated = tuple[str, str, bool]
"""Department, operation, whether all of it was kept."""
_KINDS = {OperationType.QUERY: UseKind.READ, OperationType.MUTATION: UseKind.ORDER}
_Who = tuple[str, str | None, str | None]


class Log(UsageLog, Protocol):
    """The log, to be read and written."""

    @property
    def recorder(self) -> Recorder:
        """Takes what was seen."""
        ...


class AccessLog:
    """The witness of all requests of a process. With `durable`, no answer leaves before it is written."""

    def __init__(self, log: Log, footprints: Footprints, purposes: Purposes, *, durable: bool) -> None:
        self.recorder, self.footprints, self.purposes, self.durable = log.recorder, footprints, purposes, durable
        self.usages = Usages(log, purposes.titles)
        self._descriptions: OrderedDict[Any, tuple[Fields, What]] = OrderedDict()

    async def watch(
        self, operation: Operation, variables: Mapping[str, Any], context: Context, scope: Scope
    ) -> Watched | None:
        """As `Witness` says: who is nobody sees nothing of anybody."""
        if context.viewer is None:
            return None
        if not self.recorder.accepts(time.time()) and not await self.recorder.room():
            raise unavailable()
        given = self.purposes.given(header(scope, HEADER))
        return Watched(self, operation, variables, context, given)

    def describe(
        self, operation: Operation, fields: Fields, kind: UseKind, basis: str | None, purpose: str, done: list[Operated]
    ) -> What:
        """The description of what was done; made once for those that are alike."""
        name = operation.own_name
        key = (id(fields), kind, basis, purpose, name, *done)
        known = self._descriptions.get(key)
        if known is not None and known[0] is fields:
            return known[1]
        data = tuple(_data(fields, done, kind))
        what = What(
            Description(kind=kind, basis=basis or UseBasis.SELF.value, purpose=purpose, operation=name, data=data)
        )
        self._descriptions[key] = (fields, what)
        if len(self._descriptions) > MOST_DESCRIPTIONS:
            self._descriptions.popitem(last=False)
        return what


class Watched:
    """One request of a person."""

    __slots__ = ("_context", "_given", "_log", "_operation", "_variables")

    def __init__(
        self, log: AccessLog, operation: Operation, variables: Mapping[str, Any], context: Context, given: str | None
    ) -> None:
        self._log, self._operation, self._variables = log, operation, variables
        self._context, self._given = context, given

    def found(self, kept: Kept) -> Use | None:
        """A whole answer was kept: what it was made of is noted with it."""
        viewer = self._context.viewer
        if not kept.used or viewer is None:
            return None
        done = [(department, operation, True) for department, operation in kept.used]
        use = self._use(viewer, (viewer.id, viewer.actor, viewer.basis), done, _KINDS[self._operation.kind])
        self._note(use)
        return use

    def executed(self) -> None:
        """Note each person about whom something was read, ordered or looked up."""
        uses, viewer = self._context.uses, self._context.viewer
        if viewer is None:
            return
        for who, done in _by_person(uses.reads.items()).items():
            self._note(self._use(viewer, who, done, _KINDS[self._operation.kind]))
        for who, done in _by_person(uses.checks.items()).items():
            self._note(self._use(viewer, who, done, UseKind.CHECK))

    async def settled(self) -> None:
        """Wait for the log where the settings say so."""
        if self._log.durable:
            try:
                await self._log.recorder.settled()
            except UsageUnavailable as exc:
                raise unavailable() from exc

    def _use(self, viewer: Viewer, who: _Who, done: list[Operated], kind: UseKind) -> Use:
        log, (subject, actor, basis) = self._log, who
        fields = log.footprints.of(self._operation, self._variables)
        purpose = CHECK if kind is UseKind.CHECK else self._given or log.purposes.of(self._operation.own_name, basis)
        return Use(subject, actor, viewer.client, log.describe(self._operation, fields, kind, basis, purpose, done))

    def _note(self, use: Use) -> None:
        trace = trace_id(get_current_span())
        self._log.recorder.append((use, time.time(), trace.encode() if trace else b""))


def witness_of(settings: Settings, log: Log, schema: GraphQLSchema) -> AccessLog:
    """The witness that the settings ask for, of operations on a schema."""
    chosen = settings.gateway.audit
    return AccessLog(log, Footprints(schema, CALLS, NODE_CALLS), Purposes(chosen.purposes), durable=chosen.durable)


def lane_of(
    settings: Settings, witness: AccessLog, misdirected: Callable[[], None], allowance_of: Callable[[str], Allowance]
) -> FastLane | None:
    """The fast lane, if there is one. Where the log has to come first, nothing of a person leaves there."""
    most = settings.gateway.graphql.lane_bytes
    if not most:
        return None
    return FastLane(most, misdirected, allowance_of, None if witness.durable else witness.recorder)


def log_place(settings: Settings) -> tuple[str, list[str]]:
    """The log's URL, a file in the data folder unless another is configured, and its keys. Raises: OptionError."""
    chosen = settings.gateway.audit
    url = chosen.url or f"sqlite://{(Path(settings.gateway.data) / 'audit.db').absolute()}"
    return url, [secret_of("audit.keys", reference) for reference in chosen.keys or ()]


def log_options(settings: Settings) -> dict[str, Any]:
    """How long the log's entries are kept and may wait."""
    chosen = settings.gateway.audit
    return {
        "keep": seconds(chosen.keep),
        "bounds": (seconds(chosen.interval), seconds(chosen.patience), chosen.most),
    }


def unavailable() -> HTTPRefusal:
    """What is said when the log can take nothing."""
    return HTTPRefusal(
        503,
        "AUDIT_UNAVAILABLE",
        "The use of personal data cannot be recorded at present, so none is shown; try again in a moment.",
        headers={"retry-after": "5"},
    )


def _by_person(uses: Iterable[tuple[PersonalUse, bool]]) -> dict[_Who, list[Operated]]:
    found: dict[_Who, list[Operated]] = {}
    for use, cached in uses:
        found.setdefault(use[:3], []).append((use.department, use.operation, cached))
    for done in found.values():
        done.sort()
    return found


def _data(fields: Fields, done: Iterable[Operated], kind: UseKind) -> Iterable[UsedData]:
    """By department; where the schema has nothing for an operation, it stands for its fields."""
    departments: dict[str, list[Operated]] = {}
    for one in done:
        departments.setdefault(one[0], []).append(one)
    for department, ones in departments.items():
        shown: set[str] = set()
        for _, operation, _ in ones:
            shown.update((operation,) if kind is UseKind.CHECK else fields.get(operation, (operation,)))
        yield UsedData(
            department=department,
            operations=tuple(operation for _, operation, _ in ones),
            fields=tuple(sorted(shown)),
            cached=all(cached for _, _, cached in ones),
        )

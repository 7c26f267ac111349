"""A department of notes: its answers say for whom and how often it was asked, and it answers when it is let."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.contract.city import Caller
from adapters.contract.errors import AdapterError
from adapters.contract.manifest import Manifest, Provided
from adapters.contract.operations import FieldSet, Kind, Operation
from adapters.contract.policy import BreakerPolicy, CallPolicy, RetryPolicy
from adapters.contract.records import Record
from adapters.contract.transport import current_call
from adapters.runtime.bound import Bound

FAR = 1e12
PATIENT = CallPolicy(retries=RetryPolicy(at_most=0), breaker=BreakerPolicy(failures=1000), longest_wait="0s")
"""A call that fails is not repeated, and the next one is made all the same."""


class Note(Record, frozen=True):
    """`owner` is the person for whom the department was asked, `version` counts that person's writes before."""

    owner: str | None
    key: str
    locale: str
    version: int = 0
    fields: tuple[str, ...] = ()


class Order(Record, frozen=True):
    """An order for a note."""

    text: str
    reference: str | None = None


class Desk:
    """Two ports of one department. A call waits while `gate` is closed, then fails with what is in `failures`."""

    def __init__(self) -> None:
        self.calls: list[tuple[str | None, tuple[str, ...]]] = []
        self.orders: list[tuple[str | None, str]] = []
        self.versions: Counter[str | None] = Counter()
        self.failures: list[Exception] = []
        self.absent: set[str] = set()
        self.gate = asyncio.Event()
        self.gate.set()
        self.begun = asyncio.Semaphore(0)

    async def of_person(self, keys: Sequence[str], fields: FieldSet = frozenset()) -> Mapping[str, Note]:
        """A note per key, made of what is known when the call comes in."""
        info = current_call()
        self.calls.append((info.subject, tuple(keys)))
        made = {
            key: Note(
                owner=info.subject,
                key=key,
                locale=info.locale,
                version=self.versions[info.subject],
                fields=tuple(sorted(fields)),
            )
            for key in keys
            if key not in self.absent
        }
        await self._turn()
        return made

    async def file(self, order: Order) -> Note:
        """File a note for whom the call is."""
        info = current_call()
        self.orders.append((info.subject, order.text))
        await self._turn()
        self.versions[info.subject] += 1
        return Note(owner=info.subject, key=order.text, locale=info.locale, version=self.versions[info.subject])

    async def _turn(self) -> None:
        failure = self.failures.pop(0) if self.failures else None
        self.begun.release()
        await self.gate.wait()
        if failure:
            raise failure

    def read(self, name: str = "notes.of_person", *, fields: bool = False, **provided: Any) -> Bound:
        """A read of the department."""
        return bind(Operation(name, Kind.READ, str, Note, fields), self.of_person, **provided)

    def write(self, name: str = "notes.file", **provided: Any) -> Bound:
        """A write of the department."""
        return bind(Operation(name, Kind.WRITE, Order, Note, False), self.file, writes=True, **provided)


def bind(operation: Operation, method: Any, *, department: str = "archive", **provided: Any) -> Bound:
    """An operation of a department named `archive`."""
    offer = msgspec.convert(provided, Provided)
    title, owner = {"en": "Archive", "zh-CN": "档案馆"}, {"unit": "Archive", "contact": "archive@example.org"}
    facts = {"name": department, "code": "ARC", "title": title, "owner": owner, "product": "plain"}
    manifest = msgspec.convert({**facts, "protocol": "none", "provides": {}}, Manifest)
    return Bound(operation, manifest, offer, method)


def caller(
    subject: str | None,
    *,
    locale: str = "en",
    deadline: float = FAR,
    actor: str | None = None,
    basis: str | None = None,
) -> Caller:
    """Who asks."""
    return Caller(subject=subject, locale=locale, deadline=deadline, actor=actor, basis=basis)


def acting(actor: str, subject: str, basis: str = "officer") -> Caller:
    """Who asks for somebody else."""
    return Caller(subject=subject, actor=actor, basis=basis, locale="en", deadline=FAR)


def fault(error: AdapterError) -> tuple[str, str | None, str | None]:
    """What identifies an error: class, department, operation."""
    return type(error).__name__, error.department, error.operation

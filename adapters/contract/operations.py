"""How a port says what its operations are: `@port`, `@read`, `@write`, and the facts derived from their signatures.

A port is a Protocol whose methods are operations. A read takes many keys and returns a mapping of what was found:

    async def of_person(self, persons: Sequence[PersonId]) -> Mapping[PersonId, tuple[Appointment, ...]]

A key without a record is absent; a failure is an AdapterError. A read that gives only what a caller selects takes
`fields: FieldSet` as its second parameter: of a record's `personal` fields it fills those, whether or not a department
can be asked for them alone, so that nothing is kept that nobody asked for. A write takes one order and returns one
record:

    async def hold(self, order: HoldSlot) -> Appointment

`@seen_by` on a write says how its outcome is read from the records of a read, where a department does not know it by
a reference.

Of most ports one department provides an operation. `@port(name, by_each=True)` is for what every department may have of
its own, such as a log: any number provide it, a caller asks each of them apart, and such a port only has reads.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import msgspec

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])
FieldSet = frozenset[str]
"""Names of a record's fields that an operation selects; nested ones are dotted (`name.family`)."""


class Kind(Enum):
    """Whether an operation leaves the department as it was."""

    READ = "read"
    WRITE = "write"


class Seen(msgspec.Struct, frozen=True):
    """That a department has carried an order out; `record` is what it led to, where the department still shows it."""

    record: Any = None


class SeenBy(msgspec.Struct, frozen=True):
    """How an order's outcome is read back: `key` is what the read is asked for, `find` looks in what it answers.

    `find` takes the order and the read's value (None when absent); it gives None when the order was certainly not
    carried out, and raises Ambiguous when the records do not tell.
    """

    key: Callable[[Any], Hashable]
    find: Callable[[Any, Any], Seen | None]


class Operation(msgspec.Struct, frozen=True):
    """One operation of a port; `name` is `<port>.<method>`.

    For a read, `argument` is the key's type and `result` the type of a mapping's value; for a write they are the
    order's and the record's type, and `seen_by` says how its outcome can be read back, where it can. `by_each` means
    that every department may provide it, and else one.
    """

    name: str
    kind: Kind
    argument: Any
    result: Any
    selects_fields: bool
    seen_by: SeenBy | None = None
    by_each: bool = False

    @property
    def personal(self) -> FieldSet:
        """The `personal` fields of the records that a read gives."""
        kind = get_args(self.result)[0] if get_origin(self.result) is tuple else self.result
        return getattr(kind, "personal", frozenset())

    @property
    def port(self) -> str:
        """The name of the port that the operation belongs to."""
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        """The name of the port's method."""
        return self.name.partition(".")[2]


_ports: dict[str, type] = {}


def port(name: str, *, by_each: bool = False) -> Callable[[C], C]:
    """Declare a Protocol to be the port `name`; with `by_each` every department may provide it.

    Raises: ValueError for a name that is taken, or a write that each department would get.
    """

    def register(protocol: C) -> C:
        if name in _ports:
            raise ValueError(f"port {name!r} is declared twice: {_ports[name].__qualname__}, {protocol.__qualname__}")
        writes = [key for key, method in vars(protocol).items() if getattr(method, "__kind__", None) is Kind.WRITE]
        if by_each and writes:
            raise ValueError(f"port {name!r} is provided by each department: {writes[0]} must not be a write")
        _ports[name] = protocol
        protocol.__port__ = name  # type: ignore[attr-defined]
        protocol.__by_each__ = by_each  # type: ignore[attr-defined]
        return protocol

    return register


def read(method: F) -> F:
    """Mark a port's method as a read of many keys."""
    method.__kind__ = Kind.READ  # type: ignore[attr-defined]
    return method


def write(method: F) -> F:
    """Mark a port's method as a write of one order."""
    method.__kind__ = Kind.WRITE  # type: ignore[attr-defined]
    return method


def seen_by(*, key: Callable[[Any], Hashable], find: Callable[[Any, Any], Seen | None]) -> Callable[[F], F]:
    """Say how the outcome of a port's write is read back; see `SeenBy`."""

    def mark(method: F) -> F:
        method.__seen_by__ = SeenBy(key, find)  # type: ignore[attr-defined]
        return method

    return mark


def port_name(protocol: type) -> str:
    """The name a port was declared with."""
    name: str = protocol.__port__  # type: ignore[attr-defined]
    return name


def is_by_each(protocol: type) -> bool:
    """Whether every department may provide the port."""
    by_each: bool = protocol.__by_each__  # type: ignore[attr-defined]
    return by_each


@cache
def operations() -> Mapping[str, Operation]:
    """Every operation of every port in `adapters.contract.ports`, by name."""
    ports = importlib.import_module("adapters.contract.ports")  # by name: the ports import this module
    for module in pkgutil.iter_modules(ports.__path__, f"{ports.__name__}."):
        importlib.import_module(module.name)
    return {
        operation.name: operation
        for name, protocol in sorted(_ports.items())
        for operation in _operations_of(name, protocol)
    }


def _operations_of(name: str, protocol: type) -> list[Operation]:
    marked = [(key, value) for key, value in vars(protocol).items() if hasattr(value, "__kind__")]
    return [_operation(f"{name}.{key}", method, by_each=is_by_each(protocol)) for key, method in marked]


def _operation(name: str, method: Any, *, by_each: bool) -> Operation:
    parameters = [key for key in inspect.signature(method).parameters if key != "self"]
    hints = get_type_hints(method)
    argument, result = hints[parameters[0]], hints["return"]
    if method.__kind__ is Kind.READ:
        argument, result = get_args(argument)[0], get_args(result)[1]
    seen = getattr(method, "__seen_by__", None)
    return Operation(name, method.__kind__, argument, result, "fields" in parameters, seen, by_each)

"""How a port says what its operations are: `@port`, `@read`, `@write`, and the facts derived from their signatures.

A port is a Protocol whose methods are operations. A read takes many keys and returns a mapping of what was found:

    async def of_person(self, persons: Sequence[PersonId]) -> Mapping[PersonId, tuple[Appointment, ...]]

A key without a record is absent; a failure is an AdapterError. A read that can fetch only what a caller selects
takes `fields: FieldSet` as its second parameter. A write takes one order and returns one record:

    async def hold(self, order: HoldSlot) -> Appointment
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from enum import Enum
from functools import cache
from typing import Any, TypeVar, get_args, get_type_hints

import msgspec

C = TypeVar("C", bound=type)
F = TypeVar("F", bound=Callable[..., Any])
FieldSet = frozenset[str]
"""Names of a record's fields that an operation selects; nested ones are dotted (`name.family`)."""


class Kind(Enum):
    """Whether an operation leaves the department as it was."""

    READ = "read"
    WRITE = "write"


class Operation(msgspec.Struct, frozen=True):
    """One operation of a port; `name` is `<port>.<method>`.

    For a read, `argument` is the key's type and `result` the type of a mapping's value; for a write they are the
    order's and the record's type.
    """

    name: str
    kind: Kind
    argument: Any
    result: Any
    selects_fields: bool

    @property
    def port(self) -> str:
        """The name of the port that the operation belongs to."""
        return self.name.partition(".")[0]

    @property
    def method(self) -> str:
        """The name of the port's method."""
        return self.name.partition(".")[2]


_ports: dict[str, type] = {}


def port(name: str) -> Callable[[C], C]:
    """Declare a Protocol to be the port `name`."""

    def register(protocol: C) -> C:
        if name in _ports:
            raise ValueError(f"port {name!r} is declared twice: {_ports[name].__qualname__}, {protocol.__qualname__}")
        _ports[name] = protocol
        protocol.__port__ = name  # type: ignore[attr-defined]
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


def port_name(protocol: type) -> str:
    """The name a port was declared with."""
    name: str = protocol.__port__  # type: ignore[attr-defined]
    return name


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
    return [_operation(f"{name}.{key}", method) for key, method in marked]


def _operation(name: str, method: Any) -> Operation:
    parameters = [key for key in inspect.signature(method).parameters if key != "self"]
    hints = get_type_hints(method)
    argument, result = hints[parameters[0]], hints["return"]
    if method.__kind__ is Kind.READ:
        argument, result = get_args(argument)[0], get_args(result)[1]
    return Operation(name, method.__kind__, argument, result, "fields" in parameters)

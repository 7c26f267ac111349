"""Values for any output type, drawn from a number: good ones mostly, and every kind of bad one."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLUnionType,
    Undefined,
)


def mixed(seed: int, *parts: object) -> int:
    """A number that follows from another and from what it is for."""
    return zlib.crc32(repr(parts).encode(), seed)


class Surprising(str):
    """A string of a class of its own."""


class Callable2:
    """A value that can be called, and is no function."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __call__(self, _info: Any, **_arguments: Any) -> Any:
        return self.value


@dataclass
class World:
    """What a schema's resolvers answer. `faults` and `waits` are the shares of bad and of awaited values.

    `trace` is every call of a resolver, in order.
    """

    schema: GraphQLSchema
    faults: float
    waits: float
    classes: dict[str, type] = field(default_factory=dict)
    trace: list[str] = field(default_factory=list)

    def value(self, kind: GraphQLOutputType, seed: int, depth: int = 0) -> Any:
        """A value for a position of a type: perhaps awaitable, null, of the wrong class or an exception."""
        random = Random(seed)
        if random.random() < self.waits:
            return self._awaited(kind, seed, depth, random)
        return self._plain(kind, random, depth)

    async def _awaited(self, kind: GraphQLOutputType, seed: int, depth: int, random: Random) -> Any:
        for _ in range(random.randrange(4)):
            await asyncio.sleep(0)
        value = self._plain(kind, random, depth)
        if isinstance(value, Exception) and random.random() < 0.5:
            raise value
        return value

    def _plain(self, kind: GraphQLOutputType, random: Random, depth: int) -> Any:
        if random.random() < self.faults:
            return _fault(random)
        if isinstance(kind, GraphQLNonNull):
            return self._plain(kind.of_type, random, depth)
        if random.random() < 0.1:
            return None
        if isinstance(kind, GraphQLList):
            return self._list(kind.of_type, random, depth)
        if isinstance(kind, GraphQLInterfaceType | GraphQLUnionType):
            kind = random.choice(sorted(self.schema.get_possible_types(kind), key=lambda part: part.name))
        if isinstance(kind, GraphQLObjectType):
            return self.object(kind, random.getrandbits(32), depth + 1)
        return _leaf(kind, random)

    def _list(self, kind: GraphQLOutputType, random: Random, depth: int) -> Any:
        count = random.randrange(4) if depth < 4 else 0
        seeds = [random.getrandbits(32) for _ in range(count)]
        shape = random.random()
        if shape >= 0.92 and self.waits:
            return self._stream(kind, seeds, depth, fail=random.random() < self.faults)
        items = [self.value(kind, seed, depth + 1) for seed in seeds]
        if shape < 0.75:
            return items
        if shape < 0.85:
            return tuple(items)
        return _one_by_one(items, fail=random.random() < self.faults)

    async def _stream(self, kind: GraphQLOutputType, seeds: list[int], depth: int, *, fail: bool) -> AsyncIterator[Any]:
        for seed in seeds:
            await asyncio.sleep(0)
            yield self.value(kind, seed, depth + 1)
        if fail:
            raise ValueError("the stream broke")

    def object(self, kind: GraphQLObjectType, seed: int, depth: int) -> Any:
        """An object, a dictionary or another mapping; its values are made when they are read."""
        shape = seed % 10
        if shape < 6:
            return self._class(kind)(seed, depth)
        values: dict[str, Any] = {"__typename": kind.name}
        for name, part in kind.fields.items():
            values[name] = self._called(part.type, mixed(seed, name), depth)
        return values if shape < 9 else MappingProxyType(values)

    def _called(self, kind: GraphQLOutputType, seed: int, depth: int) -> Any:
        def value(_info: Any, **arguments: Any) -> Any:
            return self.told(kind, seed, depth, arguments)

        return value

    def told(self, kind: GraphQLOutputType, seed: int, depth: int, arguments: dict[str, Any]) -> Any:
        """A value that follows from the arguments as well."""
        if arguments:
            seed = mixed(seed, sorted(arguments.items(), key=lambda entry: entry[0]))
        value = self.value(kind, seed, depth)
        if isinstance(value, Exception) and seed % 2:
            raise value
        return value

    def _class(self, kind: GraphQLObjectType) -> type:
        if kind.name not in self.classes:
            namespace: dict[str, Any] = {
                "__init__": _remember,
                f"_{kind.name}__typename": kind.name,
                **{name: self._property(name, part.type) for name, part in kind.fields.items()},
            }
            self.classes[kind.name] = type(kind.name, (), namespace)
        return self.classes[kind.name]

    def _property(self, name: str, kind: GraphQLOutputType) -> property:
        def read(instance: Any) -> Any:
            seed = mixed(instance.seed, name)
            if seed % 17 == 0:
                return Callable2(self._plain(kind, Random(seed), instance.depth))
            return self.told(kind, seed, instance.depth, {})

        return property(read)

    def resolver(self, name: str, *, awaited: bool) -> Callable[..., Any]:
        """A resolver that asks its source's number, and tells the trace."""

        def resolve(source: Any, info: Any, **arguments: Any) -> Any:
            self.trace.append(f"{info.path.as_list()} {sorted(arguments)} {info.parent_type} {len(info.field_nodes)}")
            seed = mixed(getattr(source, "seed", 1), name)
            return self.told(info.return_type, seed, getattr(source, "depth", 1), arguments)

        async def resolve_later(source: Any, info: Any, **arguments: Any) -> Any:
            value = resolve(source, info, **arguments)
            return await value if hasattr(value, "__await__") else value

        return resolve_later if awaited else resolve


def _remember(self: Any, seed: int, depth: int) -> None:
    self.seed, self.depth = seed, depth


def _fault(random: Random) -> Any:
    match random.randrange(6):
        case 0 | 1:
            return None
        case 2 | 3:
            return ValueError(f"fault {random.randrange(100)}")
        case 4:
            return Undefined
    return random.choice([{}, [], "odd", 7, 1.5, object, Surprising("s"), True, 2**40, float("nan"), b"b"])


def _leaf(kind: Any, random: Random) -> Any:
    if isinstance(kind, GraphQLEnumType):
        return random.choice(list(kind.values.values())).value
    match kind.name:
        case "Int":
            return random.choice([0, -5, 2**31 - 1, True, "3", 4.0])
        case "Float":
            return random.choice([0.5, -1e300, 3, "2.5", False])
        case "Boolean":
            return random.choice([True, False, 1, 0.0])
        case "ID":
            return random.choice(["a", "b", 7, Surprising("id")])
    return random.choice(["", "text", "ü", 3, True, Surprising("s")])


def _one_by_one(items: list[Any], *, fail: bool) -> Iterator[Any]:
    yield from items
    if fail:
        raise ValueError("the list broke")

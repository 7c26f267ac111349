"""Schemas drawn from a number: every kind of type, argument and resolver."""

from collections.abc import Callable
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLBoolean,
    GraphQLEnumType,
    GraphQLField,
    GraphQLFloat,
    GraphQLID,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInt,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLString,
    GraphQLUnionType,
    Undefined,
)

from tests.gateway.graphql.compiled.worlds import World


def _coerce(value: Any) -> Any:
    """A scalar that refuses, forgets, and makes things of its own."""
    match value:
        case "":
            return None
        case True:
            return Undefined
        case 3:
            raise ValueError("no threes")
        case "text":
            return {"of": [value]}
    return f"<{value}>"


Custom = GraphQLScalarType("Custom", coerce_output_value=_coerce)
Colour = GraphQLEnumType("Colour", {"RED": 1, "GREEN": "green", "BLUE": (3,)})
LEAVES = (GraphQLInt, GraphQLFloat, GraphQLString, GraphQLBoolean, GraphQLID, Custom, Colour)


class Maker:
    """Makes one schema and the world behind it."""

    def __init__(self, seed: int, *, faults: float, waits: float) -> None:
        self._random = Random(seed)
        self._waits = waits
        self._inner = GraphQLInputObjectType(
            "Inner", {"deep": GraphQLInputField(GraphQLList(GraphQLInt)), "colour": GraphQLInputField(Colour)}
        )
        self._input = GraphQLInputObjectType(
            "Input",
            {
                "x": GraphQLInputField(GraphQLNonNull(GraphQLInt)),
                "y": GraphQLInputField(GraphQLString, default_value="given"),
                "z": GraphQLInputField(self._inner),
            },
        )
        self.interfaces = [
            GraphQLInterfaceType(f"I{n}", self._fields(f"i{n}"), resolve_type=self._resolve_type()) for n in range(2)
        ]
        self.objects = [self._object(n) for n in range(4)]
        self.unions = [GraphQLUnionType("U0", self.objects[:3], resolve_type=self._resolve_type())]
        self.query = GraphQLObjectType("Query", self._fields("q"))
        self.mutation = GraphQLObjectType("Mutation", self._fields("m"))
        self.schema = GraphQLSchema(self.query, self.mutation, types=self.objects)
        self.world = World(self.schema, faults, waits)
        for kind in (self.query, self.mutation, *self.objects):
            for name, field in kind.fields.items():
                field.resolve = self._resolver(kind.name, name)

    def _object(self, number: int) -> GraphQLObjectType:
        interfaces = [part for part in self.interfaces if self._random.random() < 0.7] or self.interfaces[:1]

        def fields() -> dict[str, GraphQLField]:
            own = self._fields(f"t{number}")()
            for interface in interfaces:
                own |= {name: GraphQLField(part.type, part.args) for name, part in interface.fields.items()}
            return own

        return GraphQLObjectType(f"T{number}", fields, interfaces, is_type_of=self._is_type_of(f"T{number}"))

    def _fields(self, prefix: str) -> Callable[[], dict[str, GraphQLField]]:
        def fields() -> dict[str, GraphQLField]:
            made = {f"{prefix}_leaf": GraphQLField(self._random.choice(LEAVES))}
            for number in range(self._random.randint(3, 6)):
                made[f"{prefix}_{number}"] = GraphQLField(self._output(), self._arguments())
            return made

        return fields

    def _output(self) -> Any:
        named = self._random.choice(
            [*LEAVES[:3], self._random.choice(LEAVES), *self.objects, *self.interfaces, *self.unions]
        )
        return self._wrapped(named)

    def _wrapped(self, kind: Any) -> Any:
        for _ in range(self._random.choice((0, 0, 1, 1, 2))):
            kind = GraphQLList(GraphQLNonNull(kind) if self._random.random() < 0.4 else kind)
        return GraphQLNonNull(kind) if self._random.random() < 0.3 else kind

    def _arguments(self) -> dict[str, GraphQLArgument]:
        if self._random.random() < 0.6:
            return {}
        return {
            "a": GraphQLArgument(GraphQLInt, default_value=3),
            "b": GraphQLArgument(GraphQLList(GraphQLNonNull(GraphQLString))),
            "c": GraphQLArgument(self._input),
            "d": GraphQLArgument(Custom, out_name="d_"),
        }

    def _resolver(self, type_name: str, name: str) -> Any:
        drawn = self._random.random()
        if drawn < 0.5:
            return None
        return self.world.resolver(f"{type_name}.{name}", awaited=drawn > 0.75 and self._waits > 0)

    def _resolve_type(self) -> Any:
        drawn = self._random.random()

        def resolve_type(value: Any, info: Any, _kind: Any) -> Any:
            self.world.trace.append(f"type at {info.path.as_list()}")
            return _type_name(value)

        async def resolve_type_later(value: Any, info: Any, kind: Any) -> Any:
            return resolve_type(value, info, kind)

        if drawn < 0.4:
            return None
        return resolve_type if drawn < 0.8 or not self._waits else resolve_type_later

    def _is_type_of(self, name: str) -> Any:
        drawn = self._random.random()

        def is_type_of(value: Any, info: Any) -> bool:
            self.world.trace.append(f"{name}? at {info.path.as_list()}")
            return bool(_type_name(value) == name)

        async def is_type_of_later(value: Any, info: Any) -> bool:
            return is_type_of(value, info)

        if drawn < 0.5:
            return None
        return is_type_of if drawn < 0.8 or not self._waits else is_type_of_later


def _type_name(value: Any) -> Any:
    if hasattr(value, "seed"):
        return "Query" if value.seed % 31 == 0 else type(value).__name__
    try:
        return value["__typename"]
    except (TypeError, KeyError, IndexError):
        return None

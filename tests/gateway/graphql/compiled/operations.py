"""Valid operations drawn from a number, and values for their variables."""

from random import Random
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

_CONDITIONS = ("@skip(if: $yes)", "@include(if: $yes)", "@skip(if: $no)", "@include(if: false)", "@skip(if: false)")
_ARGUMENTS = {
    "": "",
    "b": '(a: 4, b: ["x", "y"])',
    "c": "(c: {x: 1, z: {deep: [1, null], colour: RED}})",
    "v": "(a: $number, b: $texts)",
    "w": "(c: {x: $least, y: $text}, d: $any)",
    "n": '(a: null, d: "custom")',
}
_VARIABLES = {
    "yes": "Boolean!",
    "no": "Boolean! = false",
    "number": "Int",
    "texts": "[String!]",
    "least": "Int! = 9",
    "text": 'String = "default"',
    "any": "Custom",
}
_INTROSPECTION = (
    "__schema { queryType { name } types { kind name fields { name args { name defaultValue } } } }",
    '__type(name: "T0") { ...on __Type { name interfaces { name possibleTypes { name } } } }',
    'missing: __type(name: "Nobody") { name }',
)


class Writer:
    """Writes one document with one operation."""

    def __init__(self, schema: GraphQLSchema, seed: int) -> None:
        self._schema = schema
        self._random = Random(seed)
        self._fragments: list[str] = []
        self._room = 40

    def document(self) -> str:
        """The text."""
        mutation = self._random.random() < 0.25
        root: Any = self._schema.mutation_type if mutation else self._schema.query_type
        selections = self._selections(root, 0)
        if not mutation and self._random.random() < 0.1:
            selections += " " + self._random.choice(_INTROSPECTION)
        text = " ".join([selections, *self._fragments])
        used = [f"${name}: {kind}" for name, kind in _VARIABLES.items() if f"${name}" in _words(text)]
        variables = f"({', '.join(used)})" if used else ""
        return f"{'mutation' if mutation else 'query'} Named{variables} {{ {selections} }} " + " ".join(self._fragments)

    def variables(self) -> dict[str, Any]:
        """Values, some of which do not fit."""
        random = self._random
        values: dict[str, Any] = {"yes": random.random() < 0.5}
        for name, choices in {
            "no": (True, False),
            "number": (1, None, 2, 5),
            "texts": (["p"], [], None, "alone"),
            "least": (3, 4),
            "text": ("t", None),
            "any": ("anything", None, 5),
        }.items():
            if random.random() < 0.6:
                values[name] = random.choice(choices)
        if random.random() < 0.05:
            values["number" if random.random() < 0.5 else "least"] = "no number"
        return values

    def _selections(self, kind: GraphQLNamedType, depth: int) -> str:
        drawn = [self._selection(kind, depth) for _ in range(self._random.randint(1, 5 if depth < 3 else 3))]
        return " ".join(drawn)

    def _selection(self, kind: Any, depth: int) -> str:
        drawn = self._random.random()
        self._room -= 1
        if drawn < 0.12 or (isinstance(kind, GraphQLUnionType) and drawn < 0.3):
            return self._random.choice(("__typename", "kind: __typename")) + self._condition()
        if drawn < 0.35 or isinstance(kind, GraphQLUnionType):
            return self._fragment(kind, depth)
        name, field = self._random.choice(list(kind.fields.items()))
        return self._field(name, field, depth)

    def _field(self, name: str, field: GraphQLField, depth: int) -> str:
        named = get_named_type(field.type)
        variant = self._random.choice(list(_ARGUMENTS)) if field.args else ""
        alias = f"{name}{variant}: " if variant else self._random.choice(("", "", f"again_{name}: "))
        head = f"{alias}{name}{_ARGUMENTS[variant]}{self._condition()}"
        if is_leaf_type(named):
            return head
        if depth >= 5 or self._room < 0 or self._random.random() < 0.3:
            return f"{head} {{ {self._leaves(named)} }}"
        return f"{head} {{ {self._selections(named, depth + 1)} }}"

    def _leaves(self, kind: Any) -> str:
        fields = {} if isinstance(kind, GraphQLUnionType) else kind.fields
        names = [name for name, field in fields.items() if is_leaf_type(get_named_type(field.type)) and not field.args]
        return " ".join(["__typename", *self._random.sample(names, self._random.randint(0, len(names)))])

    def _fragment(self, kind: Any, depth: int) -> str:
        if depth >= 5 or self._room < 0:
            return "__typename"
        on = self._random.choice(self._overlapping(kind))
        selections = self._selections(on, depth + 1)
        if self._random.random() < 0.5:
            named = f"on {on.name}" if on is not kind or self._random.random() < 0.5 else ""
            return f"... {named}{self._condition()} {{ {selections} }}"
        name = f"F{len(self._fragments)}"
        self._fragments.append(f"fragment {name} on {on.name} {{ {selections} }}")
        return f"...{name}{self._condition()}" + (f" ...{name}" if self._random.random() < 0.2 else "")

    def _overlapping(self, kind: Any) -> list[Any]:
        if isinstance(kind, GraphQLObjectType):
            return [kind, *kind.interfaces]
        possible = list(self._schema.get_possible_types(kind))
        return [kind, *possible, *(i for part in possible for i in part.interfaces)]

    def _condition(self) -> str:
        return " " + self._random.choice(_CONDITIONS) if self._random.random() < 0.15 else ""


def _words(text: str) -> set[str]:
    for mark in "(){}[]:,":
        text = text.replace(mark, " ")
    return set(text.split())

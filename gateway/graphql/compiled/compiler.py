"""Compiles one operation, place by place: collects fields as graphql-core does, and writes a function for each."""

import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
)
from graphql.execution.collect_fields import FieldDetailsList, GroupedFieldSet, collect_fields, collect_subfields
from graphql.execution.values import VariableValues
from strawberry.schema.config import StrawberryConfig

from gateway.graphql.compiled import arguments, reads
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.columns import record_of, write_columns
from gateway.graphql.compiled.fields import Complete, Field
from gateway.graphql.compiled.lists import ListPlace, write_list
from gateway.graphql.compiled.names import NAMES
from gateway.graphql.compiled.pace import CALL, COMPOSITE, DIRECT, UNKNOWN, weight_of
from gateway.graphql.compiled.places import Place
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.rows import write_rows
from gateway.graphql.compiled.runtime_types import Abstract, Checked
from gateway.graphql.compiled.selections import Entry, write_selection
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.compiled.types import write_abstract, write_checked
from gateway.graphql.guards import Guard, behind, guard_of

_DEEPEST = 100

Setter = Callable[[Complete], None]


class Compiler:
    """Writes the code of one plan; `switched` are the values of the variables that its `@skip` and `@include` read.

    Fields behind a `refused` guard are their refusal.

    Places wait in a queue, so that compiling goes on in slices; `fields` counts those that have code,
    `left` the places that stay with graphql-core; `is_guarded` says whether a guard stands before one of them.
    """

    def __init__(
        self, prepared: Prepared, settings: Settings, switched: VariableValues, refused: frozenset[Guard] = frozenset()
    ) -> None:
        self._prepared = prepared
        self._refused = refused
        self.is_guarded = False
        self._settings = settings
        self._switched = switched
        self._config = _config(prepared.schema)
        self._places: dict[tuple[GraphQLObjectType, int], Place] = {}
        self._queue: deque[Place] = deque()
        self._known: dict[int, tuple[FieldDetailsList, int]] = {}
        self._rows: dict[Complete, Complete] = {}
        self._lists: dict[Complete, Code] = {}
        self._sources: list[tuple[str, str]] = []
        self._constants: list[dict[str, Any]] = []
        self.characters = 0
        self.left = 0
        self.is_too_deep = False

    @property
    def fields(self) -> int:
        """How many fields have code."""
        return len(self._known)

    @property
    def is_waiting(self) -> bool:
        """Whether places wait for their code."""
        return bool(self._queue)

    @property
    def is_complete(self) -> bool:
        """Whether every place that is known has code."""
        return not self._queue and not self.left

    @property
    def source(self) -> str:
        """The code, for people."""
        return "\n".join(f"# {title}\n{text}" for title, text in self._sources)

    def close(self) -> None:
        """Part all that refers to each other: functions, what they name, and who waits for them."""
        for constants in self._constants:
            constants.clear()
        for place in self._places.values():
            place.close()
        vars(self).clear()

    def root(self) -> tuple[GroupedFieldSet, Complete]:
        """The operation's own selection set. Raises: GraphQLError for conditions that do not fit."""
        prepared, hide = self._prepared, self._settings.hide_suggestions
        collected = collect_fields(
            prepared.schema, prepared.fragments, self._switched, prepared.root_type, prepared.operation, hide
        )
        grouped = collected.grouped_field_set
        return grouped, self._selection(prepared.root_type, grouped)

    def place(self, kind: GraphQLObjectType, details: FieldDetailsList) -> Place | None:
        """Where the fields of these details are selected on a type; None for details of no field that has code."""
        key = kind, id(details)
        if key not in self._places and id(details) in self._known:
            depth = self._known[id(details)][1]
            self._places[key] = place = Place(kind, details, depth)
            self._queue.append(place)
        return self._places.get(key)

    def checked(self, kind: GraphQLObjectType, field: Field, setter: Setter) -> None:
        """Set what completes values of a type under a field: the type looks at them first, if it does."""
        place = self.place(kind, field.details)
        assert place is not None
        if kind.is_type_of is None:
            place.use(setter)
            return
        code = Code()
        write_checked(code, Checked(field, kind))
        function = self._function(code, "checked", f"{kind.name}?", UNKNOWN)

        def use(fields: Complete) -> None:
            code.constants["fields"] = fields
            function.weight = weight_of(fields) + DIRECT  # type: ignore[attr-defined]
            if fields in self._rows and record_of(kind) is not None:  # then they look at the class themselves
                self._rows[function] = self._rows[fields]
            setter(function)

        place.use(use)

    def advance(self, until: float) -> None:
        """Compile places until there are none, or until `time.perf_counter()` says so."""
        while self._queue and time.perf_counter() < until:
            place = self._queue.popleft()
            try:
                place.compiled(self._subselection(place))
            except (Unsupported, GraphQLError):  # the latter of a condition that does not fit, in each execution
                self.left += 1

    def _subselection(self, place: Place) -> Complete:
        prepared, hide = self._prepared, self._settings.hide_suggestions
        collected = collect_subfields(
            prepared.schema, prepared.fragments, self._switched, prepared.operation, place.type, place.details, hide
        )
        if place.depth > _DEEPEST:
            self.is_too_deep = True
            raise Unsupported("nested too deeply")
        if self.fields + len(collected.grouped_field_set) > self._settings.max_fields:
            raise Unsupported("too many fields")
        return self._selection(place.type, collected.grouped_field_set, place.depth)

    def _selection(self, kind: GraphQLObjectType, grouped: GroupedFieldSet, depth: int = 0) -> Complete:
        code, rows = Code(), Code()
        entries = []
        for number, (key, details) in enumerate(grouped.items()):
            field = self._field(kind, key, details, depth + 1)
            if field is not None:
                entries.append(self._entry((code, rows), number, field))
        write_selection(code, kind.name, entries)
        weight = COMPOSITE + sum(entry.weight for entry in entries)
        function = self._function(code, "fields", kind.name, weight)
        if (kind.is_type_of is None and write_rows(rows, kind.name, entries)) or write_columns(rows, kind, entries):
            self._rows[function] = self._function(rows, "rows", f"[{kind.name}], while plain", weight)
        return function

    def _field(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList, depth: int) -> Field | None:
        name = details[0].node.name.value
        definition = self._prepared.schema.get_field(kind, name)
        if definition is None:
            return None
        self._known[id(details)] = details, depth
        guard, field = guard_of(definition), behind(definition)
        self.is_guarded |= guard is not None
        return Field(key, name, kind, field, details, field.type, [part.node for part in details], guard)

    def _entry(self, codes: tuple[Code, Code], number: int, field: Field) -> Entry:
        named: Any = get_named_type(field.return_type)
        leaf = self._complete(field.return_type, field, partial(self._complete_field, codes, number, field))
        return Entry(
            number,
            field,
            self._read(field),
            leaf,
            typed=is_abstract_type(named) or getattr(named, "is_type_of", None) is not None,
            arguments=arguments.constant(field, hide_suggestions=self._settings.hide_suggestions),
        )

    def _read(self, field: Field) -> reads.Read:
        if field.guard is not None and field.guard in self._refused:
            return reads.Refused(field.guard.refusal)
        return reads.choose(field.definition, self._settings.field_resolver, self._config)

    def _complete(self, kind: GraphQLOutputType, field: Field, setter: Setter) -> Any:
        """Set what completes values of a type; or return the type, for leaves."""
        if is_non_null_type(kind):
            kind = kind.of_type
        if is_leaf_type(kind):
            return kind
        if isinstance(kind, GraphQLObjectType):
            self.checked(kind, field, setter)
        elif isinstance(kind, GraphQLList):
            code = Code()
            item = partial(self._complete_items, code)
            write_list(code, ListPlace(field, kind, self._complete(kind.of_type, field, item)))
            if "complete" in code.constants:
                item(code.constants["complete"])
            function = self._function(code, "items", str(kind), COMPOSITE)
            self._lists[function] = code
            setter(function)
        else:
            assert is_abstract_type(kind)
            code = Code()
            write_abstract(code, Abstract(field, kind, {}), kind.resolve_type or self._settings.type_resolver)
            setter(self._function(code, "typed", kind.name, 2 * CALL))
        return None

    def _complete_items(self, code: Code, complete: Complete) -> None:
        code.constants.update(complete=complete, rows=self._rows.get(complete), weight=weight_of(complete))

    def _complete_field(self, codes: tuple[Code, Code], number: int, field: Field, complete: Complete) -> None:
        code, rows = codes
        code.constants[f"complete_{number}"] = field.complete = complete
        below = self._lists.get(complete)
        rows.constants[f"child_{number}"] = {"rows": self._rows.get(complete)} if below is None else below.constants

    def _function(self, code: Code, name: str, title: str, weight: int) -> Complete:
        text = code.text
        self._sources.append((title, text))
        self._constants.append(code.constants)
        self.characters += len(text)
        function: Complete = code.function(name, NAMES)
        function.weight = weight  # type: ignore[attr-defined]
        return function


def _config(schema: Any) -> StrawberryConfig | None:
    """Strawberry's, where the schema is Strawberry's."""
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    return strawberry_schema and strawberry_schema.config

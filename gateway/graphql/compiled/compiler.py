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
from gateway.graphql.compiled.fields import Complete, Field
from gateway.graphql.compiled.lists import ListPlace, write_list
from gateway.graphql.compiled.names import NAMES
from gateway.graphql.compiled.places import Place
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.rows import write_rows
from gateway.graphql.compiled.runtime_types import Abstract, Checked
from gateway.graphql.compiled.selections import Entry, write_selection
from gateway.graphql.compiled.settings import Settings
from gateway.graphql.compiled.types import write_abstract, write_checked

_DEEPEST = 100

Setter = Callable[[Complete], None]


class Compiler:
    """Writes the code of one plan; `switched` are the values of the variables that its `@skip` and `@include` read.

    Places wait in a queue, so that compiling goes on in slices; `fields` counts those that have code,
    `left` the places that stay with graphql-core.
    """

    def __init__(self, prepared: Prepared, settings: Settings, switched: VariableValues) -> None:
        self._prepared = prepared
        self._settings = settings
        self._switched = switched
        self._config = _config(prepared.schema)
        self._places: dict[tuple[GraphQLObjectType, int], Place] = {}
        self._queue: deque[Place] = deque()
        self._known: dict[int, tuple[FieldDetailsList, int]] = {}
        self._rows: dict[Complete, Complete] = {}
        self._sources: list[tuple[str, str]] = []
        self.characters = 0
        self.left = 0
        self.is_too_deep = False

    @property
    def fields(self) -> int:
        """How many fields have code."""
        return len(self._known)

    @property
    def is_complete(self) -> bool:
        """Whether every place that is known has code."""
        return not self._queue and not self.left

    @property
    def source(self) -> str:
        """The code, for people."""
        return "\n".join(f"# {title}\n{text}" for title, text in self._sources)

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
        place.use(partial(code.constants.__setitem__, "fields"))
        setter(self._function(code, "checked", f"{kind.name}?"))

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
        code = Code()
        entries = []
        for number, (key, details) in enumerate(grouped.items()):
            field = self._field(kind, key, details, depth + 1)
            if field is not None:
                entries.append(self._entry(code, number, field))
        write_selection(code, kind.name, entries)
        function = self._function(code, "fields", kind.name)
        rows = Code()
        if write_rows(rows, kind.name, entries):
            self._rows[function] = self._function(rows, "rows", f"[{kind.name}], while plain")
        return function

    def _field(self, kind: GraphQLObjectType, key: str, details: FieldDetailsList, depth: int) -> Field | None:
        name = details[0].node.name.value
        definition = self._prepared.schema.get_field(kind, name)
        if definition is None:
            return None
        self._known[id(details)] = details, depth
        return Field(key, name, kind, definition, details, definition.type, [part.node for part in details])

    def _entry(self, code: Code, number: int, field: Field) -> Entry:
        named: Any = get_named_type(field.return_type)
        leaf = self._complete(field.return_type, field, partial(_complete_field, code, number, field))
        return Entry(
            number,
            field,
            reads.choose(field.definition, self._settings.field_resolver, self._config),
            leaf,
            typed=is_abstract_type(named) or getattr(named, "is_type_of", None) is not None,
            arguments=arguments.constant(field, hide_suggestions=self._settings.hide_suggestions),
        )

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
            setter(self._function(code, "items", str(kind)))
        else:
            assert is_abstract_type(kind)
            code = Code()
            write_abstract(code, Abstract(field, kind, {}), kind.resolve_type or self._settings.type_resolver)
            setter(self._function(code, "typed", kind.name))
        return None

    def _complete_items(self, code: Code, complete: Complete) -> None:
        code.constants.update(complete=complete, rows=self._rows.get(complete))

    def _function(self, code: Code, name: str, title: str) -> Complete:
        text = code.text
        self._sources.append((title, text))
        self.characters += len(text)
        function: Complete = code.function(name, NAMES)
        return function


def _complete_field(code: Code, number: int, field: Field, complete: Complete) -> None:
    code.constants[f"complete_{number}"] = complete
    field.complete = complete


def _config(schema: Any) -> StrawberryConfig | None:
    """Strawberry's, where the schema is Strawberry's."""
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    return strawberry_schema and strawberry_schema.config

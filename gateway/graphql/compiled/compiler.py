"""Compiles selection sets: collects their fields as graphql-core does, and writes a function for each."""

from __future__ import annotations

from collections.abc import Callable
from types import CoroutineType
from typing import Any

from graphql import (
    GraphQLAbstractType,
    GraphQLList,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.collect_fields import (
    CollectedFields,
    FieldDetailsList,
    GroupedFieldSet,
    collect_fields,
    collect_subfields,
)
from graphql.execution.values import VariableValues
from graphql.pyutils import Path

from gateway.graphql.compiled import arguments, classes, reads, runtime, runtime_types
from gateway.graphql.compiled.code import Code
from gateway.graphql.compiled.fields import Complete, Field, at
from gateway.graphql.compiled.lists import ItemType, write_list
from gateway.graphql.compiled.prepared import Prepared, Unsupported
from gateway.graphql.compiled.runtime_types import Abstract, Checked
from gateway.graphql.compiled.selections import SIGNATURE, Entry, write_selection
from gateway.graphql.compiled.settings import Settings

Place = tuple[GraphQLObjectType, int]
"""A type, and the identity of the field whose selection set is made for it."""

NAMES: dict[str, Any] = {
    "new": tuple.__new__,
    "Path": Path,
    "Info": GraphQLResolveInfo,
    "coroutine": CoroutineType,
    "plain": classes.PLAIN,
    "final": classes.FINAL,
    "reader": classes.reader,
    "fresh": arguments.fresh,
    "at": at,
    "branched": runtime_types.branched,
    "judged": runtime_types.judged,
    **{
        part.__name__: part
        for part in (
            runtime.called,
            runtime.coerced,
            runtime.coerced_item,
            runtime.composite,
            runtime.failed,
            runtime.failed_item,
            runtime.gather_fields,
            runtime.gather_items,
            runtime.leaf,
            runtime.leave_fields,
            runtime.leave_items,
            runtime.odd_item,
            runtime.odd_list,
            runtime.settled,
            runtime.settled_item,
        )
    },
}
"""What a plan's code names beside Python's own and its constants."""


class Compiler:
    """Writes the code of one plan."""

    def __init__(self, prepared: Prepared, settings: Settings) -> None:
        self._prepared = prepared
        self._settings = settings
        self._info_class = _info_class(prepared.schema)
        self._numbers = 0
        self._constants: dict[str, Any] = dict(NAMES)
        self._code = Code(self._constants)
        self._completes: list[tuple[Field, str]] = []
        self._written: dict[Place, str] = {}
        self._details: dict[int, FieldDetailsList] = {}
        self.source = ""

    @property
    def fields(self) -> int:
        """How many fields the code is for."""
        return len(self._details)

    def knows(self, details: FieldDetailsList) -> bool:
        """Whether these are of a field that the code is for."""
        return id(details) in self._details

    def root(self, variables: VariableValues) -> tuple[GroupedFieldSet, Complete]:
        """The operation's own selection set. Raises: Unsupported, GraphQLError, RecursionError."""
        prepared = self._prepared
        collected = collect_fields(
            prepared.schema,
            prepared.fragments,
            variables,
            prepared.root_type,
            prepared.operation,
            self._settings.hide_suggestions,
        )
        grouped = _whole(collected)
        return grouped, self._made(lambda: self._selection(prepared.root_type, grouped, variables))

    def selection(self, kind: GraphQLObjectType, details: FieldDetailsList, variables: VariableValues) -> Complete:
        """The function of a field's selection set on one type. Raises: as `root`."""
        return self._made(lambda: self._subselection(kind, details, variables))

    def checked(self, kind: GraphQLObjectType, field: Field, variables: VariableValues) -> Complete:
        """The same, after the type has looked at the value. Raises: as `root`."""
        return self._made(lambda: self._object(kind, field, variables))

    def _made(self, write: Callable[[], str]) -> Complete:
        written = dict(self._written)
        try:
            name = write()
        except BaseException:  # half a function is none
            self._written = written
            self._code.take()
            self._completes.clear()
            raise
        text = self._code.take()
        self.source += text
        exec(compile(text, "<compiled operation>", "exec"), self._constants)  # noqa: S102  no text but our own
        for field, complete in self._completes:
            field.complete = self._constants[complete]
        self._completes.clear()
        function: Complete = self._constants[name]
        return function

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _selection(self, kind: GraphQLObjectType, grouped: GroupedFieldSet, variables: VariableValues) -> str:
        entries = []
        for key, details in grouped.items():
            entry = self._entry(kind, key, details, variables)
            if entry is not None:
                entries.append(entry)
        name = f"fields_{self._number()}"
        write_selection(self._code, name, kind.name, entries)
        return name

    def _entry(
        self, kind: GraphQLObjectType, key: str, details: FieldDetailsList, variables: VariableValues
    ) -> Entry | None:
        field_name = details[0].node.name.value
        definition = self._prepared.schema.get_field(kind, field_name)
        if definition is None:
            return None
        nodes = [part.node for part in details]
        field = Field(key, field_name, kind, definition, details, definition.type, nodes)
        if self.fields >= self._settings.max_fields:
            raise Unsupported("too many fields")
        self._details[id(details)] = details
        number = self._number()
        read = reads.choose(definition, self._settings.field_resolver, self._info_class)
        named = get_named_type(definition.type)
        complete = self._complete(definition.type, field, variables)
        if complete is not None:
            self._completes.append((field, complete))
        passed = self._arguments(field, number)
        return Entry(
            number,
            field,
            read,
            leaf=None if complete else named,  # type: ignore[arg-type]  # what has no function is a leaf
            complete=complete,
            typed=is_abstract_type(named) or (is_object_type(named) and named.is_type_of is not None),
            arguments=passed,
            checks_arguments=not isinstance(read, reads.Call) and passed is not None and passed.startswith("run."),
        )

    def _arguments(self, field: Field, number: int) -> str | None:
        if not field.definition.args:
            return None
        values = arguments.constant(field, hide_suggestions=self._settings.hide_suggestions)
        if values is None:
            self._code.constant(f"field_{number}", field)
            return f"run.arguments(field_{number})"
        self._code.constant(f"arguments_{number}", values)
        shared = all(map(arguments.is_shareable, values.values()))
        return f"arguments_{number}" if shared else f"fresh(arguments_{number})"

    def _complete(self, kind: GraphQLOutputType, field: Field, variables: VariableValues) -> str | None:
        """The name of the function that completes values of a type; None for leaves."""
        if is_non_null_type(kind):
            kind = kind.of_type
        if is_leaf_type(kind):
            return None
        if isinstance(kind, GraphQLList):
            return self._list(kind, field, variables)
        if isinstance(kind, GraphQLObjectType):
            return self._object(kind, field, variables)
        assert is_abstract_type(kind)
        return self._abstract(kind, field)

    def _list(self, kind: GraphQLList[Any], field: Field, variables: VariableValues) -> str:
        complete = self._complete(kind.of_type, field, variables)
        leaf: Any = None if complete else get_named_type(kind)
        return write_list(self._code, self._number(), field, kind, ItemType(leaf, complete))

    def _object(self, kind: GraphQLObjectType, field: Field, variables: VariableValues) -> str:
        selection = self._subselection(kind, field.details, variables)
        if kind.is_type_of is None:
            return selection
        number, code = self._number(), self._code
        code.constant(f"is_type_of_{number}", kind.is_type_of)
        with code.block(f"def checked_{number}{SIGNATURE}:  # {kind.name}"):
            code.line(f"verdict = is_type_of_{number}(source, info)")
            with code.block("if verdict is True:"):
                code.line(f"return {selection}(run, source, path, index, None)")
            code.line(f"return judged(run, type_{number}, {selection}, verdict, source, at(path, index))")
        code.constant(f"type_{number}", Checked(field, kind))
        return f"checked_{number}"

    def _subselection(self, kind: GraphQLObjectType, details: FieldDetailsList, variables: VariableValues) -> str:
        known = self._written.get((kind, id(details)))
        if known is not None:
            return known
        prepared = self._prepared
        collected = collect_subfields(
            prepared.schema,
            prepared.fragments,
            variables,
            prepared.operation,
            kind,
            details,
            self._settings.hide_suggestions,
        )
        name = self._selection(kind, _whole(collected), variables)
        self._written[kind, id(details)] = name
        return name

    def _abstract(self, kind: GraphQLAbstractType, field: Field) -> str:
        number, code = self._number(), self._code
        place = Abstract(field, kind, {})
        code.constant(f"abstract_{number}", place)
        code.constant(f"branches_{number}", place.branches)
        code.constant(f"kind_{number}", kind)
        code.constant(f"resolve_type_{number}", kind.resolve_type or self._settings.type_resolver)
        with code.block(f"def typed_{number}{SIGNATURE}:  # {kind.name}"):
            code.line(f"name = resolve_type_{number}(source, info, kind_{number})")
            code.line(f"complete = branches_{number}.get(name) if type(name) is str else None")
            with code.block("if complete is None:"):
                code.line(f"return branched(run, abstract_{number}, name, source, at(path, index), info)")
            code.line("return complete(run, source, path, index, info)")
        return f"typed_{number}"


def _whole(collected: CollectedFields) -> GroupedFieldSet:
    if collected.new_defer_usages:
        raise Unsupported("incremental delivery")
    return collected.grouped_field_set


def _info_class(schema: Any) -> Callable[..., Any] | None:
    """Strawberry's `Info`, where the schema is Strawberry's."""
    strawberry_schema = getattr(schema, "_strawberry_schema", None)
    return strawberry_schema and strawberry_schema.config.info_class

"""What introspection of a schema may cost: as much as what the tools ask for, found out before anything is executed.

Introspection is answered without a pause, and its lists multiply: each field of each type of each field of each type.
The cost counted here is the fields of the answer, objects twice, with every list of its mean length in the schema.
"""

from collections.abc import Mapping

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)

from gateway.graphql.refusal import HTTPRefusal, document_excess

ROOTS = ("__schema", "__type")
_TOOLS = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)


class Introspection:
    """Refuses introspection that is not allowed at all, or too dear for this schema."""

    def __init__(self, schema: GraphQLSchema, *, allowed: bool) -> None:
        self._allowed = allowed
        self._lengths = _lengths(schema)
        self._most = self.cost(parse(_TOOLS))

    def refuse_excess(self, document: DocumentNode) -> None:
        """Raise HTTPRefusal 403 or 422 for a document that has `__schema` or `__type`."""
        if not self._allowed:
            raise HTTPRefusal(
                403, "INTROSPECTION_DISABLED", "Introspection is switched off here; see the published schema."
            )
        cost = self.cost(document)
        if cost > self._most:
            raise document_excess("introspection", str(cost), self._most)

    def cost(self, document: DocumentNode) -> int:
        """About how many fields the answer to the dearest operation has, below `__schema` and `__type`."""
        walk = _Walk(document, self._lengths)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        return round(max((walk.cost(operation.selection_set, inside=False) for operation in operations), default=0))


class _Walk:
    def __init__(self, document: DocumentNode, lengths: Mapping[str, float]) -> None:
        self._lengths = lengths
        self._fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[tuple[str, bool], float] = {}

    def cost(self, selection_set: SelectionSetNode | None, *, inside: bool) -> float:
        total = 0.0
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                within = inside or node.name.value in ROOTS
                below = self.cost(node.selection_set, inside=within)
                here = within * (2 if node.selection_set else 1)
                total += (here + below) * (self._lengths.get(node.name.value, 1.0) if inside else 1.0)
            elif isinstance(node, FragmentSpreadNode):
                total += self._fragment(node.name.value, inside=inside)
            else:
                total += self.cost(node.selection_set, inside=inside)  # type: ignore[attr-defined]
        return total

    def _fragment(self, name: str, *, inside: bool) -> float:
        if (name, inside) not in self._known:
            self._known[name, inside] = 0.0
            fragment = self._fragments.get(name)
            self._known[name, inside] = self.cost(fragment.selection_set if fragment else None, inside=inside)
        return self._known[name, inside]


def _lengths(schema: GraphQLSchema) -> dict[str, float]:
    """The mean length of each list of the introspection schema, at least 1."""
    types = list(schema.type_map.values())
    fields = [field for kind in types for field in getattr(kind, "fields", {}).values()]
    output = [field for field in fields if hasattr(field, "args")]
    arguments = sum(len(field.args) for field in output)
    values = sum(len(getattr(kind, "values", {})) for kind in types)
    return {
        "types": max(1.0, len(types)),
        "directives": max(1.0, len(schema.directives)),
        "fields": max(1.0, len(output) / len(types)),
        "inputFields": max(1.0, (len(fields) - len(output)) / len(types)),
        "args": max(1.0, arguments / max(1, len(output))),
        "ofType": 0.5,  # about every second type of a field or argument is a list or non-null
        "enumValues": max(1.0, values / len(types)),
    }

"""From the text of a document to one that may be executed, and a bounded memory of those."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)

from gateway.graphql.extent import extent_of
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.refusal import HTTPRefusal

_MAX_VALIDATION_ERRORS = 20


@dataclass(frozen=True, slots=True, eq=False)
class ValidDocument:
    """A parsed document within the limits and valid against the schema; one object per text while remembered."""

    text: str
    node: DocumentNode

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return GetOperation() of the GraphQL specification; raise HTTPRefusal 422 without a single answer."""
        operations = [d for d in self.node.definitions if isinstance(d, OperationDefinitionNode)]
        if name is not None:
            operations = [o for o in operations if o.name and o.name.value == name]
        if len(operations) == 1:
            return operations[0]
        if name is not None:
            raise HTTPRefusal(422, "OPERATION_NOT_FOUND", f"The document has no operation named {name!r}.")
        raise HTTPRefusal(
            422,
            "OPERATION_NOT_FOUND",
            f"The document has {len(operations)} operations; operationName must name one of them.",
        )


class Documents:
    """Parses and validates against one schema; remembers what passed, by exact text, least recently used last."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        *,
        rules: Sequence[type[ASTValidationRule]] = (),
        suggestions: bool = True,
        max_entries: int = 1000,
        max_bytes: int = 512 * 1024,
    ) -> None:
        self._schema = schema
        self._limits = limits
        self._rules = (*specified_rules, *rules)
        self._suggestions = suggestions
        self._memory = _Memory(max_entries, max_bytes)

    def get(self, text: str) -> ValidDocument:
        """Return the document; raise HTTPRefusal 400 (syntax) or 422 (limits, validation)."""
        document = self._memory.get(text)
        if document is None:
            document = ValidDocument(text, self._checked(text))
            self._memory.put(text, document)
        return document

    def _checked(self, text: str) -> DocumentNode:
        node = self._parsed(text)
        self._refuse_excess(node)
        errors = validate(
            self._schema,
            node,
            self._rules,
            max_errors=_MAX_VALIDATION_ERRORS,
            hide_suggestions=not self._suggestions,
        )
        if errors:
            raise HTTPRefusal(422, "VALIDATION_FAILED", "The document is not valid.", errors=errors)
        return node

    def _parsed(self, text: str) -> DocumentNode:
        limits = self._limits
        _refuse_more("characters", len(text), limits.characters)
        try:
            return parse(text, max_lexical_tokens=limits.tokens, max_comments=limits.tokens)
        except GraphQLSyntaxError as error:
            if not error.message.endswith("Parsing aborted."):
                raise HTTPRefusal(400, "SYNTAX_ERROR", error.message, errors=[error]) from None
            if "nested" in error.message:
                raise _excess("depth", f"more than {limits.depth}", limits.depth) from None
            raise _excess("tokens", f"more than {limits.tokens}", limits.tokens) from None

    def _refuse_excess(self, node: DocumentNode) -> None:
        limits = self._limits
        try:
            extent = extent_of(node)
        except RecursionError:
            raise _excess("depth", f"more than {limits.depth}", limits.depth) from None
        _refuse_more("depth", extent.depth, limits.depth)
        _refuse_more("fields", extent.fields, limits.fields)
        _refuse_more("aliases", extent.aliases, limits.aliases)
        _refuse_more("root_fields", extent.root_fields, limits.root_fields)


class _Memory:
    """Least recently used documents, bounded in number and in UTF-8 bytes of their text.

    A parsed document takes about 45 times the memory of its text.
    """

    def __init__(self, max_entries: int, max_bytes: int) -> None:
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._documents: OrderedDict[str, ValidDocument] = OrderedDict()
        self._bytes = 0

    def get(self, text: str) -> ValidDocument | None:
        document = self._documents.get(text)
        if document is not None:
            self._documents.move_to_end(text)
        return document

    def put(self, text: str, document: ValidDocument) -> None:
        self._documents[text] = document
        self._bytes += len(text.encode())
        while len(self._documents) > self._max_entries or self._bytes > self._max_bytes:
            oldest, _ = self._documents.popitem(last=False)
            self._bytes -= len(oldest.encode())


def _refuse_more(name: str, value: int, limit: int) -> None:
    if value > limit:
        raise _excess(name, str(value), limit)


def _excess(name: str, value: str, limit: int) -> HTTPRefusal:
    label = name.replace("_", " ")
    return HTTPRefusal(
        422,
        "DOCUMENT_LIMIT_EXCEEDED",
        f"The document has {label} {value}; the limit is {limit}.",
        extensions={"limit": name, "maximum": limit},
    )

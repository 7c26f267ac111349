"""Documents and variables as an operator may see them: without what they say about anybody.

A value is shown where its place in the schema is not sensitive (`gateway.sensitivity`) and where it has the shape of
what belongs there (`gateway.masked_values`). Whatever is in doubt is masked.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from weakref import ref

import msgspec
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, print_ast, type_from_ast

from gateway.masked_documents import masked_document
from gateway.masked_values import MASK, masked_value
from gateway.sensitivity import SensitiveInputs
from gateway.span_attributes import Redacted

LONGEST_DOCUMENT: Final = 2000
LONGEST_VARIABLES: Final = 500
"""Characters that are shown; what is beyond is left out."""
LONGEST_READ: Final = 8000
"""Characters of a document; of a longer one nothing is shown, because to mask it takes too long."""
MOST_REMEMBERED: Final = 1000
_DIGITS = re.compile(r"\d{6,}")
"""Perhaps a birthday, a telephone or an identity number, be it in an alias."""


@dataclass(frozen=True, slots=True)
class Masked:
    """A document's `text`; `whole` says that nothing of the document is masked or left out."""

    text: Redacted
    whole: bool
    open_variables: frozenset[str]


_UNREAD = Masked(Redacted(MASK), whole=False, open_variables=frozenset())


class Redactor:
    """Masks documents that are valid against one schema, and their variables."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self._schema = schema
        self._sensitive = SensitiveInputs(schema)
        self._known: dict[int, tuple[ref[DocumentNode], Masked]] = {}

    def document(self, document: DocumentNode) -> Masked:
        """The document, masked; remembered as long as it lives, by its identity."""
        key = id(document)
        known = self._known.get(key)
        if known is not None and known[0]() is document:
            return known[1]
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        masked = self._mask(document)
        self._known[key] = (ref(document, lambda _: self._known.pop(key, None)), masked)
        return masked

    def variables(
        self, document: DocumentNode, operation: OperationDefinitionNode, values: Mapping[str, Any]
    ) -> Redacted:
        """The values of the operation's own variables, as JSON."""
        is_open = self.document(document).open_variables
        shown = {}
        for definition in operation.variable_definitions or ():
            name = definition.variable.name.value
            if name in values:
                kind = type_from_ast(self._schema, definition.type)
                shown[name] = masked_value(values[name], kind, self._sensitive, hidden=name not in is_open)
        return _shown(msgspec.json.encode(shown).decode(), LONGEST_VARIABLES)

    def _mask(self, document: DocumentNode) -> Masked:
        if document.loc is None or len(document.loc.source.body) > LONGEST_READ:
            return _UNREAD
        masked, open_variables = masked_document(document, self._schema, self._sensitive)
        text = _shown(print_ast(masked), LONGEST_DOCUMENT)
        return Masked(text, text == print_ast(document), open_variables)


def _shown(text: str, most: int) -> Redacted:
    text = _DIGITS.sub(MASK, text)
    return Redacted(text if len(text) <= most else text[: most - 1] + MASK)

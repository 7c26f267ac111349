"""Parsing and validation that leave nothing which only the garbage collector could free.

graphql-core's tokens refer to each other in both directions, and each visitor of a validation to its own methods, and
so to the whole document. Left to the collector, thousands of invalid documents wait together for it, and every request
waits while it looks through all that there is: 200 ms were measured. What remains of a document does not hold its
tokens, and its places are no concern of the collector's: that is half of its objects.
"""

from collections.abc import Sequence
from typing import cast

import msgspec
from graphql import (
    ASTValidationRule,
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    Lexer,
    Location,
    ParallelVisitor,
    Source,
    Token,
    TypeInfo,
    TypeInfoVisitor,
    ValidationContext,
    Visitor,
    visit,
)
from graphql.language.parser import Parser
from graphql.validation.validate import ValidationAbortedError, query_document_keys_to_validate
from graphql.validation.validation_context import NodeWithSelectionSet, VariableUsage, VariableUsageVisitor


class Place(msgspec.Struct, frozen=True, gc=False):
    """What of a `Location` is used: offsets in the text of a source. It refers to nothing that could refer to it."""

    start: int
    end: int
    source: Source


class _Parser(Parser):
    def loc(self, start_token: Token) -> Location | None:
        lexer = self._lexer
        return cast("Location", Place(start_token.start, lexer.last_token.end, lexer.source))


def parse(text: str, *, most_tokens: int) -> DocumentNode:
    """The document; `most_tokens` bounds tokens and comments. Raises: GraphQLSyntaxError, RecursionError."""
    lexer = Lexer(Source(text))
    parser = _Parser(lexer.source, lexer=lexer, max_lexical_tokens=most_tokens, max_comments=most_tokens)
    try:
        return parser.parse_document()
    finally:
        _part(lexer)


def _part(lexer: Lexer) -> None:
    """Let no token refer to another one."""
    token = lexer.token
    while token.next is not None:
        token = token.next
    while (before := token.prev) is not None:
        token.prev = before.next = None
        token = before


def validate(
    schema: GraphQLSchema,
    document: DocumentNode,
    rules: Sequence[type[ASTValidationRule]],
    *,
    most: int,
    suggestions: bool,
) -> list[GraphQLError]:
    """As graphql-core's `validate`, for a document whose nesting is bounded; the schema is taken to be valid.

    After `most` errors, or where it is nested too deeply after all, the last one is a ValidationAbortedError.
    """
    errors: list[GraphQLError] = []

    def report(error: GraphQLError) -> None:
        if len(errors) >= most:
            raise ValidationAbortedError("Too many validation errors, error limit reached. Validation aborted.")
        errors.append(error)

    types = TypeInfo(schema)
    context = _Context(schema, document, types, report, not suggestions)
    checks = [rule(context) for rule in rules]
    together = ParallelVisitor(checks)
    typed = TypeInfoVisitor(types, together)
    try:
        visit(document, typed, query_document_keys_to_validate)
    except ValidationAbortedError as error:
        error.__context__ = None
        errors.append(error.with_traceback(None))
    except RecursionError:
        errors.append(ValidationAbortedError("Validation aborted."))
    finally:
        for one in (*checks, together, typed, types, context):
            vars(one).clear()
    return errors


class _Context(ValidationContext):
    def get_variable_usages(self, node: NodeWithSelectionSet) -> list[VariableUsage]:
        """As the original."""
        known = self._variable_usages.get(node)
        if known is not None:
            return known
        fragment = node if isinstance(node, FragmentDefinitionNode) else None
        usages = VariableUsageVisitor(self._type_info, fragment)
        typed: Visitor = TypeInfoVisitor(self._type_info, usages)
        visit(node, typed)
        found = self._variable_usages[node] = usages.usages
        for one in (usages, typed):
            vars(one).clear()
        return found

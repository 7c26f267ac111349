"""Validation by graphql-core's rules, in bounded work: few errors, fewer suggestions, few comparisons."""

from collections.abc import Sequence

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    specified_rules,
)
from graphql.validation.validate import ValidationAbortedError

from gateway.graphql.overlap import MOST_COMPARISONS, OverlappingFieldsRule
from gateway.graphql.parsing import validate
from gateway.graphql.refusal import HTTPRefusal, document_excess

MOST_ERRORS = 10
MOST_SUGGESTIONS = 3
"""Errors with "did you mean": each compares an unknown name with every name of its kind in the schema."""

_RULES = tuple(OverlappingFieldsRule if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules)


class Validation:
    """Validates against one schema; `rules` are asked beside the specified ones."""

    def __init__(self, schema: GraphQLSchema, rules: Sequence[type[ASTValidationRule]]) -> None:
        self._schema = schema
        self._rules = (*_RULES, *rules)

    def refuse_invalid(self, document: DocumentNode, *, suggestions: bool) -> None:
        """Raise HTTPRefusal 422 for a document that is not valid, or whose validity is too dear to find out."""
        errors = self._errors(document, MOST_ERRORS, suggestions=False)
        if not errors:
            return
        if len(errors) == 1 and isinstance(errors[0], ValidationAbortedError):
            raise document_excess("comparisons", f"more than {MOST_COMPARISONS}", MOST_COMPARISONS)
        if suggestions:
            errors[:MOST_SUGGESTIONS] = self._errors(document, MOST_SUGGESTIONS, suggestions=True)[:MOST_SUGGESTIONS]
        raise HTTPRefusal(422, "VALIDATION_FAILED", "The document is not valid.", errors=errors)

    def _errors(self, document: DocumentNode, most: int, *, suggestions: bool) -> list[GraphQLError]:
        return validate(self._schema, document, self._rules, most=most, suggestions=suggestions)

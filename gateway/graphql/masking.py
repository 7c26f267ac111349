"""The safe default for errors: what nobody meant for the client is replaced and logged without its text."""

import logging

from graphql import FieldNode, GraphQLError, GraphQLFormattedError

from gateway.faults import outline
from gateway.graphql.refusal import shortened

logger = logging.getLogger(__name__)

INTERNAL = "INTERNAL"
MESSAGE = "Internal error"


def mask_unexpected(error: GraphQLError) -> GraphQLFormattedError:
    """Format an error for the client; one without a code that arose in a resolver becomes INTERNAL.

    graphql-core raises GraphQLError itself, with the value in its text, when a result does not fit its type;
    so only `extensions.code` tells a deliberate error, not its class.
    """
    formatted = error.formatted
    if "code" in (error.extensions or {}):
        return formatted
    if _blames_document(error):
        formatted["message"] = shortened(formatted["message"])
        formatted["extensions"] = {"code": "ARGUMENT_INVALID", **(error.extensions or {})}
        return formatted
    log_unexpected(error.original_error or error)
    formatted["message"] = MESSAGE
    formatted["extensions"] = {"code": INTERNAL}
    return formatted


def log_unexpected(error: BaseException) -> None:
    """Log where and what kind, never the text of the exception: it may hold personal data."""
    logger.error("%s", outline(error))


def _blames_document(error: GraphQLError) -> bool:
    """An argument that cannot be coerced is located at its value, everything else at its field."""
    return bool(error.nodes) and not any(isinstance(node, FieldNode) for node in error.nodes or ())

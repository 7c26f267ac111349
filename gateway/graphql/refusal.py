"""The one exception that ends a request early with a status, a code and a well-formed GraphQL response.

Code                       Status  The client can
-------------------------  ------  ----------------------------------------------------------------
METHOD_NOT_ALLOWED         405     use a method of the Allow header
MUTATION_OVER_GET          405     send the mutation by POST
NOT_ACCEPTABLE             406     accept application/graphql-response+json or application/json
CSRF_PREVENTED             403     name a GraphQL media type in Accept, or send a preflighted header
HEADERS_TOO_LARGE          431     send fewer or smaller headers
URL_TOO_LONG               414     send the request by POST
UNSUPPORTED_MEDIA_TYPE     415     send application/json in UTF-8
UNSUPPORTED_ENCODING       415     send the body uncompressed
BODY_TOO_LARGE             413     send less
BODY_TIMED_OUT             408     send faster, on a new connection
MALFORMED_JSON             400     send strict JSON (RFC 8259)
MALFORMED_REQUEST          422     send the parameters of the specification with their types
SYNTAX_ERROR               400     correct the document
DOCUMENT_LIMIT_EXCEEDED    422     ask for less, or split the document
COST_LIMIT_EXCEEDED        422     ask for less, or split the operation
INTROSPECTION_DISABLED     403     use the published schema
VALIDATION_FAILED          422     correct the document against the schema
PERSISTED_QUERY_NOT_FOUND  404     send the query with its digest; 200 as application/json
PERSISTED_QUERY_MISMATCH   422     send the SHA-256 of the query
PERSISTED_DOCUMENTS_ONLY   403     send the digest of the query with it
TRUSTED_DOCUMENTS_ONLY     403     send a document of the manifest
OPERATION_NOT_FOUND        422     name one operation of the document
SUBSCRIPTION_NOT_SUPPORTED 422     subscribe over a transport for subscriptions
VARIABLES_INVALID          422     correct the variables
RESULT_LIMIT_EXCEEDED      422     ask for shorter lists, or for fewer
TIMED_OUT                  504     retry a query later
INTERNAL                   500     report the trace id
"""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLError

MOST_CHARACTERS = 300
"""Characters of a message: it may quote what the client has sent, which may be a whole document."""

_RETRYABLE = frozenset({408, 429, 503, 504})


class HTTPRefusal(Exception):  # it is an answer, not a failure of ours
    """A request answered without the `data` entry: HTTP status (4xx or 5xx), GraphQL errors, headers.

    `errors` replaces the single error made of `code` and `message` where there is more to say;
    every error gets `code` in its extensions unless it already has one. `legacy_status`, where set,
    is the status for a client that accepts application/json only.
    """

    legacy_status: int | None = None

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        extensions: Mapping[str, Any] | None = None,
        errors: Sequence[GraphQLError] = (),
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.errors = tuple(errors) or (GraphQLError(message, extensions=dict(extensions or {})),)
        for error in self.errors:
            error.message = shortened(error.message)
            error.extensions = {"code": code, "retryable": status in _RETRYABLE, **(error.extensions or {})}


class ClientDisconnected(Exception):
    """The client went away before its request was complete: nobody is left to answer."""


def shortened(message: str) -> str:
    """A message without its middle where it is longer than MOST_CHARACTERS."""
    if len(message) <= MOST_CHARACTERS:
        return message
    return f"{message[: MOST_CHARACTERS - 81]}…{message[-80:]}"


def document_excess(name: str, value: str, limit: int) -> HTTPRefusal:
    """A document beyond one of its limits, `value` being what it has."""
    label = name.replace("_", " ")
    return HTTPRefusal(
        422,
        "DOCUMENT_LIMIT_EXCEEDED",
        f"The document has {label} {value}; the limit is {limit}.",
        extensions={"limit": name, "maximum": limit},
    )


def result_excess(name: str, limit: int) -> HTTPRefusal:
    """An answer that grew beyond a limit while it was made."""
    return HTTPRefusal(
        422,
        "RESULT_LIMIT_EXCEEDED",
        f"The answer has more than {limit} {name}.",
        extensions={"limit": name, "maximum": limit},
    )

"""From query string or JSON body to the parameters of a GraphQL-over-HTTP request."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from gateway.graphql import strict_json
from gateway.graphql.refusal import HTTPRefusal

_PARAMETERS = ("query", "documentId", "operationName", "variables", "extensions")


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """The parameters of the specification and of its appendix on persisted documents.

    What was absent or null is None, and so is an empty string, but for `query`. `query` may be absent where
    `document_id` or an extension identifies the document.
    """

    query: str | None
    operation_name: str | None = None
    variables: Mapping[str, Any] | None = None
    extensions: Mapping[str, Any] | None = None
    document_id: str | None = None


def from_body(body: bytes) -> GraphQLRequest:
    """Read the JSON encoding of a POST; raise HTTPRefusal 400 (not JSON) or 422 (not a request)."""
    members = _json(body, "request body")
    if not isinstance(members, dict):
        raise _malformed(f"The request body must be a JSON object, not {_kind(members)}.")
    return _request(members)


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """Read the URL encoding of a GET; raise HTTPRefusal 400 or 422."""
    members: dict[str, Any] = {}
    for name, value in _fields(query_string):
        if name not in _PARAMETERS:
            continue
        if name in members:
            raise _malformed(f"The URL has more than one parameter {name!r}.")
        members[name] = value
    for name in ("operationName", "variables", "extensions"):
        members[name] = members.get(name) or None
    for name in ("variables", "extensions"):
        if members[name] is not None:
            members[name] = _json(members[name].encode(), f"parameter {name!r}")
    return _request(members)


def _request(members: Mapping[str, Any]) -> GraphQLRequest:
    for name, kind in _TYPES.items():
        value = members.get(name)
        if value is not None and not isinstance(value, kind):
            raise _malformed(f"Parameter {name!r} must be {_KINDS[kind]}, not {_kind(value)}.")
    given = members.get
    return GraphQLRequest(
        query=given("query"),
        operation_name=given("operationName") or None,
        variables=given("variables"),
        extensions=given("extensions"),
        document_id=given("documentId") or None,
    )


def _fields(query_string: bytes) -> list[tuple[str, str]]:
    """Split as WHATWG URLSearchParams does, but refuse invalid UTF-8 instead of replacing it."""
    pairs = (pair.replace(b"+", b" ").partition(b"=") for pair in query_string.split(b"&") if pair)
    try:
        return [(unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode()) for name, _, value in pairs]
    except UnicodeDecodeError:
        raise HTTPRefusal(400, "MALFORMED_REQUEST", "The query string of the URL is not UTF-8.") from None


def _json(text: bytes, where: str) -> Any:
    try:
        return strict_json.decode(text)
    except strict_json.MalformedJSON as error:
        raise HTTPRefusal(400, "MALFORMED_JSON", f"The {where} is not valid JSON: {error}.") from None


def _malformed(message: str) -> HTTPRefusal:
    return HTTPRefusal(422, "MALFORMED_REQUEST", message)


def _kind(value: Any) -> str:
    return "null" if value is None else _KINDS.get(type(value), "a number")


_KINDS: dict[type, str] = {str: "a string", dict: "an object", list: "an array", bool: "a boolean"}
_TYPES: dict[str, type] = {
    "query": str,
    "operationName": str,
    "variables": dict,
    "extensions": dict,
    "documentId": str,
}

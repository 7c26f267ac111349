"""Reading a POST body: JSON in UTF-8 only, no more of it and no longer than the limits say."""

from collections.abc import Mapping

from starlette.types import Receive

from adapters.contract.deadline import Deadline
from gateway.graphql import media_types
from gateway.graphql.limits import HTTPLimits
from gateway.graphql.refusal import ClientDisconnected, HTTPRefusal

Headers = Mapping[bytes, bytes]


async def read_body(headers: Headers, receive: Receive, limits: HTTPLimits) -> bytes:
    """Return the whole body.

    Raises HTTPRefusal 415 (not uncompressed JSON in UTF-8), 413 (too large) or 408 (too slow), and
    ClientDisconnected when the client went away.
    """
    _require_json(headers)
    _require_uncompressed(headers)
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and _exceeds(declared, limits.body_bytes):
        raise _too_large(limits)
    try:
        with Deadline.after(limits.body_seconds):
            return await _receive_all(receive, limits)
    except TimeoutError:
        raise HTTPRefusal(
            408,
            "BODY_TIMED_OUT",
            f"The request body did not arrive within {limits.body_seconds:g} seconds.",
            headers={"connection": "close"},
        ) from None


async def _receive_all(receive: Receive, limits: HTTPLimits) -> bytes:
    chunks: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnected
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > limits.body_bytes:
            raise _too_large(limits)
        chunks.append(chunk)
        if not message.get("more_body", False):
            return b"".join(chunks)


def _require_json(headers: Headers) -> None:
    content_type = headers.get(b"content-type")
    if content_type is None:
        raise _unsupported("The request has no Content-Type; send application/json.")
    media_type = media_types.parse(content_type.decode("latin-1"))
    if media_type.name != media_types.JSON:
        raise _unsupported("The Content-Type of the request must be application/json.")
    if not media_type.is_utf_8:
        raise _unsupported("The charset of the request must be utf-8.")


def _require_uncompressed(headers: Headers) -> None:
    encoding = headers.get(b"content-encoding", b"identity").strip().lower()
    if encoding not in (b"identity", b""):
        raise HTTPRefusal(
            415,
            "UNSUPPORTED_ENCODING",
            "The request body must be sent without a Content-Encoding.",
            headers={"accept-encoding": "identity"},
        )


def _unsupported(message: str) -> HTTPRefusal:
    return HTTPRefusal(415, "UNSUPPORTED_MEDIA_TYPE", message, headers={"accept": media_types.JSON})


def _exceeds(digits: bytes, limit: int) -> bool:
    """Compare without converting a number of any length."""
    digits = digits.lstrip(b"0")
    return len(digits) > len(str(limit)) or int(digits or b"0") > limit


def _too_large(limits: HTTPLimits) -> HTTPRefusal:
    return HTTPRefusal(
        413,
        "BODY_TOO_LARGE",
        f"The request body is larger than {limits.body_bytes} bytes.",
        extensions={"limit": "body_bytes", "maximum": limits.body_bytes},
    )

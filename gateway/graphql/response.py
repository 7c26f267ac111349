"""From a GraphQL response to the bytes, status and headers of an HTTP response."""

import asyncio
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec
from graphql import Undefined
from starlette.types import Send

from gateway.graphql.limits import MOST_BYTES
from gateway.graphql.media_types import GRAPHQL_RESPONSE
from gateway.graphql.refusal import result_excess

_COMMON = (
    (b"vary", b"Accept, Accept-Language, Authorization"),
    (b"x-content-type-options", b"nosniff"),
)
_GROUP = 10
_NESTED = 5
_AT_ONCE = 256 * 1024
_UNKEPT = (b"cache-control", b"no-store")


def _undefined_as_null(value: Any) -> None:
    """graphql-core leaves Undefined for a variable without a value inside the literal of a custom scalar."""
    if value is not Undefined:
        raise TypeError(f"a result holds a {type(value).__qualname__}, which JSON cannot express")


_encoder = msgspec.json.Encoder(enc_hook=_undefined_as_null)


class Answer(NamedTuple):
    """A whole HTTP response, but for the headers that all have in common."""

    status: int
    body: bytes = b""
    media_type: str = GRAPHQL_RESPONSE
    headers: Mapping[str, str] = MappingProxyType({})


def status_of(response: Mapping[str, Any]) -> int:
    """The 2xx status of a response that has the `data` entry (section Status Codes)."""
    return 294 if "errors" in response else 200


def encode(response: Any) -> bytes:
    """Encode to UTF-8 JSON; a lone surrogate, which UTF-8 cannot hold, becomes U+FFFD.

    Raises TypeError, ValueError or RecursionError for what JSON cannot express.
    """
    try:
        return _encoder.encode(response)
    except UnicodeEncodeError:
        return _encoder.encode(_without_surrogates(response))


async def encode_long(response: Mapping[str, Any]) -> bytes:
    """As `encode`; long lists in pieces, between which other requests have their turn.

    Raises also HTTPRefusal 422 for more than MOST_BYTES.
    """
    if not _is_long(response, _NESTED):
        data = encode(response)
        _refuse_excess(len(data))
        return data
    pieces, total, since = [], 0, 0
    for piece in _pieces(response, _NESTED):
        pieces.append(piece)
        total += len(piece)
        _refuse_excess(total)
        if total - since > _AT_ONCE:
            since = total
            await asyncio.sleep(0)
    return b"".join(pieces)


def _refuse_excess(size: int) -> None:
    if size > MOST_BYTES:
        raise result_excess("bytes", MOST_BYTES)


def _is_long(value: Any, nested: int) -> bool:
    """Whether there is a long list in it, so far down as lists of an operation's own are."""
    if type(value) is list:
        return len(value) > _GROUP
    if type(value) is not dict or not nested:
        return False
    for part in value.values():
        kind = type(part)
        if (kind is dict or kind is list) and _is_long(part, nested - 1):
            return True
    return False


def _pieces(value: Any, nested: int) -> Iterator[bytes]:
    if not _is_long(value, nested):
        yield encode(value)
    elif type(value) is list:
        for start in range(0, len(value), _GROUP):
            yield (b"," if start else b"[") + encode(value[start : start + _GROUP])[1:-1]
        yield b"]"
    else:
        for number, (key, part) in enumerate(value.items()):
            yield (b"," if number else b"{") + encode(key) + b":"
            yield from _pieces(part, nested - 1)
        yield b"}"


def extended(data: bytes, extensions: Mapping[str, Any]) -> bytes:
    """An encoded response `{"data": …}` with an `extensions` entry behind it."""
    return data[:-1] + b',"extensions":' + encode(extensions) + b"}" if extensions else data


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, Mapping):
        return {_without_surrogates(key): _without_surrogates(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_without_surrogates(item) for item in value]
    return value


async def send(send_message: Send, answer: Answer) -> None:
    """Send an answer with its length; the server drops the body of an answer to HEAD."""
    headers = [*_COMMON, *((name.encode(), value.encode()) for name, value in answer.headers.items())]
    if "cache-control" not in answer.headers:
        headers.append(_UNKEPT)
    if answer.body:
        headers.append((b"content-type", f"{answer.media_type}; charset=utf-8".encode()))
        headers.append((b"content-length", b"%d" % len(answer.body)))
    await send_message({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send_message({"type": "http.response.body", "body": answer.body})

"""Writes requests to one department as bytes (RFC 9112), and refuses what would become another request."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from urllib.parse import quote

from adapters.contract.transport import Request
from adapters.runtime.http.dial import proxy_authorization
from adapters.runtime.http.endpoint import PATH, Origin

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
OURS = frozenset(
    {"connection", "content-length", "expect", "host", "proxy-authorization", "te", "trailer", "transfer-encoding"}
    | {"upgrade", "user-agent"}
)
"""Header fields that say where a message ends, where it goes and who sends it: not an adapter's business."""
_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*+")
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")


class RequestWriter:
    """Writes requests to an origin. A proxy wants the whole address in each (RFC 9112, 3.2.2)."""

    def __init__(self, origin: Origin, proxy: Origin | None) -> None:
        absolute = proxy is not None and origin.scheme == "http"
        self._base = f"{origin.scheme}://{origin.authority}{origin.path}" if absolute else origin.path
        self._root = "" if origin.path else "/"
        authorization = proxy_authorization(proxy) if proxy and absolute else ""
        self._start = f" HTTP/1.1\r\nhost: {origin.authority}\r\nuser-agent: citygate\r\n{authorization}"

    def write(self, request: Request, trace: Mapping[str, str]) -> bytes:
        """Raises: ValueError for a path that is not percent-encoded and for header fields that are none."""
        method, body = request.method, request.body
        if method not in METHODS:
            raise ValueError(f"{method!r} is not a method that is sent to departments")
        length = f"content-length: {len(body or b'')}\r\n" if body is not None or method in WITH_BODY else ""
        fields = _fields({**request.headers, **trace} if trace else request.headers)
        head = f"{method} {self.target(request)}{self._start}{fields}{length}\r\n".encode()
        return head + body if body else head

    def target(self, request: Request) -> str:
        """The request target. Raises: ValueError for a path that is not percent-encoded."""
        path = request.path
        if not PATH.fullmatch(path):
            raise ValueError("a request's path must begin with / and be percent-encoded")
        query = f"?{_query(request.query)}" if request.query else ""
        return f"{self._base}{path or self._root}{query}"


def _query(pairs: Iterable[tuple[str, str]]) -> str:
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in pairs])


def _quoted(text: str) -> str:
    return text if _UNRESERVED.fullmatch(text) else quote(text, safe="")


def _fields(headers: Mapping[str, str]) -> str:
    if _CONTROL.search("".join(headers.values())):
        name = next(name for name, value in headers.items() if _CONTROL.search(value))
        raise ValueError(f"header field {name!r} has a control character in its value")
    return "".join([f"{_named(name)}{value}\r\n" for name, value in headers.items()])


@lru_cache(maxsize=512)
def _named(name: str) -> str:
    if not _TOKEN.fullmatch(name) or name.lower() in OURS:
        raise ValueError(f"{name!r} is not a header field that an adapter sends")
    return f"{name}: "

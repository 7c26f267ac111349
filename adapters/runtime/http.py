"""The one door to the network: a session for all departments, and a transport for each."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from aiohttp.http_exceptions import ContentEncodingError
from opentelemetry.trace import SpanKind, Status, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from yarl import URL

from adapters.contract.errors import BadReply, Interrupted, Unavailable
from adapters.contract.transport import Reply, Request
from adapters.contract.yaml_file import Misconfigured

LARGEST_REPLY = 8 * 1024 * 1024
IDLE_SECONDS = 4.0
"""Shorter than the 5 seconds after which common servers close an idle connection."""
CHUNK = 64 * 1024
REPEATABLE = frozenset({"GET", "HEAD"})
_TRACE_CONTEXT = TraceContextTextMapPropagator()
_PATH = re.compile(r"(/([A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*)?")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a department is: `address` has scheme, host, port and perhaps a path; TLS files are PEM paths."""

    department: str
    address: str
    connections: int = 64
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    proxy: str | None = None

    def tls(self) -> ssl.SSLContext | bool:
        """A context for private authorities and client certificates; True for the system's defaults.

        Raises: Misconfigured for a file that cannot be used, a key without its certificate, and TLS files for an
        address without TLS.
        """
        files = [each for each in (self.ca_file, self.certificate_file, self.key_file) if each]
        if not files:
            return True
        if not self.address.startswith("https://"):
            raise Misconfigured(f"{self.department}: {self.address} is not https, so {files[0]} would not be used")
        if self.key_file and not self.certificate_file:
            raise Misconfigured(f"{self.department}: key_file {self.key_file} needs its certificate_file")
        for file in files:
            if not Path(file).is_file():
                raise Misconfigured(f"{self.department}: there is no TLS file {file}")
        try:
            return self._context()
        except (OSError, ValueError) as exc:
            raise Misconfigured(f"{self.department}: {', '.join(files)} do not make a TLS identity") from exc

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.certificate_file:
            context.load_cert_chain(self.certificate_file, self.key_file, password=b"")
        return context


class HttpTransport:
    """`Transport` over HTTP/1.1 with kept connections. The deadline is the caller's: it cancels `send`.

    A department may close a kept connection at the very moment when it is used again. A GET (or HEAD), which
    changes nothing, is then sent once more over a new connection. Anything else is sent at most once: the
    department may have acted on it, so the call ends as Interrupted.
    """

    def __init__(self, endpoint: Endpoint, tracer: Tracer) -> None:
        self._endpoint = endpoint
        self._tracer = tracer
        self._tls = endpoint.tls()
        self._session: aiohttp.ClientSession | None = None
        parts = urlsplit(endpoint.address)
        self._attributes: dict[str, str | int] = {
            "citygate.department": endpoint.department,
            "server.address": parts.hostname or "",
            "server.port": parts.port or (443 if parts.scheme == "https" else 80),
        }

    async def send(self, request: Request) -> Reply:
        """As the contract says. Raises also: ValueError for a path that is not percent-encoded."""
        with self._tracer.start_as_current_span(
            f"{request.method} {self._endpoint.department}",
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, "http.request.method": request.method},
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            try:
                reply = await self._exchange(request)
            except (Unavailable, BadReply) as exc:
                span.set_attribute("error.type", type(exc).__name__)
                span.set_status(Status(StatusCode.ERROR))
                raise
            span.set_attribute("http.response.status_code", reply.status)
            if reply.status >= 500:
                span.set_status(Status(StatusCode.ERROR))
            return reply

    async def _exchange(self, request: Request) -> Reply:
        headers = dict(request.headers)
        _TRACE_CONTEXT.inject(headers)
        try:
            async with self._open().request(
                request.method, self._url(request), headers=headers, data=request.body, allow_redirects=False
            ) as response:
                body = await _read_bounded(response)
        except (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError) as exc:
            raise Unavailable("no connection to the department") from exc
        except (aiohttp.ClientResponseError, aiohttp.InvalidURL) as exc:
            raise BadReply("the department's answer is not HTTP") from exc
        except (aiohttp.ClientError, OSError) as exc:
            if isinstance(exc.__cause__, ContentEncodingError):
                raise BadReply("the department's answer is not encoded as it says") from exc
            raise Interrupted("the connection to the department broke") from exc
        replied = {name.lower(): value for name, value in response.headers.items()}
        return Reply(status=response.status, headers=replied, body=body)

    def _url(self, request: Request) -> URL:
        if not _PATH.fullmatch(request.path):
            raise ValueError("a request's path must begin with / and be percent-encoded")
        query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
        return URL(f"{self._endpoint.address.rstrip('/')}{request.path}{query}", encoded=True)

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self._endpoint.connections, keepalive_timeout=IDLE_SECONDS, ssl=self._tls
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                proxy=self._endpoint.proxy,
                headers={"user-agent": "citygate"},
                middlewares=(_at_most_once,),
            )
        return self._session

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


async def _at_most_once(request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """aiohttp repeats PUT and DELETE too, as RFC 9110 (9.2.2) permits; a department's may not be that idempotent."""
    try:
        return await send(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as exc:
        if request.method in REPEATABLE:
            raise
        raise Interrupted("the connection to the department broke") from exc


async def _read_bounded(response: aiohttp.ClientResponse) -> bytes:
    if (response.content_length or 0) > LARGEST_REPLY:
        raise BadReply(f"the reply is larger than {LARGEST_REPLY} bytes")
    body = bytearray()
    async for chunk in response.content.iter_chunked(CHUNK):
        body += chunk
        if len(body) > LARGEST_REPLY:
            raise BadReply(f"the reply is larger than {LARGEST_REPLY} bytes")
    return bytes(body)

"""`Transport` over HTTP: a span for each request, and errors by what the caller can do."""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from typing import Any, NamedTuple, Self

from opentelemetry.trace import (
    INVALID_SPAN_CONTEXT,
    Span,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    get_current_span,
)

from adapters.contract.errors import BadReply, Unavailable
from adapters.contract.transport import Reply, Request
from adapters.runtime.http.dial import Dial
from adapters.runtime.http.endpoint import Endpoint
from adapters.runtime.http.pool import Pool
from adapters.runtime.http.request import RequestWriter


class HttpTransport:
    """`Transport` over HTTP/1.1 with kept connections. The deadline is the caller's: it cancels `send`.

    Redirects are replies like others, and cookies are not kept. See `Pool` for what may be sent twice.
    """

    def __init__(self, endpoint: Endpoint, tracer: Tracer) -> None:
        """Raises: Misconfigured."""
        origin = endpoint.origin()
        self._department = endpoint.department
        self._tracer = tracer
        self._writer = RequestWriter(origin, endpoint.proxy_origin())
        self._pool = Pool(Dial(endpoint), endpoint.connections)
        self._attributes: dict[str, str | int] = {
            "citygate.department": endpoint.department,
            "server.address": origin.host,
            "server.port": origin.port,
        }

    def send(self, request: Request) -> Coroutine[Any, Any, Reply]:
        """As the contract says. Raises also: ValueError for a path or a header field that cannot be sent."""
        parent = _trace_of(get_current_span())
        if not parent.sampled:  # nor would its children be
            return self._pool.exchange(request.method, self._writer.write(request, parent.headers))
        return self._send_traced(request)

    async def _send_traced(self, request: Request) -> Reply:
        span = self._tracer.start_span(
            f"{request.method} {self._department}",
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, "http.request.method": request.method},
        )
        try:
            reply = await self._pool.exchange(request.method, self._writer.write(request, _trace_of(span).headers))
        except (Unavailable, BadReply) as exc:
            span.set_attribute("error.type", type(exc).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        else:
            span.set_attribute("http.response.status_code", reply.status)
            if reply.status >= 500:
                span.set_status(Status(StatusCode.ERROR))
            return reply
        finally:
            span.end()

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()


class _Trace(NamedTuple):
    """What a span says to departments, and whether spans are made inside of it."""

    context: SpanContext
    sampled: bool
    headers: Mapping[str, str]


_last = _Trace(INVALID_SPAN_CONTEXT, sampled=True, headers={})


def _trace_of(span: Span) -> _Trace:
    """The last one is remembered: a request's calls mostly leave one after the other."""
    global _last  # noqa: PLW0603
    context = span.get_span_context()
    if _last.context is not context:
        sampled = span.is_recording() or not context.is_valid
        _last = _Trace(context, sampled, _headers_of(context))
    return _last


def _headers_of(context: SpanContext) -> dict[str, str]:
    """`traceparent` and `tracestate` (W3C Trace Context), and never baggage: what is in there stays here."""
    if not context.is_valid:
        return {}
    headers = {"traceparent": f"00-{context.trace_id:032x}-{context.span_id:016x}-{context.trace_flags:02x}"}
    if context.trace_state:
        headers["tracestate"] = context.trace_state.to_header()
    return headers

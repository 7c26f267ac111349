"""One server span per request, and its trace id in the answer's headers."""

from __future__ import annotations

from collections.abc import Mapping

from opentelemetry.trace import Span, Status, StatusCode
from opentelemetry.util.types import AttributeValue
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.spans import current
from gateway.telemetry import Telemetry, trace_id

HEADER = b"x-trace-id"


class TelemetryMiddleware:
    """Traces the requests to one route. The running request's span is current while the inner app works."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, route: str) -> None:
        self._app, self._telemetry, self._route = app, telemetry, route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not self._telemetry.traces_requests:
            await self._app(scope, receive, send)
            return
        name, attributes = server_span(scope["method"], self._route)
        span = self._telemetry.start_request(name, _trace_context(scope), attributes)
        with current(span):
            await self._app(scope, receive, _noting(span, send))


def server_span(method: str, route: str) -> tuple[str, dict[str, AttributeValue]]:
    """Name and first attributes of a request's span."""
    return f"{method} {route}", {"http.request.method": method, "http.route": route}


def _trace_context(scope: Scope) -> Mapping[str, str]:
    for name, value in scope["headers"]:
        if name == b"traceparent":
            return {"traceparent": value.decode("latin-1")}
    return {}


def _noting(span: Span, send: Send) -> Send:
    identifier = trace_id(span)

    async def noting(message: Message) -> None:
        if message["type"] == "http.response.start":
            span.set_attribute("http.response.status_code", message["status"])
            if message["status"] >= 500:
                span.set_status(Status(StatusCode.ERROR))
            if identifier:
                message["headers"] = [*message.get("headers", ()), (HEADER, identifier.encode())]
        await send(message)

    return noting

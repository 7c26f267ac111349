"""One server span per request, and its trace id in the answer's headers."""

from __future__ import annotations

from opentelemetry.trace import Span, Status, StatusCode, use_span
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.telemetry import Telemetry, trace_id

HEADER = b"x-trace-id"


class TelemetryMiddleware:
    """Traces the requests to one route. The running request's span is current while the inner app works."""

    def __init__(self, app: ASGIApp, telemetry: Telemetry, route: str) -> None:
        self._app, self._telemetry, self._route = app, telemetry, route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        span = self._telemetry.start_request(f"{scope['method']} {self._route}", headers)
        span.set_attribute("http.request.method", scope["method"])
        span.set_attribute("http.route", self._route)
        with use_span(span, end_on_exit=True, record_exception=False):
            await self._app(scope, receive, _noting(span, send))


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

"""A real OTLP/HTTP receiver that keeps what it is sent, as bytes and decoded."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from tests.servers.loopback import Answer, Loopback, running


class Receiver(Loopback):
    """The receiver of one collector; `url` is as in OTEL_EXPORTER_OTLP_ENDPOINT."""

    def __init__(self) -> None:
        super().__init__(_Collect)
        self.requests: list[ExportTraceServiceRequest] = []
        self.bodies: list[bytes] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []

    @property
    def spans(self) -> list[Any]:
        """All spans that came."""
        resources = [resource for request in self.requests for resource in request.resource_spans]
        return [span for resource in resources for scope in resource.scope_spans for span in scope.spans]


class _Collect(Answer):
    server: Receiver

    def do_POST(self) -> None:
        body = self.body()
        self.server.bodies.append(body)
        self.server.requests.append(ExportTraceServiceRequest.FromString(body))
        self.server.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server.paths.append(self.path)
        self.send(200, "application/x-protobuf", ExportTraceServiceResponse().SerializeToString())


def receiving() -> AbstractContextManager[Receiver]:
    """A running receiver."""
    return running(Receiver())

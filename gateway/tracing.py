"""Spans of one operation and of the resolvers that ask departments."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
)
from graphql.pyutils import Path
from graphql.utilities import get_operation_ast
from opentelemetry.trace import NoOpTracer, Status, StatusCode, Tracer, get_current_span
from opentelemetry.util.types import AttributeValue

from gateway.graphql.around import Around
from gateway.graphql.guards import behind
from gateway.graphql.operation import Executor
from gateway.redaction import Redactor
from gateway.settings import Settings
from gateway.spans import LeanTracer
from gateway.telemetry import TelemetrySettings, trace_id


def telemetry_settings(settings: Settings) -> TelemetrySettings:
    """Where spans go, as the configuration says."""
    tracing = settings.gateway.telemetry
    return TelemetrySettings(
        otlp_endpoint=tracing.otlp_endpoint, sample_ratio=tracing.sample_ratio, keep_traces=tracing.keep
    )


def trace_extension() -> dict[str, str]:
    """The running request's trace id, as the `extensions` of an answer have it; nothing when it is not traced."""
    identifier = trace_id(get_current_span())
    return {"traceId": identifier} if identifier else {}


class TracedExecutor:
    """An executor whose every operation has a span with its type, its document and its variables, redacted."""

    def __init__(self, inner: Executor, tracer: Tracer, redactor: Redactor) -> None:
        self._inner = inner
        self._tracer = tracer
        self._redactor = redactor
        self._is_idle = _idleness(tracer)

    async def execute(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        *,
        context: Any,
        variables: Mapping[str, Any],
        operation_name: str | None,
    ) -> ExecutionResult:
        """As `Executor` says."""
        if self._is_idle():
            result = await self._inner.execute(
                schema, document, context=context, variables=variables, operation_name=operation_name
            )
            if result.errors:
                get_current_span().set_attribute("graphql.errors.count", len(result.errors))
            return result
        operation = get_operation_ast(document, operation_name)
        kind = operation.operation.value if operation else "query"
        name = operation.name.value if operation and operation.name else "anonymous"
        request_span = get_current_span()
        with self._tracer.start_as_current_span(f"{kind} {name}", record_exception=False) as span:
            span.set_attribute("graphql.operation.type", kind)
            span.set_attribute("graphql.operation.name", name)
            if operation is not None:
                span.set_attributes(self._seen(document, operation, variables))
            result = await self._inner.execute(
                schema, document, context=context, variables=variables, operation_name=operation_name
            )
            if result.errors:
                request_span.set_attribute("graphql.errors.count", len(result.errors))
                span.set_attribute("graphql.errors.count", len(result.errors))
                span.set_status(Status(StatusCode.ERROR))
            return result

    def _seen(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> dict[str, AttributeValue]:
        """Document and variables as they may be seen.

        The digest is that by which clients name the document, unless something in it is masked: what is hidden could
        be found out from that one by trying.
        """
        masked = self._redactor.document(document)
        text = document.loc.source.body if masked.whole and document.loc else masked.text
        return {
            "graphql.document": masked.text,
            "graphql.document.digest": _digest(text),
            "graphql.variables": self._redactor.variables(document, operation, variables),
        }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def trace_resolvers(schema: GraphQLSchema, tracer: Tracer) -> None:
    """Give every field whose resolver may wait a span of its own, named `Type.field`, outside of lists.

    Leaves have none, and neither has each row of a list: what their resolvers ask for together is one call's span.
    """
    is_idle = _idleness(tracer)
    for type_name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLObjectType) and not type_name.startswith("__"):
            for name, field in kind.fields.items():
                inner = behind(field)
                definition = inner.extensions.get("strawberry-definition")
                if inner.resolve is not None and definition is not None and definition.is_async:
                    inner.resolve = Around(_traced(f"{type_name}.{name}", tracer), inner.resolve, is_idle)


def _idleness(tracer: Tracer) -> Callable[[], bool]:
    """What tells whether a tracer makes no span now."""
    return tracer.is_idle if isinstance(tracer, LeanTracer) else partial(isinstance, tracer, NoOpTracer)


def _in_list(path: Path | None) -> bool:
    while path is not None:
        if isinstance(path.key, int):
            return True
        path = path.prev
    return False


def _traced(coordinates: str, tracer: Tracer) -> Callable[..., Awaitable[Any]]:
    attributes = {"graphql.field.coordinates": coordinates}

    async def traced(path: Path, call: Callable[..., Any], /, *arguments: Any, **named: Any) -> Any:
        if _in_list(path):
            found = call(*arguments, **named)
            return await found if inspect.isawaitable(found) else found
        with tracer.start_as_current_span(coordinates, attributes=attributes, record_exception=False):
            found = call(*arguments, **named)
            return await found if inspect.isawaitable(found) else found

    return traced

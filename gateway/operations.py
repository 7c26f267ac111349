"""What executes an operation, as the settings say: the schema, its limits, who may act for whom, the compiler."""

from __future__ import annotations

from opentelemetry.trace import Tracer

from gateway.costs import ChargesAt, prices
from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings as Compiling
from gateway.graphql.lookup import Policy
from gateway.graphql.operation import Executor, Operations, ReferenceExecutor
from gateway.graphql.persisted import SharedDocuments
from gateway.redaction import Redactor
from gateway.representation import RepresentingExecutor
from gateway.schema import build_schema, graphql_schema
from gateway.settings import Settings
from gateway.tracing import TracedExecutor, trace_resolvers


def operations(settings: Settings, tracer: Tracer, shared: SharedDocuments, charges_of: ChargesAt) -> Operations:
    """The schema's operations; `shared` holds the documents that clients register."""
    graphql = settings.gateway.graphql
    schema = graphql_schema(build_schema())
    trace_resolvers(schema, tracer)
    return Operations(
        schema,
        executor=TracedExecutor(RepresentingExecutor(_executor(settings)), tracer, Redactor(schema)),
        limits=graphql.limits,
        suggestions=graphql.suggestions,
        policy=Policy(
            accepted=graphql.documents,
            trusted=settings.trusted_documents(),
            introspection=graphql.introspection,
            shared=shared,
        ),
        prices=prices(charges_of),
    )


def _executor(settings: Settings) -> Executor:
    reference = ReferenceExecutor(settings.gateway.graphql.suggestions)
    if not settings.gateway.graphql.compile:
        return reference
    return CompiledExecutor(reference, Compiling(hide_suggestions=not settings.gateway.graphql.suggestions))

"""The only module that constructs: telemetry, store, transports, departments, identities, the GraphQL endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec
from opentelemetry.trace import Tracer, get_current_span
from starlette.types import Scope

from adapters.contract.city import Caller
from adapters.contract.manifest import seconds
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime import registry
from adapters.runtime.answers import AnswerCache
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.replay import Replays
from adapters.runtime.store import Store, StoreUnavailable, open_store
from gateway.errors import ErrorTable
from gateway.graphql.answers import Answers, Asker
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.operation import Operations, ReferenceExecutor
from gateway.graphql.request import GraphQLRequest
from gateway.identity import Identities
from gateway.languages import negotiate
from gateway.login import LoginService
from gateway.schema import build_schema, graphql_schema
from gateway.secrets import options_of
from gateway.settings import Department, Settings
from gateway.telemetry import Telemetry, TelemetrySettings, trace_id
from gateway.tracing import TracedExecutor, trace_resolvers
from resolvers.common.context import Context


@dataclass(frozen=True)
class Gateway:
    """Everything that one process holds, put together."""

    settings: Settings
    telemetry: Telemetry
    store: Store
    registry: registry.Registry
    calls: Calls
    identities: Identities
    transports: Mapping[str, HttpTransport]
    login: LoginService
    endpoint: GraphQLEndpoint

    async def store_answers(self) -> bool:
        """Whether the store is there."""
        try:
            await self.store.ping()
        except StoreUnavailable:
            return False
        return True

    async def aclose(self) -> None:
        """Let go of connections, the store and the exporter."""
        await self.calls.aclose()
        for transport in self.transports.values():
            await transport.aclose()
        await self.store.aclose()
        await asyncio.to_thread(self.telemetry.close)


def build(settings: Settings) -> Gateway:
    """Put a gateway together. No department and no issuer is called: they may all be away.

    Raises: ConfigError, RegistryError, OptionError, BadStoreUrl.
    """
    telemetry = Telemetry(_telemetry_settings(settings))
    transports = _transports(settings, telemetry.tracer)
    departments = registry.connect(transports, _options(settings))
    store = open_store(settings.gateway.store)
    answers = AnswerCache(
        store,
        shared=not settings.gateway.store.startswith("memory:"),
        max_bytes=settings.gateway.graphql.answer_bytes,
    )
    calls = Calls(RecordCache(store, answers.drop), Replays(store), telemetry.tracer)
    login = _login(transports, telemetry.tracer)
    identities = _identities(settings, login)
    return Gateway(
        settings=settings,
        telemetry=telemetry,
        store=store,
        registry=departments,
        calls=calls,
        identities=identities,
        transports=transports,
        login=login,
        endpoint=_endpoint(settings, telemetry, departments, calls, identities, answers),
    )


def check(settings: Settings) -> registry.Registry:
    """The departments as `build` would connect them. Raises: what `build` raises."""
    open_store(settings.gateway.store)
    return registry.connect(_transports(settings, Telemetry(TelemetrySettings()).tracer), _options(settings))


def _transports(settings: Settings, tracer: Tracer) -> dict[str, HttpTransport]:
    return {name: _transport(name, one, tracer) for name, one in settings.departments.items()}


def _transport(name: str, department: Department, tracer: Tracer) -> HttpTransport:
    try:
        return HttpTransport(_place(name, department), tracer)
    except OSError as exc:  # an ssl.SSLError is one
        files = (department.ca_file, department.certificate_file, department.key_file)
        named = ", ".join(one for one in files if one)
        raise Misconfigured(f"{name}: the TLS files cannot be used ({named}): {exc.strerror or 'not PEM'}") from exc


def _place(name: str, department: Department) -> Endpoint:
    return Endpoint(
        department=name,
        address=department.address,
        connections=department.connections,
        ca_file=department.ca_file,
        certificate_file=department.certificate_file,
        key_file=department.key_file,
        proxy=department.proxy,
    )


def _options(settings: Settings) -> dict[str, dict[str, str]]:
    return {name: options_of(registry.manifest_of(name), one.options) for name, one in settings.departments.items()}


def _telemetry_settings(settings: Settings) -> TelemetrySettings:
    tracing = settings.gateway.telemetry
    return TelemetrySettings(
        otlp_endpoint=tracing.otlp_endpoint, sample_ratio=tracing.sample_ratio, keep_traces=tracing.keep
    )


def _login(transports: dict[str, HttpTransport], tracer: Tracer) -> LoginService:
    def connect(origin: str) -> HttpTransport:
        return transports.setdefault(f"login {origin}", HttpTransport(Endpoint("login", origin), tracer))

    return LoginService(connect)


def _identities(settings: Settings, login: LoginService) -> Identities:
    identity = settings.gateway.identity
    return Identities(
        identity.issuer,
        identity.audience,
        login.get,
        algorithms=identity.algorithms,
        leeway=seconds(identity.leeway),
    )


def _endpoint(
    settings: Settings,
    telemetry: Telemetry,
    departments: registry.Registry,
    calls: Calls,
    identities: Identities,
    answers: AnswerCache,
) -> GraphQLEndpoint:
    graphql = settings.gateway.graphql
    timeout = seconds(graphql.timeout)
    schema = graphql_schema(build_schema())
    trace_resolvers(schema, telemetry.tracer)

    async def context_for(scope: Scope, _request: GraphQLRequest) -> Context:
        viewer = await identities.viewer(_header(scope, b"authorization"))
        locale = negotiate(_header(scope, b"accept-language"))
        deadline = asyncio.get_running_loop().time() + timeout
        caller = Caller(subject=viewer.id if viewer else None, locale=locale, deadline=deadline)
        return Context(city=departments.city_for(calls, caller), viewer=viewer, locale=locale, uses=caller.uses)

    return GraphQLEndpoint(
        Operations(
            schema,
            executor=TracedExecutor(ReferenceExecutor(graphql.suggestions), telemetry.tracer),
            limits=DocumentLimits(**msgspec.structs.asdict(graphql.limits)),
            suggestions=graphql.suggestions,
        ),
        context_for=context_for,
        answers=Answers(answers, _asker) if graphql.answer_bytes else None,
        format_error=ErrorTable(departments.infos()).format,
        result_extensions=lambda _context: _trace_extension(),
        timeout=timeout + 1.0,
    )


def _asker(context: Context) -> Asker:
    return Asker(context.viewer.id if context.viewer else None, context.locale, context.uses)


def _trace_extension() -> dict[str, str]:
    identifier = trace_id(get_current_span())
    return {"traceId": identifier} if identifier else {}


def _header(scope: Scope, name: bytes) -> str | None:
    """A header's value; several lines are joined by commas (RFC 9110, 5.3), so that two credentials are none."""
    lines = [value.decode("latin-1") for each, value in scope["headers"] if each == name]
    return ", ".join(lines) if lines else None

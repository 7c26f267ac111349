"""The only module that constructs: telemetry, store, transports, departments, identities, the GraphQL endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec
from opentelemetry.trace import Tracer, get_current_span
from starlette.types import Scope

from adapters.contract.city import Caller
from adapters.contract.manifest import seconds
from adapters.contract.yaml_file import ConfigError, Misconfigured
from adapters.runtime import registry
from adapters.runtime.answers import AnswerCache
from adapters.runtime.cache import RecordCache
from adapters.runtime.call import Calls
from adapters.runtime.documents import StoredDocuments
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.ledger import (
    Desk,
    Ledger,
    LedgerUnavailable,
    Means,
    Papers,
    Patience,
    Refused,
    Unreadable,
    Worker,
    check_ledger,
    open_engine,
    open_sealer,
)
from adapters.runtime.store import Store, StoreUnavailable, open_store
from gateway.errors import ErrorTable
from gateway.graphql.answers import Answers, Asker
from gateway.graphql.compiled.executor import CompiledExecutor
from gateway.graphql.compiled.settings import Settings as Compiling
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.lookup import Policy
from gateway.graphql.operation import Executor, Operations, ReferenceExecutor
from gateway.graphql.request import GraphQLRequest
from gateway.identity import Identities
from gateway.languages import negotiate
from gateway.login import LoginService
from gateway.schema import build_schema, graphql_schema
from gateway.secrets import options_of, secret_of
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
    ledger: Ledger
    worker: Worker
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

    def start(self) -> None:
        """Begin to deliver what the ledger has."""
        self.worker.start()

    async def aclose(self) -> None:
        """Let orders under way end, and let go of connections, the stores and the exporter."""
        await self.worker.aclose()
        await self.calls.aclose()
        await self.ledger.aclose()
        for transport in self.transports.values():
            await transport.aclose()
        await self.store.aclose()
        await asyncio.to_thread(self.telemetry.close)


def build(settings: Settings) -> Gateway:
    """Put a gateway together. No department and no issuer is called: they may all be away.

    Raises: ConfigError, RegistryError, OptionError, BadStoreUrl, BadLedgerUrl, FileNotFoundError.
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
    ledger = open_ledger(settings, telemetry.tracer)
    calls = Calls(RecordCache(store, answers.drop), ledger, departments.providers.values(), telemetry.tracer)
    login = _login(transports, telemetry.tracer)
    identities = _identities(settings, login)
    return Gateway(
        settings=settings,
        telemetry=telemetry,
        store=store,
        registry=departments,
        calls=calls,
        ledger=ledger,
        worker=Worker(ledger.deliveries, keep=seconds(settings.gateway.ledger.keep)),
        identities=identities,
        transports=transports,
        login=login,
        endpoint=_endpoint(
            _operations(settings, telemetry.tracer, store),
            timeout=seconds(settings.gateway.graphql.timeout),
            departments=departments,
            calls=calls,
            identities=identities,
            answers=Answers(answers, _asker) if settings.gateway.graphql.answer_bytes else None,
        ),
    )


def check(settings: Settings) -> registry.Registry:
    """The departments as `build` would connect them. Raises: what `build` raises."""
    tracer = Telemetry(TelemetrySettings()).tracer
    _operations(settings, tracer, open_store(settings.gateway.store))
    check_ledger(ledger_url(settings), _ledger_keys(settings))
    return registry.connect(_transports(settings, tracer), _options(settings))


def open_ledger(settings: Settings, tracer: Tracer) -> Ledger:
    """The ledger that the settings name. Raises: BadLedgerUrl, OptionError."""
    chosen, url = settings.gateway.ledger, ledger_url(settings)
    papers = Papers(open_sealer(url, _ledger_keys(settings)))
    patience = Patience(attempts=chosen.attempts, give_up_after=seconds(chosen.give_up_after))
    return Ledger(Means(open_engine(url), papers, tracer, patience))


HumanDesk = Desk
DESK_REFUSALS = (Refused, Unreadable, LedgerUnavailable)
"""What the human desk raises for what an operator can mend or must know."""


def open_desk(settings: Settings) -> HumanDesk:
    """The ledger's human desk. Raises: BadLedgerUrl, OptionError."""
    url = ledger_url(settings)
    return Desk(open_engine(url), Papers(open_sealer(url, _ledger_keys(settings))))


def ledger_url(settings: Settings) -> str:
    """The ledger's URL: the configured one, or a file in the data folder."""
    return settings.gateway.ledger.url or f"sqlite://{(Path(settings.gateway.data) / 'ledger.db').absolute()}"


def _ledger_keys(settings: Settings) -> list[str]:
    return [secret_of("ledger.keys", reference) for reference in settings.gateway.ledger.keys or ()]


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


def _operations(settings: Settings, tracer: Tracer, store: Store) -> Operations:
    graphql = settings.gateway.graphql
    schema = graphql_schema(build_schema())
    trace_resolvers(schema, tracer)
    return Operations(
        schema,
        executor=TracedExecutor(_executor(settings), tracer),
        limits=DocumentLimits(**msgspec.structs.asdict(graphql.limits)),
        suggestions=graphql.suggestions,
        policy=Policy(
            accepted=graphql.documents,
            trusted=_manifest(settings),
            introspection=graphql.introspection,
            shared=StoredDocuments(store),
        ),
    )


def _executor(settings: Settings) -> Executor:
    reference = ReferenceExecutor(settings.gateway.graphql.suggestions)
    if not settings.gateway.graphql.compile:
        return reference
    return CompiledExecutor(reference, Compiling(hide_suggestions=not settings.gateway.graphql.suggestions))


def _manifest(settings: Settings) -> Path | None:
    graphql = settings.gateway.graphql
    if graphql.trusted_documents is not None:
        return settings.folder / graphql.trusted_documents
    if graphql.documents == "trusted":
        reason = "trusted documents are taken only, but graphql.trusted_documents names no manifest"
        raise ConfigError(settings.folder / "gateway.yaml", 1, "graphql.documents", reason)
    return None


def _endpoint(
    operations: Operations,
    *,
    timeout: float,
    departments: registry.Registry,
    calls: Calls,
    identities: Identities,
    answers: Answers | None,
) -> GraphQLEndpoint:
    async def context_for(scope: Scope, _request: GraphQLRequest) -> Context:
        viewer = await identities.viewer(_header(scope, b"authorization"))
        locale = negotiate(_header(scope, b"accept-language"))
        deadline = asyncio.get_running_loop().time() + timeout
        caller = Caller(subject=viewer.id if viewer else None, locale=locale, deadline=deadline)
        return Context(city=departments.city_for(calls, caller), viewer=viewer, locale=locale, uses=caller.uses)

    return GraphQLEndpoint(
        operations,
        context_for=context_for,
        answers=answers,
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

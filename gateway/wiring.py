"""What one process is made of, put together: telemetry, departments, store, ledger, identities, the GraphQL endpoint.

The only module that constructs, with `gateway.departments` and `gateway.stores` for what they are about.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from opentelemetry.trace import Tracer
from starlette.types import Scope

from adapters.contract.manifest import seconds
from adapters.runtime.answers import AnswerCache
from adapters.runtime.audit import AuditLog, check_audit, open_audit
from adapters.runtime.cache import RecordCache, forget_names
from adapters.runtime.call import Calls
from adapters.runtime.documents import StoredDocuments
from adapters.runtime.erasure import Erasures
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.ledger import (
    Desk,
    Ledger,
    LedgerUnavailable,
    Patience,
    Refused,
    Unreadable,
    Worker,
    check_ledger,
    desk_at,
    ledger_at,
)
from adapters.runtime.registry import Registry
from adapters.runtime.sharing import Shares, person_tag
from adapters.runtime.stages.guards import Guards
from adapters.runtime.store import Store, StoreUnavailable, is_shared
from gateway.access_log import AccessLog, lane_of, log_options, log_place, witness_of
from gateway.background import Background
from gateway.claims import caller_of
from gateway.departments import Transports, departments_of, registry_of, transports_of
from gateway.errors import ErrorTable
from gateway.fast_lane import FastLane
from gateway.forgetting import Memory
from gateway.freshness import freshness
from gateway.graphql.answers import Answers, Asker
from gateway.graphql.endpoint import GraphQLEndpoint
from gateway.graphql.operation import Operations
from gateway.graphql.request import GraphQLRequest
from gateway.headers import header
from gateway.identity import Identities
from gateway.languages import negotiate
from gateway.ledger_place import ledger_place
from gateway.login import LoginService
from gateway.middleware.fast_lane import leasing
from gateway.operations import operations
from gateway.rates import RateLimits
from gateway.reload import Looks
from gateway.settings import GraphQL, Settings
from gateway.stores import check_store_of, limits_of, open_store_of, revocations_in
from gateway.telemetry import Telemetry, TelemetrySettings
from gateway.tracing import telemetry_settings, trace_extension
from gateway.trust import trust_of
from resolvers.common.context import Context


@dataclass(frozen=True)
class Gateway:
    """Everything that one process holds, put together."""

    settings: Settings
    telemetry: Telemetry
    store: Store
    registry: Registry
    calls: Calls
    ledger: Ledger
    guards: Guards
    worker: Worker
    identities: Identities
    transports: Mapping[str, HttpTransport]
    login: LoginService
    endpoint: GraphQLEndpoint
    fast_lane: FastLane | None
    limits: RateLimits
    kept_answers: AnswerCache
    erasures: Background
    audit: AuditLog

    async def store_answers(self) -> bool:
        """Whether the store is there."""
        try:
            await self.store.ping()
        except StoreUnavailable:
            return False
        return True

    def start(self) -> None:
        """Begin to hear of erasures, and to deliver what the ledger has."""
        self.erasures.start()
        self.worker.start()

    async def aclose(self) -> None:
        """Let orders under way end, and let go of connections, the stores and the exporter."""
        await self.erasures.aclose()
        await self.worker.aclose()
        await self.calls.aclose()
        await self.ledger.aclose()
        await self.guards.aclose()
        for transport in self.transports.values():
            await transport.aclose()
        await self.store.aclose()
        await self.audit.aclose()
        await self.limits.aclose()
        await asyncio.to_thread(self.telemetry.close)


def build(settings: Settings) -> Gateway:
    """Put a gateway together. No department and no issuer is called: they may all be away.

    Raises: ConfigError, RegistryError, OptionError, BadStoreUrl, BadUrl, BadKeys, FileNotFoundError.
    """
    telemetry = Telemetry(telemetry_settings(settings))
    transports = transports_of(settings, telemetry.tracer)
    store, shared = open_store_of(settings), is_shared(settings.gateway.store)
    departments = departments_of(settings, transports, store if shared else None)
    provided, guards = departments.registry, departments.guards
    answers = AnswerCache(store, shared=shared, max_bytes=settings.gateway.graphql.answer_bytes)
    ledger = _ledger(settings, telemetry.tracer, guards)
    calls = Calls(RecordCache(store, answers.drop), ledger, provided.providers.values(), telemetry.tracer, guards)
    login = _login(transports, telemetry.tracer)
    identities = _identities(settings, login, store)
    answerable = operations(settings, telemetry.tracer, StoredDocuments(store), provided.charges_of)
    witness = witness_of(settings, audit := open_access_log(settings), answerable.schema)
    limits = limits_of(settings)
    fast_lane = lane_of(settings, witness, partial(calls.shares.count, "fast lane"), limits.of_peer)
    memory = Memory(answers, fast_lane, identities, limits, person_tag, forget_names)
    return Gateway(
        settings=settings,
        telemetry=telemetry,
        store=store,
        registry=provided,
        calls=calls,
        ledger=ledger,
        guards=guards,
        worker=Worker(ledger.deliveries, keep=seconds(settings.gateway.ledger.keep)),
        identities=identities,
        transports=transports,
        login=login,
        endpoint=_endpoint(
            answerable,
            settings.gateway.graphql,
            departments=provided,
            calls=calls,
            identities=identities,
            rotation=departments.looks,
            answers=_answers(settings, answers, calls.shares),
            witness=witness,
            limits=limits,
        ),
        fast_lane=fast_lane,
        limits=limits,
        audit=audit,
        kept_answers=answers,
        erasures=_erasures(store, memory, shared=shared),
    )


def check(settings: Settings) -> Registry:
    """The departments as `build` would connect them. Raises: what `build` raises."""
    tracer = Telemetry(TelemetrySettings()).tracer
    departments = registry_of(settings, transports_of(settings, tracer))
    operations(settings, tracer, StoredDocuments(check_store_of(settings)), departments.charges_of)
    check_ledger(*ledger_place(settings))
    check_audit(*log_place(settings))
    return departments


HumanDesk = Desk
DESK_REFUSALS = (Refused, Unreadable, LedgerUnavailable)
"""What the human desk raises for what an operator can mend or must know."""


def open_desk(settings: Settings) -> HumanDesk:
    """The ledger's human desk. Raises: BadUrl, OptionError."""
    return desk_at(*ledger_place(settings))


def _ledger(settings: Settings, tracer: Tracer, guards: Guards) -> Ledger:
    chosen = settings.gateway.ledger
    patience = Patience(attempts=chosen.attempts, give_up_after=seconds(chosen.give_up_after))
    return ledger_at(*ledger_place(settings), patience, tracer, guards)


def _login(transports: Transports, tracer: Tracer) -> LoginService:
    def connect(origin: str) -> HttpTransport:
        return transports.setdefault(f"login {origin}", HttpTransport(Endpoint("login", origin), tracer))

    return LoginService(connect)


def _identities(settings: Settings, login: LoginService, store: Store) -> Identities:
    shared = is_shared(settings.gateway.store)
    return Identities(trust_of(settings.gateway.identity), login.get, revocations_in(store) if shared else None)


def _endpoint(  # noqa: PLR0913  # the parts that a request meets
    answerable: Operations,
    graphql: GraphQL,
    *,
    departments: Registry,
    calls: Calls,
    identities: Identities,
    rotation: Looks,
    answers: Answers | None,
    witness: AccessLog,
    limits: RateLimits,
) -> GraphQLEndpoint:
    timeout = seconds(graphql.timeout)

    async def context_for(scope: Scope, _request: GraphQLRequest) -> Context:
        rotation.look()
        viewer = await limits.identified(scope, identities.viewer(header(scope, b"authorization")))
        locale = negotiate((header(scope, b"accept-language") or b"").decode("latin-1"))
        deadline = asyncio.get_running_loop().time() + timeout
        caller = caller_of(viewer, locale=locale, deadline=deadline)
        city = departments.city_for(calls, caller)
        return Context(city=city, viewer=viewer, locale=locale, uses=caller.uses, usages=witness.usages)

    return GraphQLEndpoint(
        answerable,
        context_for=context_for,
        answers=answers,
        note_kept=leasing(identities.still_valid, limits.said_by),
        charge=lambda scope, context, units: limits.charge(scope, context.viewer, units),
        witness=witness,
        format_error=ErrorTable(departments.infos()).format,
        result_extensions=lambda context: {**trace_extension(), **freshness(context.uses)},
        limits=graphql.http.limits(),
        timeout=timeout + 1.0,
    )


def _erasures(store: Store, memory: Memory, *, shared: bool) -> Background:
    name = f"{socket.gethostname()} process {os.getpid()}"
    return Background(Erasures(store, name, memory.forget, memory.forget_all).watch if shared else None)


def open_access_log(settings: Settings) -> AuditLog:
    """The access log that the settings name. Raises: BadUrl, OptionError."""
    return open_audit(*log_place(settings), **log_options(settings))


def _answers(settings: Settings, kept: AnswerCache, shares: Shares) -> Answers | None:
    found = Answers(kept, _asker, partial(shares.count, "whole answer"))
    return found if settings.gateway.graphql.answer_bytes else None


def _asker(context: Context) -> Asker:
    return Asker(context.viewer.audience if context.viewer else None, context.locale, context.uses)

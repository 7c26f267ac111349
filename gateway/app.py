"""The application: routes, ordered middleware, lifespan. Reading starts here.

The life of one request to `/graphql`, unless `gateway.fast_lane` has its answer already:

1. `gateway.middleware.telemetry` opens the server span; its trace id goes into the answer.
2. `gateway.graphql.endpoint` reads the request, bounded and strict (`body`, `request`), and chooses a media type.
3. `gateway.identity` tells who asks; `gateway.languages` in which language; together they make the `Context`.
4. `gateway.graphql.operation` parses, limits and validates the document, or remembers having done so.
   `gateway.graphql.answers` may have the whole answer; otherwise it is compiled, if it is not yet, and executed.
   `gateway.access_log` notes what of a person is seen, and refuses beforehand where it could not be written down.
5. A resolver in `resolvers/` asks a port; `adapters.runtime.call` holds the policy of one call to a department.
6. The department's adapter sends through `adapters.runtime.http` and maps the reply to records.
7. `gateway.errors` says what went wrong; `gateway.graphql.response` writes the answer once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.background import Background
from gateway.board import Page, alone
from gateway.console.graphiql import GraphiQLPage, wants_graphiql
from gateway.console.routes import Console, ConsoleSettings, build_console
from gateway.families import families
from gateway.fast_lane import FastLane
from gateway.graphql.masking import log_unexpected
from gateway.health import health_routes
from gateway.metrics import Exporter, metrics_route
from gateway.middleware.cors import cors
from gateway.middleware.fast_lane import FastLaneMiddleware
from gateway.middleware.telemetry import TelemetryMiddleware
from gateway.personas import sandbox_of
from gateway.settings import ROOT, Settings
from gateway.wiring import Gateway, build

ENDPOINT = "/graphql"


def build_app(settings: Settings, page: Page | None = None) -> Application:
    """The ASGI application for these settings: the endpoint, and Starlette for everything else.

    `page` is where its numbers are seen by the processes beside this one.
    Raises: ConfigError, RegistryError, OptionError, BadStoreUrl.
    """
    gateway = build(settings)
    console = _console(gateway) if settings.gateway.console.enabled else None
    answer: ASGIApp = TelemetryMiddleware(gateway.endpoint, gateway.telemetry, ENDPOINT)
    answer = cors(answer, settings.gateway.graphql.origins)
    if gateway.fast_lane is not None:
        answer = FastLaneMiddleware(answer, gateway.fast_lane, gateway.telemetry, ENDPOINT)
    endpoint = _GraphQLRoute(answer, console.graphiql if console else None)
    routes: list[BaseRoute] = [
        Route(ENDPOINT, endpoint),  # for its redirect of `/graphql/`; the path itself does not come so far
        *health_routes(
            {"store": gateway.store_answers, "ledger": gateway.ledger.answers, "audit": gateway.audit.answers},
            {name: one.address for name, one in settings.departments.items()},
        ),
        *(console.routes if console else ()),
    ]
    numbers = Exporter(families(gateway), page or alone())
    routes.append(metrics_route(numbers.text))
    pages = Starlette(routes=routes, lifespan=_lifespan_of(gateway, Background(numbers.keep_published)))
    return Application(endpoint, pages, gateway.fast_lane)


class Application:
    """The endpoint's own path goes to the endpoint, past the routing and the middleware of the pages.

    A server that can asks `fast_lane` first.
    """

    def __init__(self, endpoint: ASGIApp, pages: ASGIApp, fast_lane: FastLane | None) -> None:
        self._endpoint, self._pages = endpoint, pages
        self.fast_lane = fast_lane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or run the lifespan."""
        hot = scope["type"] == "http" and scope["path"] == ENDPOINT
        await (self._endpoint if hot else self._pages)(scope, receive, send)


class _GraphQLRoute:
    """The endpoint for clients, and GraphiQL for a browser that opens the endpoint's address."""

    def __init__(self, endpoint: ASGIApp, page: GraphiQLPage | None) -> None:
        self._endpoint, self._page = endpoint, page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._page is not None and scope["method"] == "GET" and wants_graphiql(request := Request(scope)):
            await (await self._page.respond(request))(scope, receive, send)
            return
        await self._endpoint(scope, receive, send)


def _console(gateway: Gateway) -> Console:
    settings = gateway.settings
    return build_console(
        ConsoleSettings(
            examples=ROOT / settings.gateway.console.examples,
            endpoint=ENDPOINT,
            departments={info.name: {"en": info.title_en, "zh-CN": info.title_zh} for info in gateway.registry.infos()},
        ),
        traces=gateway.telemetry.traces if settings.gateway.telemetry.keep else None,
        sandbox=sandbox_of(settings.sandbox_issuer, gateway.login) if settings.sandbox_issuer else None,
    )


def _lifespan_of(gateway: Gateway, publishing: Background) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        try:
            gateway.start()
            publishing.start()
            try:
                yield
            finally:
                await publishing.aclose()
                await gateway.aclose()
        except Exception as error:
            log_unexpected(error)  # what the server says of it is no more than that it failed
            raise

    return lifespan

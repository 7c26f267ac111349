"""A small gateway for the console's tests: a real schema, real spans, an issuer that forgets nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvicorn
from graphql import build_schema, graphql
from opentelemetry import trace
from opentelemetry.trace import SpanKind, StatusCode
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.console.graphiql import wants_graphiql
from gateway.console.personas import IssuerUnavailable, PersonaUnknown, Sandbox
from gateway.console.routes import ConsoleSettings, build_console
from gateway.telemetry import Telemetry, TelemetrySettings, trace_id

EXAMPLES = Path(__file__).parent / "examples"
PERSONAS = [
    {
        "name": "entrepreneur",
        "title": {"en": "Entrepreneur", "zh-CN": "创业者"},
        "description": {"en": "Runs a noodle shop", "zh-CN": "经营面馆"},
    },
    {
        "name": "resident",
        "title": {"en": "Resident", "zh-CN": "居民"},
        "description": {"en": "Lives in Guanshan", "zh-CN": "住在关山"},
    },
]
DEPARTMENTS = {
    "service_centre": {"en": "Service centre", "zh-CN": "政务服务中心"},
    "tax": {"en": "Taxation", "zh-CN": "税务局"},
    "civil_affairs": {"en": "Civil affairs", "zh-CN": "民政局"},
}
SCHEMA = build_schema(
    """
    type Query {
      "Says hello"
      greeting(polite: Boolean!): String
      "The person who asks"
      viewer: Viewer
    }
    type Viewer {
      name: String
      appointments: [Appointment!]!
      "What is due and when"
      taxAccount: TaxAccount
    }
    type Appointment { office: String! start: String! }
    type TaxAccount { due: String }
    """
)


@dataclass
class SmallCity:
    """The application, and what it was asked with."""

    telemetry: Telemetry = field(default_factory=lambda: Telemetry(TelemetrySettings()))
    issuer_runs: bool = True
    expires_in: int = 300
    issued: list[str] = field(default_factory=list)
    asked: list[tuple[str | None, str | None]] = field(default_factory=list)

    def app(self) -> Starlette:
        console = build_console(
            ConsoleSettings(examples=EXAMPLES, departments=DEPARTMENTS),
            traces=self.telemetry.traces,
            sandbox=Sandbox(self._personas, self._issue_token),
        )

        async def endpoint(request: Request) -> Response:
            if wants_graphiql(request):
                return await console.graphiql.respond(request)
            return await self._graphql(request)

        return Starlette(routes=[Route("/graphql", endpoint, methods=["GET", "POST"]), *console.routes])

    async def _personas(self) -> list[dict]:
        if not self.issuer_runs:
            raise IssuerUnavailable
        return PERSONAS

    async def _issue_token(self, persona: str) -> dict:
        if not self.issuer_runs:
            raise IssuerUnavailable
        if persona not in {each["name"] for each in PERSONAS}:
            raise PersonaUnknown
        self.issued.append(persona)
        return {"access_token": f"token-of-{persona}", "expires_in": self.expires_in, "sub": "not for the page"}

    async def _graphql(self, request: Request) -> Response:
        body = await request.json()
        language = request.headers.get("accept-language", "")
        persona = request.headers.get("authorization", "").removeprefix("Bearer token-of-")
        if body.get("operationName") == "IntrospectionQuery":
            return JSONResponse((await graphql(SCHEMA, body["query"])).formatted)
        self.asked.append((request.headers.get("authorization"), language))
        root = self.telemetry.start_request("POST /graphql", request.headers)
        with trace.use_span(root, end_on_exit=True):
            root.set_attributes({"graphql.operation.type": "query", "http.response.status_code": 200})
            if body.get("operationName"):
                root.set_attribute("graphql.operation.name", body["operationName"])
            data = _City(self.telemetry, persona, language)
            result = await graphql(
                SCHEMA,
                body["query"],
                data,
                variable_values=body.get("variables"),
                operation_name=body.get("operationName"),
            )
        return JSONResponse({**result.formatted, "extensions": {"traceId": trace_id(root)}})


@dataclass
class _City:
    telemetry: Telemetry
    persona: str
    language: str

    def greeting(self, _info, polite: bool) -> str:
        return ("您好" if polite else "嗨") if self.language.startswith("zh") else ("Good day" if polite else "Hi")

    async def viewer(self, _info) -> dict:
        with self.telemetry.tracer.start_as_current_span("Query.viewer"):
            name, appointments, tax = await asyncio.gather(self._name(), self._appointments(), self._tax())
        return {"name": name, "appointments": appointments, "taxAccount": tax}

    async def _name(self) -> str:
        with self._call("civil_affairs", "persons.by_number", "HTTP BRP", cache="hit"):
            return self.persona or "nobody"

    async def _appointments(self) -> list[dict]:
        with self.telemetry.tracer.start_as_current_span("Viewer.appointments"):
            with self._call("service_centre", "appointments.by_person", "ZMS REST", cache="miss") as span:
                await self._exchange("service_centre", seconds=0.012, status=200)
                span.set_attribute("citygate.records.count", 1)
            return [{"office": "光谷政务服务中心", "start": "2026-12-01T09:30+08:00"}]

    async def _tax(self) -> None:
        with (
            self.telemetry.tracer.start_as_current_span("Viewer.taxAccount"),
            self._call("tax", "accounts.by_person", "HMRC REST", cache="miss") as span,
        ):
            await self._exchange("tax", seconds=0.01, status=503)
            await self._exchange("tax", seconds=0.02, status=504)
            span.set_attribute("citygate.error.code", "TAX_TIMED_OUT")
            span.set_status(StatusCode.ERROR)

    def _call(self, department: str, operation: str, protocol: str, *, cache: str):
        return self.telemetry.tracer.start_as_current_span(
            f"{department} {operation}",
            attributes={
                "citygate.department": department,
                "citygate.operation": operation,
                "citygate.protocol": protocol,
                "citygate.cache": cache,
                "citygate.keys.count": 1,
            },
        )

    async def _exchange(self, department: str, *, seconds: float, status: int) -> None:
        with self.telemetry.tracer.start_as_current_span(f"GET {department}", kind=SpanKind.CLIENT) as span:
            span.set_attributes({"citygate.department": department, "server.address": "127.0.0.1"})
            await asyncio.sleep(seconds)
            span.set_attribute("http.response.status_code", status)
            if status >= 500:
                span.set_status(StatusCode.ERROR)


@asynccontextmanager
async def serving(app: Starlette) -> AsyncIterator[str]:
    """Serve the application on a free port of this machine; gives its address."""
    server = uvicorn.Server(uvicorn.Config(app, port=0, ws="none", lifespan="off", log_level="warning"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server ended before it started"
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running

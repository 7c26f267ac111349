"""The ASGI application of a department server: count the call, play the scenario, answer."""

import asyncio
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from sandbox.kit.control import control_routes
from sandbox.kit.department import Call, Department, Handler, Operation
from sandbox.kit.journal import Journal
from sandbox.kit.misbehave import close_connection, garbled, hang
from sandbox.kit.scenario import HEADER, Kind, Scenario, ScenarioError
from sandbox.kit.stage import Stage

LARGEST_BODY = 10 * 1024 * 1024
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def asgi(department: Department) -> Starlette:
    """Builds the application of `department`: its operations, then `/_sandbox`, then its own "not found"."""
    server = _Server(department)
    routes = [server.route(operation) for operation in department.operations]
    unmatched = Operation("unmatched", "", "/{path:path}", department.unmatched)
    routes += control_routes(department, server.journal, server.stage)
    routes.append(Route(unmatched.path, server.endpoint(unmatched), methods=_METHODS))
    app = Starlette(routes=routes, max_body_size=LARGEST_BODY)
    app.state.journal = server.journal
    return app


class _Server:
    def __init__(self, department: Department) -> None:
        self._faults = department.faults
        self.journal = Journal()
        self.stage = Stage()

    def route(self, operation: Operation) -> Route:
        return Route(operation.path, self.endpoint(operation), methods=[operation.method])

    def endpoint(self, operation: Operation) -> Handler:
        async def endpoint(request: Request) -> Response:
            body = await request.body()
            name = await operation.named(request)
            request.scope["sandbox.operation"] = name
            self.journal.count(name, request, token=operation.token)
            try:
                scenario = self._scenario(request, name)
            except ScenarioError as exc:
                return PlainTextResponse(f"{HEADER}: {exc}", status_code=400)
            if scenario is None:
                return await operation.handler(request)
            return await self._play(scenario, Call(request, name, body), operation.handler)

        return endpoint

    def _scenario(self, request: Request, operation: str) -> Scenario | None:
        header = request.headers.get(HEADER)
        return Scenario.from_header(header) if header else self.stage.take(operation)

    async def _play(self, scenario: Scenario, call: Call, handler: Handler) -> Response:
        match scenario.kind:
            case Kind.ERROR:
                return self._faults.error(call)
            case Kind.INNER_FAULT:
                return self._faults.inner_fault(call)
            case Kind.MAINTENANCE:
                until = datetime.now(UTC) + timedelta(seconds=scenario.seconds)
                return self._faults.maintenance(call, until)
            case Kind.QUOTA:
                return await self._within_quota(scenario, call, handler)
            case _:
                return await _play_generic(scenario, call.request, handler)

    async def _within_quota(self, scenario: Scenario, call: Call, handler: Handler) -> Response:
        quota = self.stage.quota(scenario)
        if quota.admit():
            response = await handler(call.request)
        else:
            response = self._faults.quota(call, int(quota.headers()["RateLimit-Reset"]))
        response.headers.update(quota.headers())
        return response


async def _play_generic(scenario: Scenario, request: Request, handler: Handler) -> Response:
    match scenario.kind:
        case Kind.SLOW:
            await asyncio.sleep(scenario.seconds)
            return await handler(request)
        case Kind.HANG:
            return await hang(request)
        case Kind.JUNK:
            return garbled(await handler(request))
        case Kind.LOST_ANSWER:
            await handler(request)
            return await close_connection(request)
        case _:
            return await close_connection(request)

"""The control endpoints under `/_sandbox`: scenario, counters, usage, reset, health."""

import json
from dataclasses import asdict

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kit.department import Department
from sandbox.kit.journal import Journal
from sandbox.kit.scenario import Scenario, ScenarioError
from sandbox.kit.stage import Stage


def control_routes(department: Department, journal: Journal, stage: Stage) -> list[Route]:
    """Routes that tests and people use to steer and to read a department server."""
    control = _Control(department, journal, stage)
    return [
        Route("/_sandbox/scenario", control.scenario, methods=["GET", "PUT", "DELETE"]),
        Route("/_sandbox/calls", control.calls, methods=["GET", "DELETE"]),
        Route("/_sandbox/usage", control.usage, methods=["GET"]),
        Route("/_sandbox/reset", control.reset, methods=["POST"]),
        Route("/_sandbox/health", control.health, methods=["GET"]),
    ]


class _Control:
    def __init__(self, department: Department, journal: Journal, stage: Stage) -> None:
        self._department = department
        self._journal = journal
        self._stage = stage

    async def scenario(self, request: Request) -> Response:
        if request.method == "PUT":
            try:
                self._stage.put(await _read_scenario(request))
            except ScenarioError as exc:
                return JSONResponse({"error": str(exc)}, status_code=400)
        elif request.method == "DELETE":
            operation = request.query_params.get("operation")
            if operation is None:
                self._stage.clear_all()
            else:
                self._stage.clear(operation)
        return JSONResponse({"on": [scenario.as_json() for scenario in self._stage.on()]})

    async def calls(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._journal.forget_calls()
        return JSONResponse(self._journal.counts(detail=request.query_params.get("detail") == "1"))

    async def usage(self, request: Request) -> Response:
        subject = request.query_params.get("subject")
        usages = [asdict(use) for use in self._journal.usages if subject is None or use.subject == subject]
        return JSONResponse({"totalUsages": len(usages), "usages": usages})

    async def reset(self, request: Request) -> Response:
        self._department.reset()
        self._stage.clear_all()
        self._journal.forget_calls()
        self._journal.usages.clear()
        return JSONResponse({"reset": self._department.name})

    async def health(self, request: Request) -> Response:
        return JSONResponse({"name": self._department.name, "status": "up"})


async def _read_scenario(request: Request) -> Scenario:
    try:
        fields = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise ScenarioError("the body is not JSON") from None
    if not isinstance(fields, dict):
        raise ScenarioError("the body is not a JSON object")
    return Scenario.of(fields)

"""The bureau's operations: the Registration building block's paths, each behind X-Road's envelope."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.city import City
from sandbox.departments.market_regulation.block import Block
from sandbox.departments.market_regulation.envelope import PATH, enveloped
from sandbox.departments.market_regulation.failures import BlockFaults, Refused, bad_request
from sandbox.departments.market_regulation.files import NAME
from sandbox.kit import Department, Operation, note_usage
from sandbox.kit.department import Handler

MOST_USAGES = 1000
Answer = Callable[[Request, str], Awaitable[object]]


def build(city: City) -> Department:
    """The department server."""
    desk = Desk(city)
    paths = {
        ("registrations.kinds", "GET", "/services"): desk.services,
        ("registrations.kind", "GET", "/services/{id}"): desk.service,
        ("registrations.forms", "GET", "/services/{id}/eForms"): desk.forms,
        ("registrations.form", "GET", "/eForms/{id}"): desk.form,
        ("registrations.start", "POST", "/services/{id}/applications"): desk.submit,
        ("registrations.of_person", "GET", "/applications"): desk.applications,
        ("registrations.file", "GET", "/applications/{id}"): desk.application,
        ("registrations.supplement", "PUT", "/applications/{id}"): desk.supplement,
        ("registrations.tasks", "GET", "/tasks"): desk.tasks,
        ("registrations.complete", "POST", "/tasks/{id}/complete"): desk.complete,
        ("registrations.statistics", "GET", "/data/statistics"): desk.statistics,
        ("companies.of_officer", "GET", "/companies"): desk.companies,
        ("usage.find", "GET", "/v2/findUsage"): desk.find_usage,
    }
    operations = [
        Operation(name, method, f"{PATH}{path}", enveloped(_answering(answer)))
        for (name, method, path), answer in paths.items()
    ]
    operations.append(Operation("seed", "GET", "/_sandbox/seed", desk.seed))
    return Department(NAME, BlockFaults(), operations, desk.block.reset)


def _answering(answer: Answer) -> Handler:
    async def handler(request: Request) -> Response:
        locale = request.headers.get("accept-language", "en")
        try:
            return JSONResponse(await answer(request, locale))
        except Refused as exc:
            return exc.response(locale)

    return handler


class Desk:
    """Reads requests, asks the block, logs who asked about whom."""

    def __init__(self, city: City) -> None:
        self.block = Block(city)

    async def services(self, request: Request, locale: str) -> object:
        """`GET /services?name=`."""
        name = request.query_params.get("name", "").casefold()
        found = [kind.as_service(locale) for kind in self.block.kinds.values()]
        return [each for each in found if name in str(each["name"]).casefold()]

    async def service(self, request: Request, locale: str) -> object:
        """`GET /services/{serviceId}`."""
        return self.block.kind(request.path_params["id"]).as_service(locale)

    async def forms(self, request: Request, locale: str) -> object:
        """`GET /services/{serviceId}/eForms`."""
        return [self.block.kind(request.path_params["id"]).form.listed(locale)]

    async def form(self, request: Request, locale: str) -> object:
        """`GET /eForms/{eFormId}`."""
        return self.block.form(request.path_params["id"]).full(locale)

    async def submit(self, request: Request, locale: str) -> object:
        """`POST /services/{serviceId}/applications`; a repeated X-Road-Issue answers the first file again."""
        _mediated(request)
        body = await _object(request)
        file = self.block.submit(request.path_params["id"], body, request.headers.get("x-road-issue"))
        note_usage(request, subject=file.applicant)
        return file.full(locale)

    async def applications(self, request: Request, locale: str) -> object:
        """`GET /applications`."""
        _mediated(request)
        applicant = request.query_params.get("applicantId")
        note_usage(request, subject=applicant)
        return [file.listed(locale) for file in self.block.files_of(applicant, dict(request.query_params))]

    async def application(self, request: Request, locale: str) -> object:
        """`GET /applications/{fileId}`."""
        _mediated(request)
        file = self.block.file(request.path_params["id"])
        note_usage(request, subject=file.applicant)
        return file.full(locale)

    async def supplement(self, request: Request, locale: str) -> object:
        """`PUT /applications/{fileId}`: a file that was sent back comes in again."""
        _mediated(request)
        file = self.block.supplement(request.path_params["id"], await _object(request))
        note_usage(request, subject=file.applicant)
        return file.full(locale)

    async def companies(self, request: Request, locale: str) -> object:
        """`GET /companies?officerId=`: the companies of which a person is an officer."""
        _mediated(request)
        officer = request.query_params.get("officerId")
        if not officer:
            raise bad_request("officerId")
        note_usage(request, subject=officer)
        return self.block.companies_of(officer, locale)

    async def tasks(self, request: Request, locale: str) -> object:
        """`GET /tasks?fileId=`: one task for each file that waits for the bureau."""
        return [
            {
                "taskId": file.id,
                "mainTaskId": file.id,
                "name": file.title.get(locale),
                "fileId": file.id,
                "serviceId": file.kind.id,
                "serviceName": file.kind.name.get(locale),
                "status": file.status_model(locale),
            }
            for file in self.block.waiting(request.query_params.get("fileId"))
        ]

    async def complete(self, request: Request, locale: str) -> object:
        """`POST /tasks/{taskId}/complete` with `{"data": {"decision": {"code": "APPROVED"}}}`."""
        file = self.block.decide(request.path_params["id"], await _object(request))
        return {"taskId": file.id, "fileId": file.id, "serviceId": file.kind.id, "status": file.status_model(locale)}

    async def statistics(self, request: Request, locale: str) -> object:
        """`GET /data/statistics`: what is in the files now, then what was published."""
        _mediated(request)
        return self.block.statistics()

    async def find_usage(self, request: Request, locale: str) -> object:
        """`GET /v2/findUsage?userCode=CN…&offset&limit`: who asked about a person, newest first."""
        code = request.query_params.get("userCode", "").removeprefix("CN")
        if not code:
            raise bad_request("userCode")
        offset, limit = _number(request, "offset", 0), _number(request, "limit", MOST_USAGES)
        names = ("logtime", "action", "receiverCode", "receiverName", "receiverSystem")
        total, page = request.app.state.journal.usages_of(code, offset=offset, limit=limit)
        return {
            "totalUsages": total,
            "usages": [{name: getattr(use, name) for name in names} for use in page],
        }

    async def seed(self, request: Request) -> Response:
        """`GET /_sandbox/seed`: what became of the public records."""
        return JSONResponse(self.block.seed_report())


def _mediated(request: Request) -> None:
    if request.headers.get("information-mediator-client", "").count("/") not in (2, 3):
        raise bad_request("Information-Mediator-Client")


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not text.isascii() or not text.isdigit():
        raise bad_request(name)
    return min(int(text), MOST_USAGES)


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        raise bad_request("body") from None
    if not isinstance(body, dict):
        raise bad_request("body")
    return body

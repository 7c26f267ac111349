"""The hotline's handlers: GeoReport v2 with updates, `account_id` and `attribute[reference]`."""

import hmac
from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.departments.hotline import intake, search, updating
from sandbox.departments.hotline.answers import Fault, answer, refusal
from sandbox.departments.hotline.bodies import Bodies
from sandbox.departments.hotline.entries import (
    definition_entry,
    receipt_entry,
    request_entry,
    service_entry,
    token_entry,
    update_entry,
)
from sandbox.departments.hotline.forms import read_form
from sandbox.departments.hotline.records import Complaint
from sandbox.departments.hotline.register import Register
from sandbox.kit import Operation, note_usage
from sandbox.records import Text

API_KEY = "sandbox"
_NO_KEY = Fault("api_key.invalid", Text("api_key 缺失或无效", "The api_key is missing or invalid"))
_NO_FORM = Fault("body.invalid", Text("请求体不是UTF-8表单", "The body is not a form in UTF-8"))


class Hotline:
    """One register behind GeoReport's resources; `seed` is what `/_sandbox/seed` tells."""

    def __init__(self, register: Register, bodies: Bodies, seed: Mapping[str, object]) -> None:
        self._register = register
        self._bodies = bodies
        self._seed = seed

    def operations(self) -> Sequence[Operation]:
        """Each resource twice, once per format."""
        resources = (
            ("services.list", "GET", "/services", self.services),
            ("services.definition", "GET", "/services/{code}", self.definition),
            ("requests.list", "GET", "/requests", self.requests),
            ("requests.file", "POST", "/requests", self.file),
            ("requests.one", "GET", "/requests/{number}", self.request),
            ("tokens.one", "GET", "/tokens/{token}", self.token),
            ("updates.list", "GET", "/servicerequestupdates", self.updates),
            ("updates.add", "POST", "/servicerequestupdates", self.update),
        )
        return [
            *(
                Operation(name, method, f"{path}.{ending}", handler)
                for name, method, path, handler in resources
                for ending in ("json", "xml")
            ),
            Operation("seed", "GET", "/_sandbox/seed", self.seeded),
        ]

    async def seeded(self, request: Request) -> Response:
        """What the register was seeded with."""
        return JSONResponse(self._seed)

    async def services(self, request: Request) -> Response:
        """`GET services`."""
        return answer(request, "services", [service_entry(each) for each in self._register.services.values()])

    async def definition(self, request: Request) -> Response:
        """`GET services/{code}`."""
        service = self._register.services.get(request.path_params["code"])
        if service is None:
            return _unknown(request, "service_code")
        return answer(request, "service_definition", definition_entry(service))

    async def requests(self, request: Request) -> Response:
        """`GET requests`; `account_id` needs the key in a header."""
        query = request.query_params
        personal = "account_id" in query and "service_request_id" not in query
        if personal and not _is_key(request.headers.get("x-api-key")):
            return refusal(request, 403, _NO_KEY)
        faults = search.faults_of(query)
        if faults:
            return refusal(request, 400, *faults)
        if personal:
            note_usage(request, subject=query["account_id"], receiver="open311")
        return self._listed(request, search.find(self._register, query), personal=personal)

    async def request(self, request: Request) -> Response:
        """`GET requests/{id}`."""
        found = self._register.by_number([request.path_params["number"]])
        return self._listed(request, found) if found else _unknown(request, "service_request_id")

    async def token(self, request: Request) -> Response:
        """`GET tokens/{token}`."""
        found = self._register.by_token(request.path_params["token"])
        if found is None:
            return _unknown(request, "token")
        return answer(request, "service_requests", [token_entry(found)])

    async def file(self, request: Request) -> Response:
        """`POST requests`."""
        form = await _form_with_key(request)
        if isinstance(form, Response):
            return form
        service = self._register.services.get(form.get("service_code", ""))
        faults = intake.faults_of(form, service)
        if faults or service is None:
            return refusal(request, 400, *faults)
        complaint = intake.to_complaint(form, service, at=self._register.clock(), bodies=self._bodies)
        kept = self._register.file(complaint, form.get(f"attribute[{intake.REFERENCE}]"))
        return answer(request, "service_requests", [receipt_entry(kept)])

    async def updates(self, request: Request) -> Response:
        """`GET servicerequestupdates`, of the complaints named or between two dates."""
        faults = search.time_faults(request.query_params)
        if faults:
            return refusal(request, 400, *faults)
        found = updating.find(self._register, request.query_params)
        return answer(request, "service_request_updates", [update_entry(*each) for each in found])

    async def update(self, request: Request) -> Response:
        """`POST servicerequestupdates`."""
        form = await _form_with_key(request)
        if isinstance(form, Response):
            return form
        faults = updating.faults_of(form)
        if faults:
            return refusal(request, 400, *faults)
        found = self._register.by_number([form["service_request_id"]])
        if not found:
            return _unknown(request, "service_request_id")
        updating.take(found[0], form)
        return answer(request, "service_request_updates", [{"update_id": form["update_id"]}])

    def _listed(self, request: Request, found: Sequence[Complaint], *, personal: bool = False) -> Response:
        return answer(request, "service_requests", [request_entry(each, personal=personal) for each in found])


async def not_found(request: Request) -> Response:
    """An address that GeoReport does not have."""
    return refusal(request, 404, Fault("404", Text("没有这个地址", "There is no such resource")))


async def _form_with_key(request: Request) -> dict[str, str] | Response:
    form = read_form(await request.body())
    if form is None:
        return refusal(request, 400, _NO_FORM)
    return form if _is_key(form.get("api_key")) else refusal(request, 403, _NO_KEY)


def _is_key(value: str | None) -> bool:
    return hmac.compare_digest((value or "").encode(), API_KEY.encode())


def _unknown(request: Request, field: str) -> Response:
    return refusal(request, 404, Fault(f"{field}.unknown", Text(f"没有这个 {field}", f"There is no such {field}")))

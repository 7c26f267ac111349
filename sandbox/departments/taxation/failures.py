"""How the bureau words its failures: the API platform's, the token endpoint's, and API Entreprise's."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.kit import Call
from sandbox.records import Text

ATTESTATIONS = frozenset({"tax.compliance", "tax.contributions"})
"""The operations that fail in API Entreprise's words."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One thing that is wrong; `path` is a JSON pointer into the body."""

    code: str
    text: Text
    path: str | None = None

    def as_json(self, locale: str) -> dict[str, str]:
        """An entry of `errors`."""
        entry = {"code": self.code, "message": self.text.get(locale)}
        return entry | {"path": self.path} if self.path else entry


INVALID_REQUEST = Wrong("INVALID_REQUEST", Text("请求有误", "Invalid request"))
VRN_INVALID = Wrong("VRN_INVALID", Text("税号无效", "The provided VRN is invalid"))
NOT_FOUND = Wrong("NOT_FOUND", Text("未找到所请求的资源", "The requested resource could not be found"))
NO_RESOURCE = Wrong(
    "MATCHING_RESOURCE_NOT_FOUND",
    Text("接口中没有所请求的资源", "A resource with the name in the request can not be found in the API"),
)
NOT_AUTHORISED = Wrong(
    "CLIENT_OR_AGENT_NOT_AUTHORISED",
    Text("委托人或代理人未获授权", "The client and/or agent is not authorised"),
)
INSOLVENT = Wrong(
    "RULE_INSOLVENT_TRADER",
    Text("该纳税人已破产", "The remote endpoint has indicated that the Trader is insolvent"),
)
DUPLICATE = Wrong(
    "DUPLICATE_SUBMISSION",
    Text("该编号已用于另一笔缴款", "The reference was already used for another payment"),
)
NOT_ENDED = Wrong(
    "TAX_PERIOD_NOT_ENDED",
    Text(
        "所属期尚未结束",
        "The remote endpoint has indicated that the submission is for a tax period that has not ended",
    ),
)
MISSING_CREDENTIALS = Wrong("MISSING_CREDENTIALS", Text("缺少认证信息", "Authentication information is not provided"))
INVALID_CREDENTIALS = Wrong("INVALID_CREDENTIALS", Text("认证信息无效", "Invalid authentication information provided"))
ACCEPT_INVALID = Wrong(
    "ACCEPT_HEADER_INVALID",
    Text("Accept 请求头缺失或无效", "The accept header is missing or invalid"),
)
THROTTLED = Wrong(
    "MESSAGE_THROTTLED_OUT",
    Text("调用次数超出配额", "The request for the API is throttled as you have exceeded your quota."),
)
SERVER_ERROR = Wrong("SERVER_ERROR", Text("服务不可用", "Service unavailable"))
INTERNAL_ERROR = Wrong("INTERNAL_SERVER_ERROR", Text("内部错误", "Internal server error"))
MAINTENANCE = Wrong("SCHEDULED_MAINTENANCE", Text("系统维护中", "The API is closed for scheduled maintenance"))


class Refused(Exception):
    """A call that is refused; several things wrong come as `INVALID_REQUEST` with `errors`."""

    def __init__(self, status: int, *wrongs: Wrong) -> None:
        super().__init__(", ".join(wrong.code for wrong in wrongs))
        self.status, self.wrongs = status, wrongs

    def response(self, locale: str) -> Response:
        """The answer in the API platform's words."""
        first = self.wrongs[0]
        if len(self.wrongs) == 1 and first.path is None:
            return JSONResponse(first.as_json(locale), status_code=self.status)
        errors = [wrong.as_json(locale) for wrong in self.wrongs]
        return JSONResponse(INVALID_REQUEST.as_json(locale) | {"errors": errors}, status_code=self.status)


class Denied(Exception):
    """A call for an attestation that is refused, in API Entreprise's words."""

    def __init__(self, status: int, code: str, title: Text, detail: Text) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.detail = status, code, title, detail

    def response(self, locale: str) -> Response:
        """The answer: `errors` with one entry."""
        entry = {"code": self.code, "title": self.title.get(locale), "detail": self.detail.get(locale)}
        return JSONResponse(
            {"errors": [entry | {"source": None, "meta": {"provider": "DGFIP"}}]}, status_code=self.status
        )


def locale_of(request: Request) -> str:
    """The caller's language."""
    return request.headers.get("accept-language", "en")


def stamped(request: Request, response: Response) -> Response:
    """The answer with the exchange's id: the caller's `CorrelationId` when it is a UUID, else a new one."""
    response.headers["X-CorrelationId"] = str(_uuid(request.headers.get("correlationid", "")) or uuid4())
    return response


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


class BureauFaults:
    """The kit's scenarios: the token endpoint fails as the platform does, attestations in their own words."""

    def error(self, call: Call) -> Response:
        """The bureau fails."""
        if call.operation in ATTESTATIONS:
            return _denied(call, 502, "03999", Text("数据提供方未知错误", "Unknown failure of the provider"))
        return _refused(call, 500, INTERNAL_ERROR)

    def inner_fault(self, call: Call) -> Response:
        """The bureau fails and answers 200."""
        if call.operation in ATTESTATIONS:
            return _denied(call, 200, "03001", Text("服务不可用", "Service unavailable"))
        return _refused(call, 200, SERVER_ERROR)

    def maintenance(self, call: Call, until: datetime) -> Response:
        """The bureau is closed for a while."""
        if call.operation in ATTESTATIONS:
            response = _denied(call, 503, "03020", Text("数据提供方维护中", "Maintenance of the provider"))
        else:
            response = _refused(call, 503, MAINTENANCE)
        response.headers["Retry-After"] = str(max(1, round((until - datetime.now(UTC)).total_seconds())))
        return response

    def quota(self, call: Call, retry_after: int) -> Response:
        """The client has used up its calls."""
        if call.operation in ATTESTATIONS:
            response = _denied(call, 429, "00429", Text("请求过于频繁", "Too many requests"))
        else:
            response = _refused(call, 429, THROTTLED)
        response.headers["Retry-After"] = str(retry_after)
        return response


def _refused(call: Call, status: int, wrong: Wrong) -> Response:
    return stamped(call.request, Refused(status, wrong).response(locale_of(call.request)))


def _denied(call: Call, status: int, code: str, title: Text) -> Response:
    return Denied(status, code, title, title).response(locale_of(call.request))

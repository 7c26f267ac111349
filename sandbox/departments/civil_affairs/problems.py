"""How the register words its failures: `Foutbericht` (problem+json), with every wrong parameter at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.kit import Call
from sandbox.records import Text

PROBLEM = "application/problem+json"
_RFC = "https://datatracker.ietf.org/doc/html/rfc7231#section-"
_SECTIONS = {400: "6.5.1", 403: "6.5.3", 404: "6.5.4", 406: "6.5.6", 415: "6.5.13", 500: "6.6.1", 503: "6.6.4"}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one parameter."""

    name: str
    code: str
    reason: Text


class Refused(Exception):
    """A call that is answered with a `Foutbericht`."""

    def __init__(
        self,
        status: int,
        code: str,
        title: Text,
        *,
        wrong: Sequence[Wrong] = (),
        retry_after: int | None = None,
    ) -> None:
        super().__init__(code)
        self.status, self.code, self.title, self.wrong = status, code, title, wrong
        self._retry_after = retry_after

    def response(self, request: Request, *, status: int | None = None) -> Response:
        """The `Foutbericht`; `status` makes it lie about itself."""
        locale = language(request)
        body: dict[str, object] = {
            "type": _RFC + _SECTIONS.get(self.status, "6.5"),
            "title": self.title.get(locale),
            "status": self.status,
            "instance": request.url.path,
            "code": self.code,
        }
        if self.wrong:
            names = ", ".join(wrong.name for wrong in self.wrong)
            body["detail"] = Text(f"有误的参数：{names}。", f"The wrong parameters are: {names}.").get(locale)
            body["invalidParams"] = [
                {"name": wrong.name, "code": wrong.code, "reason": wrong.reason.get(locale)} for wrong in self.wrong
            ]
        headers = {} if self._retry_after is None else {"Retry-After": str(self._retry_after)}
        return JSONResponse(body, status_code=status or self.status, headers=headers, media_type=PROBLEM)


def language(request: Request) -> str:
    """The language of what people read."""
    return request.headers.get("accept-language", "en")


def wrong_parameters(wrong: Sequence[Wrong]) -> Refused:
    """A 400 for parameters; missing ones have a code of their own."""
    if all(each.code == "required" and each.name != "type" for each in wrong):
        return Refused(400, "paramsCombination", Text("缺少必需的参数", "Parameters are missing"), wrong=wrong)
    return Refused(400, "paramsValidation", Text("参数有误", "One or more parameters are wrong"), wrong=wrong)


def server_error() -> Refused:
    """The register failed."""
    return Refused(500, "serverError", Text("系统内部错误", "Internal server error"))


class RegisterFaults:
    """The kit's scenarios in the register's words."""

    def error(self, call: Call) -> Response:
        """The register fails."""
        return server_error().response(call.request)

    def inner_fault(self, call: Call) -> Response:
        """A gateway before the register turns its failure into a 200."""
        return server_error().response(call.request, status=200)

    def maintenance(self, call: Call, until: datetime) -> Response:
        """The source is away until then."""
        left = max(0, round((until - datetime.now(UTC)).total_seconds()))
        title = Text("人口登记系统暂停服务", "The register is temporarily not available")
        return Refused(503, "notAvailable", title, retry_after=left).response(call.request)

    def quota(self, call: Call, retry_after: int) -> Response:
        """Too many requests."""
        title = Text("请求过于频繁", "Too many requests")
        return Refused(429, "tooManyRequests", title, retry_after=retry_after).response(call.request)

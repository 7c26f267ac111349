"""How the bureau words its failures: `systemError`, with every problem of a form at once."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

from starlette.responses import JSONResponse, Response

from sandbox.departments.market_regulation.envelope import failed, stamped
from sandbox.departments.market_regulation.forms import Wrong
from sandbox.kit import Call
from sandbox.records import Text

Found = Sequence[tuple[str, Wrong]]


class Refused(Exception):
    """A call that is answered with a `systemError`; `found` are problems by the body's field."""

    def __init__(self, status: int, code: str, text: Text, found: Found = ()) -> None:
        super().__init__(code)
        self.status, self.code, self.text, self.found = status, code, text, found

    def response(self, locale: str) -> Response:
        """The `systemError`."""
        errors = [
            {"field": name, "code": wrong.code, "message": wrong.text.en, "localizedMessage": wrong.text.get(locale)}
            for name, wrong in self.found
        ]
        body: dict[str, object] = {
            "traceId": str(uuid4()),
            "code": self.code,
            "message": self.text.en,
            "localizedMessage": self.text.get(locale),
        }
        return JSONResponse(body | ({"errors": errors} if errors else {}), status_code=self.status)


def no_service() -> Refused:
    """There is no such service."""
    return Refused(404, "SERVICE_NOT_FOUND", Text("没有该登记事项", "Service was not found"))


def no_file() -> Refused:
    """There is no such file."""
    return Refused(404, "FILE_NOT_FOUND", Text("没有该申请", "Application file was not found"))


def bad_request(what: str) -> Refused:
    """A request that does not fit the contract; `what` names the part."""
    return Refused(400, "BAD_REQUEST", Text(f"请求有误：{what}", f"Bad request: {what}"))


class BlockFaults:
    """The kit's scenarios: the block's own failures, and X-Road's for the one inside."""

    def error(self, call: Call) -> Response:
        """The block fails."""
        return self._answer(
            call, Refused(500, "INTERNAL_ERROR", Text("系统错误，请稍后再试", "Please try again later"))
        )

    def inner_fault(self, call: Call) -> Response:
        """The security server speaks for a block that did not answer."""
        return failed("Server.ServerProxy.ServiceFailed.HttpError", "Server responded with error 502: Bad Gateway")

    def maintenance(self, call: Call, until: datetime) -> Response:
        """The block is closed for a while."""
        seconds = max(1, round((until - datetime.now(UTC)).total_seconds()))
        response = self._answer(call, Refused(503, "MAINTENANCE", Text("系统维护中", "Closed for maintenance")))
        response.headers["Retry-After"] = str(seconds)
        return response

    def quota(self, call: Call, retry_after: int) -> Response:
        """The client has used up its calls."""
        response = self._answer(call, Refused(429, "TOO_MANY_REQUESTS", Text("请求过于频繁", "Too many requests")))
        response.headers["Retry-After"] = str(retry_after)
        return response

    def _answer(self, call: Call, refused: Refused) -> Response:
        locale = call.request.headers.get("accept-language", "en")
        return stamped(call.request, refused.response(locale))

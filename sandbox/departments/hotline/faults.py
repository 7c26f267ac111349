"""The hotline's failures, in GeoReport's words."""

from datetime import UTC, datetime

from starlette.responses import Response

from sandbox.departments.hotline.answers import Fault, refusal
from sandbox.kit import Call
from sandbox.records import Text

_BROKEN = Text("系统繁忙，请稍后再试", "The register does not answer, please try later")


class HotlineFaults:
    """`[{code, description}]` with the status, or inside an answer of HTTP 200."""

    def error(self, call: Call) -> Response:
        """HTTP 500."""
        return refusal(call.request, 500, Fault("500", _BROKEN))

    def inner_fault(self, call: Call) -> Response:
        """HTTP 200 with errors in place of what was asked for."""
        return refusal(call.request, 200, Fault("500", _BROKEN))

    def maintenance(self, call: Call, until: datetime) -> Response:
        """HTTP 503 with the code `maintenance` and `Retry-After` in seconds."""
        text = Text(f"系统维护至{until:%H:%M} UTC", f"Closed for maintenance until {until:%H:%M} UTC")
        response = refusal(call.request, 503, Fault("maintenance", text))
        seconds = (until - datetime.now(UTC)).total_seconds()
        response.headers["Retry-After"] = str(max(0, round(seconds)))
        return response

    def quota(self, call: Call, retry_after: int) -> Response:
        """HTTP 429."""
        text = Text(f"调用次数已达上限，{retry_after}秒后重试", f"Too many calls, try again in {retry_after} s")
        response = refusal(call.request, 429, Fault("quota", text))
        response.headers["Retry-After"] = str(retry_after)
        return response

"""The citizen API's errors (`ErrorMessages.php`): their codes, statuses, words and types."""

from datetime import datetime

from starlette.responses import JSONResponse, Response

from sandbox.kit import Call

_WARNING, _ERROR, _INFO = "warning", "error", "info"
_ERRORS = {
    "zmsClientCommunicationError": (503, "The service is temporarily unavailable. Please try again later.", _ERROR),
    "notFound": (404, "Endpoint not found.", _ERROR),
    "invalidRequest": (400, "Invalid request.", _WARNING),
    "invalidLocationAndServiceCombination": (
        400,
        "The provided service(s) do not exist at the given location.",
        _WARNING,
    ),
    "invalidStartDate": (400, "startDate is required and must be a valid date.", _WARNING),
    "invalidEndDate": (400, "endDate is required and must be a valid date.", _WARNING),
    "invalidOfficeId": (400, "officeId should be a 32-bit integer.", _WARNING),
    "invalidServiceId": (400, "serviceId should be a 32-bit integer.", _WARNING),
    "MISMATCHED_ARRAYS": (400, "Service IDs and counts must have same length.", _WARNING),
    "invalidServiceCount": (400, "serviceCounts should be an array of numeric values.", _WARNING),
    "invalidProcessId": (400, "processId should be a positive 32-bit integer.", _WARNING),
    "invalidAuthKey": (400, "authKey should be a string.", _WARNING),
    "invalidTimestamp": (
        400,
        "Missing timestamp or invalid timestamp format. It should be a positive numeric value.",
        _WARNING,
    ),
    "invalidFamilyName": (400, "familyName should be a non-empty string.", _WARNING),
    "invalidEmail": (400, "email should be a valid email address.", _WARNING),
    "invalidTelephone": (400, "telephone should be a numeric string between 7 and 15 digits.", _WARNING),
    "appointmentCanNotBeCanceled": (406, "The selected appointment cannot be canceled.", _WARNING),
    "appointmentNotAvailable": (404, "The selected appointment is unfortunately no longer available.", _ERROR),
    "serviceUnavailable": (503, "Service Unavailable: The application is under maintenance.", _ERROR),
    "internalError": (500, "An internal error occurred. Please try again later.", _ERROR),
    "processNotReservedAnymore": (409, "The appointment is no longer reserved.", _ERROR),
    "processNotPreconfirmedAnymore": (409, "The appointment is no longer preconfirmed.", _ERROR),
    "appointmentNotFound": (
        404,
        "Maybe you have already canceled your appointment? "
        "Otherwise, please check that you have used the correct link.",
        _ERROR,
    ),
    "authKeyMismatch": (406, "Invalid authentication key.", _WARNING),
    "noAppointmentForThisScope": (404, "Please try again at a later time.", _INFO),
    "tooManyAppointmentsWithSameMail": (
        406,
        "You can only book a limited number of appointments with your e-mail address. "
        "Please cancel another appointment before you book a new one.",
        _ERROR,
    ),
    "tooManySlotsPerAppointment": (
        400,
        "The number of slots exceeds the maximum allowed slots per appointment.",
        _ERROR,
    ),
    "tooManyServicesPerAppointment": (
        400,
        "The quantity of a service exceeds the maximum allowed quantity.",
        _ERROR,
    ),
    "preconfirmationExpired": (
        400,
        "Unfortunately, the time for activating your appointment has expired. Please schedule the appointment again.",
        _ERROR,
    ),
    "rateLimitExceeded": (429, "Rate limit exceeded. Please try again later.", _WARNING),
}


class Refused(Exception):
    """One or several errors of the API; the answer has the highest of their statuses unless one is given."""

    def __init__(self, *codes: str, status: int | None = None) -> None:
        super().__init__(", ".join(codes))
        self._errors = [_error(code) for code in codes]
        self._status = status or max(int(str(error["statusCode"])) for error in self._errors)

    def response(self) -> Response:
        """The answer."""
        return JSONResponse({"errors": self._errors}, status_code=self._status)


class ZmsFaults:
    """How the API words the failures that a scenario asks for."""

    def error(self, call: Call) -> Response:
        """500 `internalError`."""
        return Refused("internalError").response()

    def inner_fault(self, call: Call) -> Response:
        """200 with an error inside."""
        return Refused("zmsClientCommunicationError", status=200).response()

    def maintenance(self, call: Call, until: datetime) -> Response:
        """503 `serviceUnavailable`; the public API does not say until when, this one does in `Retry-After`."""
        response = Refused("serviceUnavailable").response()
        seconds = (until - datetime.now(until.tzinfo)).total_seconds()
        response.headers["Retry-After"] = str(max(0, round(seconds)))
        return response

    def quota(self, call: Call, retry_after: int) -> Response:
        """429 `rateLimitExceeded`."""
        response = Refused("rateLimitExceeded").response()
        response.headers["Retry-After"] = str(retry_after)
        return response


def _error(code: str) -> dict[str, object]:
    """A code that the API's table does not have becomes `unknownError`, as in the running code."""
    if code not in _ERRORS:
        code, facts = "unknownError", (520, "An unknown error occurred.", _ERROR)
    else:
        facts = _ERRORS[code]
    status, message, kind = facts
    return {"errorCode": code, "errorMessage": message, "statusCode": status, "errorType": kind}

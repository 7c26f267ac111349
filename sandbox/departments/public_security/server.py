"""The bureau's operations: every message comes to one path, its service code says which it is."""

from collections.abc import Callable
from datetime import datetime
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.city import ZONE, City
from sandbox.departments.public_security.elements import counted, extract_of, fault_of, household_of, usage_of
from sandbox.departments.public_security.register import NAME, PROBLEMS, Extract, Problem, Register
from sandbox.departments.public_security.soap import DUMONITOR, REGISTER, Faulty, Message, read_message
from sandbox.departments.public_security.wsdl import WSDL
from sandbox.kit import Call, Department, Operation, note_usage
from sandbox.records import Household

MOST_PERSONS = 50
MOST_USAGES = 1000
NAMES = {
    f"{{{REGISTER}}}findHouseholds": "households.of_person",
    f"{{{REGISTER}}}listExtracts": "extracts.of_person",
    f"{{{REGISTER}}}requestExtract": "extracts.request",
    f"{{{DUMONITOR}}}findUsage": "usage.find",
}
Answer = Callable[[Request, Message], Response]


def build(city: City) -> Department:
    """The department server."""
    counter = Counter(city)
    operations = [
        Operation(_name, "POST", "/", counter.receive),
        Operation("wsdl", "GET", "/", counter.wsdl),
        Operation("seed", "GET", "/_sandbox/seed", counter.seed),
    ]
    return Department(NAME, RegisterFaults(), operations, counter.register.reset)


async def _name(request: Request) -> str:
    try:
        message = read_message(await request.body(), request.headers.get("content-type", ""))
    except Faulty:
        return "malformed"
    return NAMES.get(str(message.wrapper.tag), "unknown")


class Counter:
    """Reads messages, asks the register, logs who asked about whom."""

    def __init__(self, city: City) -> None:
        self.register = Register(city)
        self._answers: dict[str, Answer] = {
            "households.of_person": self._households,
            "extracts.of_person": self._list_extracts,
            "extracts.request": self._request_extract,
            "usage.find": self._find_usage,
            "unknown": self._unknown,
        }

    async def receive(self, request: Request) -> Response:
        """`POST /`: one SOAP message."""
        try:
            message = read_message(await request.body(), request.headers.get("content-type", ""))
            return self._answers[NAMES.get(str(message.wrapper.tag), "unknown")](request, message)
        except Faulty as exc:
            return exc.response()

    async def wsdl(self, request: Request) -> Response:
        """`GET /?wsdl`."""
        if "wsdl" not in request.query_params:
            return PlainTextResponse("send a SOAP message by POST, or ask for ?wsdl", status_code=405)
        return Response(
            WSDL.format(address=escape(str(request.base_url), {'"': "&quot;"})), media_type="text/xml; charset=UTF-8"
        )

    async def seed(self, request: Request) -> Response:
        """`GET /_sandbox/seed`: what became of the public records."""
        return JSONResponse(self.register.seed_report())

    def _households(self, request: Request, message: Message) -> Response:
        persons = _persons(message)
        found: dict[str, tuple[Household, list[str]]] = {}
        for person in persons:
            self._note(request, message, person)
            household = self.register.household_of(person)
            if household is not None:
                found.setdefault(household.id, (household, []))[1].append(person)
        filled = [household_of(self.register, *each, message.value("language")) for each in found.values()]
        return message.answer([counted(filled), *filled])

    def _list_extracts(self, request: Request, message: Message) -> Response:
        persons = _persons(message)
        for person in persons:
            self._note(request, message, person)
        filled = [extract_of(each) for person in persons for each in self.register.extracts_of(person)]
        return message.answer([counted(filled), *filled])

    def _request_extract(self, request: Request, message: Message) -> Response:
        person, issue = message.value("personCode"), message.block("issue")
        outcome = self.register.request(person, message.value("extractType"), message.value("purpose"), issue=issue)
        if isinstance(outcome, Extract):
            self._note(request, message, person)
            return message.answer([extract_of(outcome)])
        return message.answer([fault_of(each, message.value("language")) for each in outcome])

    def _find_usage(self, request: Request, message: Message) -> Response:
        asker = message.block("userId").removeprefix("CN")
        offset, limit = _number(message, "offset", 0), _number(message, "limit", MOST_USAGES)
        _, page = request.app.state.journal.usages_of(asker, offset=offset, limit=limit)
        return message.answer([usage_of(use) for use in page])

    def _unknown(self, _: Request, message: Message) -> Response:
        raise Faulty("Server.ServerProxy.UnknownService", f"Unknown service: {message.operation[:60]}")

    def _note(self, request: Request, message: Message, person: str) -> None:
        note_usage(request, subject=person, receiver="/".join(message.identifier("client")))


class RegisterFaults:
    """The kit's scenarios: SOAP Faults, and the non-technical faults inside a good answer."""

    def error(self, call: Call) -> Response:
        """The security server speaks for a register that did not answer."""
        return Faulty("Server.ServerProxy.ServiceFailed.InternalError", "Server responded with error 500").response()

    def inner_fault(self, call: Call) -> Response:
        """HTTP 200 with the fault inside the response element."""
        return _inner(call, "REGISTER_UNAVAILABLE")

    def maintenance(self, call: Call, until: datetime) -> Response:
        """The register is closed until a local time, which names no zone."""
        local = until.astimezone(ZONE).replace(tzinfo=None)
        return _inner(call, "MAINTENANCE", until=local.isoformat(timespec="seconds"))

    def quota(self, call: Call, retry_after: int) -> Response:
        """The client has used up its calls."""
        return _inner(call, "QUOTA_EXCEEDED", retryAfter=str(retry_after))


def _inner(call: Call, code: str, **more: str) -> Response:
    try:
        message = read_message(call.body, call.request.headers.get("content-type", ""))
    except Faulty as exc:
        return exc.response()
    return message.answer([fault_of(Problem(code, PROBLEMS[code]), message.value("language"), **more)])


def _persons(message: Message) -> list[str]:
    persons = message.values("personCode")
    if not 1 <= len(persons) <= MOST_PERSONS:
        raise Faulty("Client.InvalidBody", f"personCode occurs {len(persons)} times, 1 to {MOST_PERSONS} are allowed")
    return persons


def _number(message: Message, name: str, default: int) -> int:
    text = message.value(name) or str(default)
    if not (text.isascii() and text.isdigit()):
        raise Faulty("Client.InvalidBody", f"{name} is not a number")
    return min(int(text), MOST_USAGES)

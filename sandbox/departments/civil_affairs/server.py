"""The register's one operation, `POST /personen`, its log, and what became of the public records."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.city import City
from sandbox.departments.civil_affairs.clients import check_fields, client_of
from sandbox.departments.civil_affairs.filtering import answered
from sandbox.departments.civil_affairs.lists import Lists
from sandbox.departments.civil_affairs.problems import Refused, RegisterFaults, language
from sandbox.departments.civil_affairs.query import RAADPLEEG, Query, read_query
from sandbox.departments.civil_affairs.residents import Residents
from sandbox.kit import Department, Operation, note_usage
from sandbox.records import Text

NAME = "civil_affairs"
MOST_USAGES = 1000
JSON = "application/json; charset=utf-8"


def build(city: City) -> Department:
    """The department server."""
    counter = Counter(city)
    operations = [
        Operation("persons.by_id", "POST", "/personen", counter.persons),
        Operation("usage.find", "GET", "/v2/findUsage", counter.find_usage),
        Operation("seed", "GET", "/_sandbox/seed", counter.seed),
    ]
    return Department(NAME, RegisterFaults(), operations, unmatched=_unmatched)


class Counter:
    """Answers queries and logs each person that was found."""

    def __init__(self, city: City) -> None:
        self._register = Lists(city.data, city.today) if city.data else Residents(city)

    async def persons(self, request: Request) -> Response:
        """`POST /personen`; whom nobody knows is left out, the dead are not."""
        try:
            client = client_of(request)
            query = await read_query(request)
            check_fields(client, query.fields)
        except Refused as exc:
            return exc.response(request)
        found = self._found(query, language(request))
        for person in found:
            _log(request, person["burgerservicenummer"])
        persons = [answered(person, query.fields) for person in found]
        return JSONResponse({"type": RAADPLEEG, "personen": persons}, media_type=JSON)

    def _found(self, query: Query, locale: str) -> list[dict[str, object]]:
        documents = (self._register.document(number, locale) for number in dict.fromkeys(query.numbers))
        return [
            document
            for document in documents
            if document and query.municipality in {None, _code(document.get("gemeenteVanInschrijving"))}
        ]

    async def find_usage(self, request: Request) -> Response:
        """`GET /v2/findUsage?userCode=…&offset&limit`: who asked about a person, and what for, newest first."""
        code = request.query_params.get("userCode", "")
        try:
            offset, limit = (_number(request, *each) for each in (("offset", 0), ("limit", MOST_USAGES)))
        except Refused as exc:
            return exc.response(request)
        names = ("logtime", "action", "receiverCode", "receiverName", "receiverSystem")
        total, page = request.app.state.journal.usages_of(code, offset=offset, limit=limit)
        usages = [{name: getattr(use, name) for name in names} for use in page]
        return JSONResponse({"totalUsages": total, "usages": usages})

    async def seed(self, request: Request) -> Response:
        """`GET /_sandbox/seed`: what became of the public records."""
        if isinstance(self._register, Lists):
            return JSONResponse(self._register.report())
        return JSONResponse({"served": len(self._register.numbers), "refused": {}, "sources": {}})


def _number(request: Request, name: str, default: int) -> int:
    text = request.query_params.get(name, str(default))
    if not (text.isascii() and text.isdigit()):
        raise Refused(400, "paramsValidation", Text(f"{name}不是数字", f"{name} is not a number"))
    return min(int(text), MOST_USAGES)


def _code(row: object) -> object:
    return row.get("code") if isinstance(row, dict) else None


def _log(request: Request, number: object) -> None:
    """The log's action is the purpose; the clients say it in the header that Dutch municipalities use."""
    headers = request.headers
    note_usage(
        request,
        subject=str(number),
        action=headers.get("x-doelbinding"),
        receiver=headers.get("x-origin-oin"),
    )


async def _unmatched(request: Request) -> Response:
    return Refused(404, "notFound", Text("没有该资源", "There is nothing at this address")).response(request)

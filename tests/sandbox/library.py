"""A department server that is as small as one can be: the city library, which lends books."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.city import City
from sandbox.kit import Call, Department, Operation, note_usage

TITLES = ("红楼梦", "水浒传", "西游记")


class Library:
    def __init__(self, city: City) -> None:
        self._reader = city.personas["resident"].id
        self.loans: list[str] = []

    def reset(self) -> None:
        self.loans = []

    async def books(self, request: Request) -> Response:
        return JSONResponse({"books": [title for title in TITLES if title not in self.loans]})

    async def borrow(self, request: Request) -> Response:
        title = (await request.json())["title"]
        if title in self.loans:
            return JSONResponse({"problem": "already lent"}, status_code=409)
        self.loans.append(title)
        note_usage(request, subject=self._reader)
        return JSONResponse({"lent": title}, status_code=201)

    async def desk(self, request: Request) -> Response:
        return JSONResponse({"served": request.scope["sandbox.operation"]})

    async def token(self, request: Request) -> Response:
        return JSONResponse({"access_token": "card"})


class LibraryFaults:
    def error(self, call: Call) -> Response:
        return JSONResponse({"problem": f"{call.operation} failed"}, status_code=500)

    def inner_fault(self, call: Call) -> Response:
        return JSONResponse({"fault": f"{len(call.body)} bytes"})

    def maintenance(self, call: Call, until: datetime) -> Response:
        return JSONResponse({"until": until.isoformat()}, status_code=503)

    def quota(self, call: Call, retry_after: int) -> Response:
        return JSONResponse({"retryAfter": retry_after}, status_code=429)


async def asked_at_desk(request: Request) -> str:
    return f"desk.{(await request.json())['wish']}"


def build(city: City) -> Department:
    library = Library(city)
    return Department(
        name="library",
        faults=LibraryFaults(),
        operations=[
            Operation("books.list", "GET", "/books", library.books),
            Operation("books.borrow", "POST", "/loans", library.borrow),
            Operation(asked_at_desk, "POST", "/desk", library.desk),
            Operation("token", "POST", "/oauth/token", library.token, token=True),
        ],
        reset=library.reset,
    )

"""The citizen API's operations over the book."""

import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sandbox.city import ZONE, City
from sandbox.departments.service_centre import queries
from sandbox.departments.service_centre.book import Book
from sandbox.departments.service_centre.diary import HORIZON_DAYS
from sandbox.departments.service_centre.failures import Refused, ZmsFaults
from sandbox.departments.service_centre.generated import generated_offer
from sandbox.departments.service_centre.process import Process
from sandbox.departments.service_centre.published import read_published
from sandbox.departments.service_centre.queries import CalendarQuery
from sandbox.departments.service_centre.seeds import NAME, book_seeds
from sandbox.departments.service_centre.tally import Tally
from sandbox.kit import Department, Operation, note_usage
from sandbox.kit.department import Handler

CITIZEN = "x-citizen-id"
"""Who is logged in, as a trusted caller says; it stands for the public API's bearer token."""
LONGEST_HOLD = 3600.0
Answer = Callable[[Request], Awaitable[object]]
OWNERS = ("entrepreneur", "resident", "parent", "busy")


def build(city: City) -> Department:
    """The department server. Raises: DataError for public data that cannot be read."""
    desk = Desk(city)
    paths = {
        ("offices_and_services", "GET", "/offices-and-services/"): desk.offices_and_services,
        ("available_calendar", "GET", "/available-calendar/"): desk.available_calendar,
        ("my_appointments", "GET", "/my-appointments/"): desk.my_appointments,
        ("appointment", "GET", "/appointment/"): desk.appointment,
        ("reserve_appointment", "POST", "/reserve-appointment/"): desk.reserve,
        ("update_appointment", "POST", "/update-appointment/"): desk.update,
        ("preconfirm_appointment", "POST", "/preconfirm-appointment/"): desk.preconfirm,
        ("confirm_appointment", "POST", "/confirm-appointment/"): desk.confirm,
        ("cancel_appointment", "POST", "/cancel-appointment/"): desk.cancel,
        ("sandbox.seed", "GET", "/_sandbox/seed"): desk.seed,
        ("sandbox.holds", "PUT", "/_sandbox/holds"): desk.holds,
    }
    operations = [Operation(name, method, path, _answering(answer)) for (name, method, path), answer in paths.items()]
    return Department(NAME, ZmsFaults(), operations, desk.book.reset, _unmatched)


def _answering(answer: Answer) -> Handler:
    async def handler(request: Request) -> Response:
        try:
            return JSONResponse(await answer(request))
        except Refused as exc:
            return exc.response()

    return handler


async def _unmatched(request: Request) -> Response:
    return Refused("notFound").response()


class Desk:
    """Reads requests, asks the book, logs who asked about whom."""

    def __init__(self, city: City) -> None:
        tally = Tally()
        published = read_published(city.data, tally) if city.data else None
        offer = published.offer if published else generated_offer(city)
        self.book = Book(offer, seed=city.seed, today=city.today, extra=published.times if published else {})
        for at, process in enumerate(published.processes if published else []):
            process.citizen = city.personas[OWNERS[at % len(OWNERS)]].id
            self.book.enter(process)
        book_seeds(city, self.book)
        self.book.keep_as_seeded()
        self._report = tally.report()

    async def offices_and_services(self, request: Request) -> object:
        """`GET /offices-and-services/`."""
        return self.book.offer.listed(_locale(request))

    async def available_calendar(self, request: Request) -> object:
        """`GET /available-calendar/`: days with free times, and the nearest ones around them."""
        query = queries.calendar_query(request.query_params)
        for office in query.offices:
            self._require_offered(office, query.counts)
        first, last = query.window
        today = datetime.now(ZONE).date()
        before = self._days(query, today, first - timedelta(1))
        after = self._days(query, last + timedelta(1), today + timedelta(HORIZON_DAYS))
        return {
            "startDate": query.first.isoformat(),
            "endDate": query.last.isoformat(),
            "slotsStartDate": first.isoformat(),
            "slotsEndDate": last.isoformat(),
            "prevBookableDate": max((day for day, _ in before), default=None),
            "nextBookableDate": next((day for day, _ in after), None),
            "availableDays": [_day(day, times) for day, times in self._days(query, first, last)],
        }

    async def my_appointments(self, request: Request) -> object:
        """`GET /my-appointments/?filterId`: what the citizen has confirmed."""
        citizen = request.headers.get(CITIZEN)
        if not citizen:
            raise Refused("authKeyMismatch", status=401)
        note_usage(request, subject=citizen, receiver="citygate")
        wanted = request.query_params.get("filterId", "")
        mine = self.book.confirmed_of(citizen, int(wanted) if wanted.isdecimal() else None)
        return [process.thinned(_locale(request)) for process in mine]

    async def appointment(self, request: Request) -> object:
        """`GET /appointment/?processId&authKey`."""
        return self._thinned(request, self.book.find(*queries.process_key(request.query_params)))

    async def reserve(self, request: Request) -> object:
        """`POST /reserve-appointment/`."""
        asked = queries.reservation(await queries.body_of(request), time.time())
        self._require_offered(asked.office, asked.counts)
        office = self.book.offer.offices[asked.office]
        day = datetime.fromtimestamp(asked.start, ZONE).date()
        return self._thinned(request, self.book.reserve(office, asked.counts, asked.start, day))

    async def update(self, request: Request) -> object:
        """`POST /update-appointment/`."""
        body = await queries.body_of(request)
        process = self.book.find(*queries.process_key(body))
        client = queries.client(body, process.office)
        citizen = request.headers.get(CITIZEN)
        note_usage(request, subject=citizen, receiver="citygate")
        return self._thinned(request, self.book.update(process, client, citizen))

    async def preconfirm(self, request: Request) -> object:
        """`POST /preconfirm-appointment/`."""
        return self._thinned(request, self.book.preconfirm(await self._process(request)))

    async def confirm(self, request: Request) -> object:
        """`POST /confirm-appointment/`."""
        return self._thinned(request, self.book.confirm(await self._process(request)))

    async def cancel(self, request: Request) -> object:
        """`POST /cancel-appointment/`."""
        return self._thinned(request, self.book.cancel(await self._process(request)))

    async def seed(self, request: Request) -> object:
        """`GET /_sandbox/seed`: what became of the public records."""
        return self._report

    async def holds(self, request: Request) -> object:
        """`PUT /_sandbox/holds {"seconds": 2}`: how long holds last from now on; null gives the offices' times back."""
        seconds = (await queries.body_of(request)).get("seconds")
        if seconds is not None and not (isinstance(seconds, int | float) and 0 <= seconds <= LONGEST_HOLD):
            raise Refused("invalidRequest")
        self.book.hold_seconds = seconds
        return {"seconds": seconds}

    async def _process(self, request: Request) -> Process:
        return self.book.find(*queries.process_key(await queries.body_of(request)))

    def _thinned(self, request: Request, process: Process) -> dict[str, Any]:
        return process.thinned(_locale(request))

    def _require_offered(self, office: int, counts: Mapping[int, int]) -> None:
        if not self.book.offer.offers(office, counts):
            raise Refused("invalidLocationAndServiceCombination")

    def _days(self, query: CalendarQuery, first: date, last: date) -> Iterator[tuple[str, dict[int, list[int]]]]:
        """Free times by day and office, without days and offices that have none."""
        for day in self.book.diary.days(first, last):
            times = {
                office: free
                for office in query.offices
                if (free := self.book.free(self.book.offer.offices[office], query.counts, day))
            }
            if times:
                yield day.isoformat(), times


def _day(day: str, times: Mapping[int, list[int]]) -> dict[str, Any]:
    return {
        "date": day,
        "providerIDs": ",".join(map(str, times)),
        "offices": [{"officeId": str(office), "appointments": free} for office, free in times.items()],
    }


def _locale(request: Request) -> str:
    return request.headers.get("accept-language", "en")

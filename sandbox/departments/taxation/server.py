"""The bureau's operations: VAT (MTD), the token endpoint, attestations, and the page where a payment is made."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from sandbox.city import City
from sandbox.departments.taxation import attestations, queries, scenarios
from sandbox.departments.taxation.accounts import Account
from sandbox.departments.taxation.failures import (
    ACCEPT_INVALID,
    NO_RESOURCE,
    BureauFaults,
    Denied,
    Refused,
    locale_of,
    stamped,
)
from sandbox.departments.taxation.ledger import Ledger, today
from sandbox.departments.taxation.oauth import Authority
from sandbox.departments.taxation.seeding import NAME
from sandbox.kit import Department, Operation, note_usage
from sandbox.kit.department import Handler

ACCEPT = "application/vnd.hmrc.1.0+json"
VAT = "/organisations/vat/{vrn}"
PAGE = "/pay/{id}"
_FORM = "<!doctype html><form method=post><p>CNY {amount:.2f}</p><button>支付 / Pay</button></form>"
_THANKS = "<!doctype html><p>CNY {amount:.2f}</p><p>已支付 / Paid</p>"
_GONE = "<!doctype html><p>该笔缴款已支付或已过期 / This payment was made already, or has expired</p>"
Answer = Callable[[Request], Awaitable[Response]]


def build(city: City) -> Department:
    """The department server."""
    desk = Desk(city)
    operations = [
        Operation("token", "POST", "/oauth/token", desk.authority.token, token=True),
        Operation("tax.obligations", "GET", f"{VAT}/obligations", desk.api(desk.obligations)),
        Operation("tax.liabilities", "GET", f"{VAT}/liabilities", desk.api(desk.liabilities)),
        Operation("tax.payments", "GET", f"{VAT}/payments", desk.api(desk.payments)),
        Operation("tax.start_payment", "POST", f"{VAT}/payments", desk.api(desk.start_payment)),
        Operation(
            "tax.compliance", "GET", "/v4/dgfip/unites_legales/{vrn}/attestation_fiscale", desk.entreprise("fiscal")
        ),
        Operation(
            "tax.contributions",
            "GET",
            "/v4/urssaf/unites_legales/{vrn}/attestation_vigilance",
            desk.entreprise("social"),
        ),
        Operation("payments.page", "GET", PAGE, desk.page),
        Operation("payments.pay", "POST", PAGE, desk.pay),
        Operation("seed", "GET", "/_sandbox/seed", desk.seed),
    ]
    return Department(NAME, BureauFaults(), operations, desk.reset, desk.unmatched)


class Desk:
    """Reads requests, asks the ledger, logs who asked about whom."""

    def __init__(self, city: City) -> None:
        self.authority = Authority()
        self._ledger = Ledger(city)

    def reset(self) -> None:
        """Back to the seeded state; nobody has a token."""
        self.authority.reset()
        self._ledger.reset()

    def api(self, answer: Answer) -> Handler:
        """An operation of the API platform: a token, a version, an exchange's id, refusals in its words."""

        async def handler(request: Request) -> Response:
            try:
                client = self.authority.require_client(request)
                _require_version(request)
                note_usage(request, subject=request.path_params["vrn"], receiver=client)
                response = await answer(request)
            except Refused as exc:
                response = exc.response(locale_of(request))
            return stamped(request, response)

        return handler

    def entreprise(self, kind: str) -> Handler:
        """An attestation: the same tokens, refusals in API Entreprise's words."""

        async def handler(request: Request) -> Response:
            locale, vrn = locale_of(request), request.path_params["vrn"]
            try:
                client = self.authority.require_client(request)
                attestations.require_reason(request.query_params)
                attestations.require_number(vrn)
                note_usage(request, subject=vrn, receiver=client)
                response = self._attestation(kind, vrn)
            except Refused:
                response = attestations.forbidden().response(locale)
            except Denied as exc:
                response = exc.response(locale)
            return response

        return handler

    async def obligations(self, request: Request) -> Response:
        """`GET …/obligations`: dates are needed unless only open ones are asked for."""
        account = self._account(request)
        status = queries.read_status(request.query_params)
        found = [each for each in account.obligations if status in (None, each.status)]
        if status != "O" or "from" in request.query_params or "to" in request.query_params:
            dates = queries.read_dates(request.query_params, queries.OF_OBLIGATIONS)
            found = [each for each in found if each.start <= dates.last and each.end >= dates.first]
        return JSONResponse({"obligations": [each.as_json() for each in found]})

    async def liabilities(self, request: Request) -> Response:
        """`GET …/liabilities` of periods that end in a range."""
        account = self._account(request)
        dates = queries.read_dates(request.query_params, queries.OF_MONEY)
        found = [each for each in account.liabilities if dates.has(each.end)]
        return JSONResponse({"liabilities": [each.as_json(locale_of(request)) for each in found]})

    async def payments(self, request: Request) -> Response:
        """`GET …/payments` in a range, with those under way if it reaches today."""
        account = self._account(request)
        dates = queries.read_dates(request.query_params, queries.OF_MONEY)
        found = [each for each in account.payments if dates.has(each.received or today())]
        return JSONResponse({"payments": [each.as_json() for each in found]})

    async def start_payment(self, request: Request) -> Response:
        """`POST …/payments`: a page for the payer; a repeated reference answers the first payment again."""
        scenarios.refuse(request.headers.get(scenarios.HEADER, ""), scenarios.ORDER_REFUSALS)
        vrn = request.path_params["vrn"]
        self._ledger.account(vrn)
        payment = self._ledger.start(queries.read_order(vrn, await request.body()))
        assert payment.expires is not None
        body = {
            "paymentId": payment.id,
            "payUrl": f"{request.base_url}pay/{payment.id}",
            "expiresAt": payment.expires.isoformat(timespec="seconds"),
        }
        return JSONResponse(body, status_code=201)

    async def page(self, request: Request) -> Response:
        """`GET /pay/{id}`: the payer's page."""
        return _page(lambda: self._ledger.under_way(request.path_params["id"]).amount, _FORM)

    async def pay(self, request: Request) -> Response:
        """`POST /pay/{id}`: the payer pays."""
        return _page(lambda: self._ledger.pay(request.path_params["id"]).amount, _THANKS)

    async def seed(self, request: Request) -> Response:
        """`GET /_sandbox/seed`: what became of the public examples."""
        return JSONResponse(self._ledger.published.report())

    async def unmatched(self, request: Request) -> Response:
        """An address that the platform does not have."""
        return stamped(request, Refused(404, NO_RESOURCE).response(locale_of(request)))

    def _account(self, request: Request) -> Account:
        """The account of a scenario, else of the taxpayer. Raises: Refused."""
        scenario = request.headers.get(scenarios.HEADER)
        return (scenario and scenarios.account_of(scenario)) or self._ledger.account(request.path_params["vrn"])

    def _attestation(self, kind: str, vrn: str) -> Response:
        published = self._ledger.published.attestations
        if not published:
            return JSONResponse(attestations.of(kind, vrn, self._ledger.find(vrn), today()))
        if (kind, vrn) not in published:
            raise attestations.missing(kind)
        status, body = published[kind, vrn]
        return JSONResponse(body, status_code=status)


def _require_version(request: Request) -> None:
    if request.headers.get("accept") != ACCEPT:
        raise Refused(406, ACCEPT_INVALID)


def _page(amount: Callable[[], int], template: str) -> Response:
    try:
        return HTMLResponse(template.format(amount=amount() / 100))
    except Refused:
        return HTMLResponse(_GONE, status_code=404)

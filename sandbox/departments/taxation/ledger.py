"""The bureau's state: accounts, payments under way, certificates."""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

from sandbox.city import ZONE, City
from sandbox.departments.taxation.accounts import Account, Payment
from sandbox.departments.taxation.failures import DUPLICATE, NOT_FOUND, VRN_INVALID, Refused, Wrong
from sandbox.departments.taxation.published import Published, read_published
from sandbox.departments.taxation.seeding import seeded
from sandbox.records import Text

TIME_TO_PAY = timedelta(minutes=30)
TOO_HIGH = Wrong("AMOUNT_TOO_HIGH", Text("金额超过欠税总额", "The amount is more than is owed"), "/amount")


@dataclass(frozen=True, slots=True)
class Order:
    """A payment that a taxpayer wants to make, in cents."""

    vrn: str
    amount: int
    reference: str | None


class Ledger:
    """Everybody's accounts. With public data they are those of the published examples instead of generated ones."""

    def __init__(self, city: City) -> None:
        self._published = Published() if city.data is None else read_published(city)
        self._seed: Mapping[str, Account] = self._published.accounts if city.data else seeded(city)
        self.reset()

    def reset(self) -> None:
        """Back to the seeded state."""
        self._accounts = deepcopy(dict(self._seed))
        self._by_reference: dict[tuple[str, str], Payment] = {}
        self._payers: dict[str, str] = {}

    @property
    def published(self) -> Published:
        """What was read of the public examples."""
        return self._published

    def account(self, vrn: str) -> Account:
        """A taxpayer's account, without payments that nobody made in time. Raises: Refused."""
        if len(vrn) != 9 or not (vrn.isascii() and vrn.isdigit()):
            raise Refused(400, VRN_INVALID)
        account = self.find(vrn)
        if account is None:
            raise Refused(404, NOT_FOUND)
        account.payments = [each for each in account.payments if not _lapsed(each)]
        return account

    def find(self, vrn: str) -> Account | None:
        """A taxpayer's account, if the bureau knows the number."""
        return self._accounts.get(vrn)

    def start(self, order: Order) -> Payment:
        """Begins a payment; one with the same reference and amount is answered again. Raises: Refused."""
        account = self.account(order.vrn)
        earlier = self._by_reference.get((order.vrn, order.reference or ""))
        if earlier and not _lapsed(earlier):
            if earlier.amount != order.amount:
                raise Refused(403, DUPLICATE)
            return earlier
        under_way = sum(each.amount for each in account.payments if each.received is None)
        if order.amount > account.outstanding - under_way:
            raise Refused(400, TOO_HIGH)
        payment = Payment(order.amount, id=str(uuid4()), expires=datetime.now(UTC) + TIME_TO_PAY)
        account.payments.insert(0, payment)
        self._payers[str(payment.id)] = order.vrn
        if order.reference:
            self._by_reference[order.vrn, order.reference] = payment
        return payment

    def under_way(self, payment_id: str) -> Payment:
        """A payment that waits for its payer. Raises: Refused."""
        for each in self._payments_of_payer(payment_id):
            if each.id == payment_id and each.received is None:
                return each
        raise Refused(404, NOT_FOUND)

    def pay(self, payment_id: str) -> Payment:
        """The payer pays: the payment is received and the debt smaller. Raises: Refused."""
        payment = self.under_way(payment_id)
        payment.received = today()
        self.account(self._payers[payment_id]).settle(payment.amount)
        return payment

    def _payments_of_payer(self, payment_id: str) -> list[Payment]:
        if payment_id not in self._payers:
            return []
        return self.account(self._payers[payment_id]).payments


def today() -> date:
    """The date at the bureau."""
    return datetime.now(ZONE).date()


def _lapsed(payment: Payment) -> bool:
    return payment.received is None and payment.expires is not None and payment.expires <= datetime.now(UTC)

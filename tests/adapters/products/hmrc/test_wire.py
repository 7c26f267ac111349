"""Amounts are read exactly or not at all."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import BadReply
from adapters.products.hmrc.client import _ENCODER
from adapters.products.hmrc.wire import HIGHEST_AMOUNT, Payment, PaymentOrder, Payments
from adapters.products.replies import decode

CENTS = st.integers(-int(HIGHEST_AMOUNT * 100), int(HIGHEST_AMOUNT * 100)).map(lambda cents: Decimal(cents) / 100)


@given(CENTS)
def test_every_amount_of_the_contract_is_read_exactly(amount: Decimal) -> None:
    found = decode(f'{{"payments": [{{"amount": {amount}}}]}}'.encode(), Payments)
    assert found.payments == (Payment(amount),)


@pytest.mark.parametrize(
    "amount",
    ["0.001", "10000000000000", "-10000000000000", "1e13", "1e-3", "1e400", "1e-400", '"NaN"', '"Infinity"', '"sNaN"'],
)
def test_an_amount_beyond_the_contract_is_refused_by_place_and_not_by_value(amount: str) -> None:
    with pytest.raises(BadReply, match=r"amount is not a monetary value.*\$\.payments\[0\]") as caught:
        decode(f'{{"payments": [{{"amount": {amount}}}]}}'.encode(), Payments)
    assert amount.strip('"') not in str(caught.value)


@pytest.mark.parametrize("amount", ["true", "null", '"x"', "{}", "1e99999999999999999999"])
def test_what_is_no_number_is_refused(amount: str) -> None:
    with pytest.raises(BadReply):
        decode(f'{{"payments": [{{"amount": {amount}}}]}}'.encode(), Payments)


def test_an_order_is_written_with_a_number_and_without_what_it_has_not() -> None:
    order = PaymentOrder(amount=Decimal("9999999999999.90"), currency="CNY")
    assert _ENCODER.encode(order) == b'{"amount":9999999999999.90,"currency":"CNY"}'

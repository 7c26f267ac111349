"""XML Schema's dates and times in the forms that registers write."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from adapters.contract.errors import BadReply
from adapters.contract.records import PartialDate, Precision
from adapters.products.xroad.xsd import moment, partial_date

WUHAN = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-02T16:00:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T16:00:00+08:00", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00Z", datetime(2026, 3, 2, 8, tzinfo=UTC)),
        ("2026-03-02T08:00:00.5Z", datetime(2026, 3, 2, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-03-02T08:00:00.123456789Z", datetime(2026, 3, 2, 8, 0, 0, 123_456, tzinfo=UTC)),
        ("1988-07-01T12:00:00", datetime(1988, 7, 1, 3, tzinfo=UTC)),
    ],
)
def test_a_time_without_zone_is_local_and_summer_time_is_known(text: str, expected: datetime) -> None:
    read = moment(text, "x", WUHAN)
    assert read == expected
    assert read.utcoffset() is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-03-02",
        "2026-03-02T16:00",
        "2026-03-02 16:00:00",
        "2026-02-30T16:00:00",
        "2026-03-02T24:00:01",
        "2026-03-02T16:00:00+0800",
        "20260302T160000",
        "２０２６-03-02T16:00:00",
        "-2026-03-02T16:00:00",
        "2026-03-02T16:00:00+99:00",
    ],
)
def test_what_is_no_time_is_refused_by_its_place_and_not_its_value(text: str) -> None:
    with pytest.raises(BadReply) as caught:
        moment(text, "extract/readyBy", WUHAN)
    assert "extract/readyBy" in str(caught.value)
    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value", "precision"),
    [
        ("1991-03-14", "1991-03-14", Precision.DAY),
        ("1991-03-14+08:00", "1991-03-14", Precision.DAY),
        ("1991-03Z", "1991-03", Precision.MONTH),
        ("1991", "1991", Precision.YEAR),
    ],
)
def test_a_date_may_be_partial_and_have_a_zone(text: str, value: str, precision: Precision) -> None:
    assert partial_date(text, "x") == PartialDate(value=value, precision=precision)


@pytest.mark.parametrize(
    "text", ["", "91", "1991-13", "1991-02-29", "1991-00-00", "--03-14", "1991-03-14T00:00:00", "1991+8"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(BadReply):
        partial_date(text, "member/birthDate")

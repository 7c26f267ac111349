"""Which complaints a `GET requests` asks for."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sandbox.departments.hotline.answers import Fault
from sandbox.departments.hotline.forms import fault, is_account, moment
from sandbox.departments.hotline.records import ENDED, OPEN, STATUSES, Complaint
from sandbox.departments.hotline.register import Register
from sandbox.records import Text

SPAN = timedelta(days=90)
MOST = 1000
Test = Callable[[Complaint], bool]


def faults_of(query: Mapping[str, str]) -> Sequence[Fault]:
    """All that is wrong with the parameters."""
    return [*time_faults(query), *_other_faults(query)]


def find(register: Register, query: Mapping[str, str]) -> Sequence[Complaint]:
    """At most 1000, newest first; without ids, an account or a date those of the last 90 days.

    `service_request_id` overrides all else, as GeoReport has it.
    """
    if "service_request_id" in query:
        return register.by_number(query["service_request_id"].split(","))[:MOST]
    if "account_id" in query:
        found = register.of_account(query["account_id"])
    else:
        earliest, latest = span(query, register.clock())
        numbered = [each for each in register.all() if each.number]
        found = [each for each in numbered if earliest <= each.requested <= latest]
    tests = list(_tests(query))
    return [each for each in found if all(test(each) for test in tests)][:MOST]


def _tests(query: Mapping[str, str]) -> Iterator[Test]:
    if "service_code" in query:
        codes = set(query["service_code"].split(","))
        yield lambda each: each.service.code in codes
    if "status" in query:
        statuses = _statuses(query["status"])
        yield lambda each: each.status in statuses


def _statuses(value: str) -> set[str]:
    """`open` and `closed` are GeoReport's own two, which gather all the others."""
    asked = set(value.lower().split(","))
    return asked | (OPEN if "open" in asked else set()) | (ENDED if "closed" in asked else set())


def span(query: Mapping[str, str], now: datetime) -> tuple[datetime, datetime]:
    """From `start_date` to `end_date`; where one is missing, 90 days before or after the other, or until now."""
    start, end = moment(query.get("start_date", "")), moment(query.get("end_date", ""))
    if start is None:
        return (end or now) - SPAN, end or now
    return start, end or start + SPAN


def time_faults(query: Mapping[str, str]) -> Sequence[Fault]:
    """What is wrong with `start_date` and `end_date`: no zone, or more than 90 days between them."""
    times = {name: moment(query[name]) for name in ("start_date", "end_date") if name in query}
    text = Text("时间须含时区", "A time has its zone: 2026-03-02T08:00:00Z")
    faults = [fault(name, "invalid", text) for name, value in times.items() if value is None]
    start, end = times.get("start_date"), times.get("end_date")
    if start and end and not timedelta(0) <= end - start <= SPAN:
        faults.append(fault("end_date", "span", Text("时间跨度为0至90天", "The span is between 0 and 90 days")))
    return faults


def _other_faults(query: Mapping[str, str]) -> Iterator[Fault]:
    if "account_id" in query and not is_account(query["account_id"]):
        yield fault("account_id", "invalid", Text("用户编号应为9位数字", "An account has nine digits"))
    if not set(query.get("status", "open").lower().split(",")) <= STATUSES:
        yield fault("status", "unknown", Text("没有这个状态", "There is no such status"))

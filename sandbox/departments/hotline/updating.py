"""`servicerequestupdates`, mySociety's extension: reading the steps of complaints, and adding one."""

from collections.abc import Iterator, Mapping, Sequence

from sandbox.departments.hotline.answers import Fault
from sandbox.departments.hotline.forms import fault, is_short, moment, text_faults
from sandbox.departments.hotline.records import STATUSES, Complaint, Step
from sandbox.departments.hotline.register import Register
from sandbox.departments.hotline.search import MOST, span
from sandbox.records import Text


def find(register: Register, query: Mapping[str, str]) -> Sequence[tuple[Complaint, Step]]:
    """At most 1000 steps, oldest first: of the complaints named, else of the last 90 days or between two dates."""
    if "service_request_id" in query:
        found = register.by_number(query["service_request_id"].split(","))
        steps = [(each, step) for each in found for step in each.steps]
    else:
        earliest, latest = span(query, register.clock())
        numbered = [each for each in register.all() if each.number]
        steps = [(each, step) for each in numbered for step in each.steps if earliest <= step.at <= latest]
    return sorted(steps, key=lambda each: each[1].at)[:MOST]


def faults_of(form: Mapping[str, str]) -> Sequence[Fault]:
    """All that is wrong with a form that adds a step."""
    return list(_faults(form))


def take(complaint: Complaint, form: Mapping[str, str]) -> None:
    """Adds a step without faults; one whose `update_id` is known already changes nothing."""
    if any(step.id == form["update_id"] for step in complaint.steps):
        return
    at = moment(form["updated_datetime"])
    assert at is not None
    text = form["description"].strip()
    complaint.take(Step(form["update_id"], form["status"].lower(), at, Text(text, text)))


def _faults(form: Mapping[str, str]) -> Iterator[Fault]:
    for field in ("service_request_id", "update_id"):
        if not is_short(form.get(field, "")):
            text = Text(f"{field} 缺失或无效", f"{field} is missing or is not an identifier")
            yield fault(field, "invalid", text)
    if form.get("status", "").lower() not in STATUSES:
        yield fault("status", "unknown", Text("没有这个状态", "There is no such status"))
    if moment(form.get("updated_datetime", "")) is None:
        text = Text("时间须含时区", "A time has its zone: 2026-03-02T08:00:00Z")
        yield fault("updated_datetime", "invalid", text)
    name = Text("内容", "description")
    yield from text_faults(form, "description", name=name, most=4000, required=True)

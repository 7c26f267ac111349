"""A record of the hotline as GeoReport's names and values."""

from datetime import datetime

from sandbox.departments.hotline.answers import Entry
from sandbox.departments.hotline.intake import REFERENCE
from sandbox.departments.hotline.records import Complaint, Question, ServiceType, Step
from sandbox.records import Text

_REFERENCE = Question(REFERENCE, Text("您的引用编号", "Your own reference"))


def service_entry(service: ServiceType) -> Entry:
    """An entry of `GET services`."""
    return {
        "service_code": service.code,
        "service_name": service.name,
        "description": service.description,
        "metadata": bool(service.questions),
        "type": service.kind.value,
        "keywords": service.keywords,
        "group": service.group,
    }


def definition_entry(service: ServiceType) -> Entry:
    """The answer of `GET services/{code}`: its questions, and the reference that every service takes."""
    questions = enumerate((*service.questions, _REFERENCE), start=1)
    return {
        "service_code": service.code,
        "attributes": [_question_entry(order, question) for order, question in questions],
    }


def _question_entry(order: int, question: Question) -> Entry:
    entry: dict[str, object] = {
        "variable": True,
        "code": question.code,
        "datatype": question.datatype,
        "required": question.required,
        "datatype_description": None,
        "order": order,
        "description": question.text,
    }
    if question.choices:
        entry["values"] = [{"key": key, "name": name} for key, name in question.choices]
    return entry


def request_entry(complaint: Complaint, *, personal: bool) -> Entry:
    """An entry of `GET requests`; a personal list also says whose it is, and the token of what has no number yet."""
    entry: dict[str, object] = {
        "service_request_id": complaint.number,
        "status": complaint.status,
        "status_notes": complaint.note,
        "service_name": complaint.service.name,
        "service_code": complaint.service.code,
        "description": complaint.description,
        "agency_responsible": complaint.agency,
        "service_notice": None,
        "requested_datetime": _time(complaint.requested),
        "updated_datetime": _time(complaint.updated),
        "expected_datetime": _time(complaint.expected),
        "address": complaint.address,
        "address_id": None,
        "zipcode": complaint.zipcode,
        "lat": complaint.point.lat if complaint.point else None,
        "long": complaint.point.lon if complaint.point else None,
        "media_url": complaint.media_url,
    }
    if personal:
        entry["account_id"] = complaint.account
        if complaint.number is None:
            entry["token"] = complaint.token
    return entry


def receipt_entry(complaint: Complaint) -> Entry:
    """What the one who files gets: the number or the token, and what the city promises."""
    days = complaint.service.days
    notice = Text(f"我们将在{days}天内处理并答复", f"We will deal with it within {days} days")
    receipt: dict[str, object] = {"service_notice": notice}
    if complaint.token:
        receipt["token"] = complaint.token
    elif complaint.number:
        receipt["service_request_id"] = complaint.number
    if complaint.account:
        receipt["account_id"] = complaint.account
    return receipt


def token_entry(complaint: Complaint) -> Entry:
    """An entry of `GET tokens/{token}`."""
    return {"service_request_id": complaint.number, "token": complaint.token}


def update_entry(complaint: Complaint, step: Step) -> Entry:
    """An entry of `GET servicerequestupdates`."""
    return {
        "update_id": step.id,
        "service_request_id": complaint.number,
        "status": step.status,
        "updated_datetime": _time(step.at),
        "description": step.text,
        "media_url": None,
    }


def _time(at: datetime | None) -> str | None:
    return at.isoformat(timespec="seconds") if at else None

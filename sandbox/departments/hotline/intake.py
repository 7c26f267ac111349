"""Checks a form that files a complaint, every fault at once, and makes the complaint."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from sandbox.departments.hotline.answers import Fault
from sandbox.departments.hotline.bodies import Bodies
from sandbox.departments.hotline.forms import fault, is_account, is_short, text_faults
from sandbox.departments.hotline.records import Complaint, Question, ServiceType
from sandbox.records import GeoPoint, Text

LONGEST_DESCRIPTION = 4000
CITY = (GeoPoint(29.96, 113.68), GeoPoint(31.37, 115.09))
"""The south-western and the north-eastern corner of Wuhan."""
REFERENCE = "reference"
_NUMBER = re.compile(r"[-+]?\d{1,3}(\.\d{1,12})?", re.ASCII)
_PATTERNS = {
    "email": re.compile(r"[^@\s]{1,64}@[^@\s]{1,255}"),
    "phone": re.compile(r"\+?[\d ()/.-]{3,32}"),
    "media_url": re.compile(r"https?://[^\s<>\"]{1,2000}"),
}
_NAMES = {
    "email": Text("电子邮箱", "email address"),
    "phone": Text("联系电话", "telephone number"),
    "media_url": Text("图片地址", "photo's address"),
}
_ATTRIBUTE = re.compile(r"attribute\[([^\]]*)\]")


def faults_of(form: Mapping[str, str], service: ServiceType | None) -> Sequence[Fault]:
    """All that is wrong with a form; `service` is the one that its code names."""
    return [*_general(form, service), *_place(form), *_contact(form), *_attributes(form, service)]


def to_complaint(form: Mapping[str, str], service: ServiceType, *, at: datetime, bodies: Bodies) -> Complaint:
    """The complaint of a form without faults; it begins with the community of its place."""
    description = form["description"].strip()
    address = form.get("address_string", "").strip()
    point = point_of(form)
    return Complaint(
        service=service,
        status="open",
        requested=at,
        expected=at + timedelta(days=service.days),
        account=form.get("account_id") or None,
        description=Text(description, description),
        bodies=bodies.of_point(point, service),
        address=Text(address, address) if address else None,
        point=point,
        media_url=form.get("media_url") or None,
    )


def _general(form: Mapping[str, str], service: ServiceType | None) -> Iterator[Fault]:
    if not form.get("service_code"):
        yield fault("service_code", "missing", Text("请选择诉求类别", "Please choose a category"))
    elif service is None:
        yield fault("service_code", "unknown", Text("没有这个诉求类别", "There is no such category"))
    name = Text("诉求内容", "description")
    yield from text_faults(form, "description", name=name, most=LONGEST_DESCRIPTION, required=True)
    if form.get("account_id") and not is_account(form["account_id"]):
        yield fault("account_id", "invalid", Text("用户编号应为9位数字", "An account has nine digits"))


def _place(form: Mapping[str, str]) -> Iterator[Fault]:
    given = [bool(form.get(name)) for name in ("lat", "long")]
    if not any(given):
        if not (form.get("address_string", "").strip() or form.get("address_id")):
            yield fault(
                "location", "missing", Text("请提供地点：定位或地址", "Please say where: a point or an address")
            )
    elif not all(given):
        yield fault("location", "incomplete", Text("经度和纬度须同时提供", "Latitude and longitude come together"))
    elif (point := point_of(form)) is None:
        yield fault("location", "invalid", Text("经纬度无效", "Latitude or longitude is not a number of degrees"))
    elif not _within_city(point):
        yield fault("location", "outside", Text("该地点不在武汉市", "The place is not in Wuhan"))
    yield from text_faults(form, "address_string", name=Text("地址", "address"), most=255)


def point_of(form: Mapping[str, str]) -> GeoPoint | None:
    """The form's place; None where it has none that can be read."""
    lat, long = form.get("lat", ""), form.get("long", "")
    if not (_NUMBER.fullmatch(lat) and _NUMBER.fullmatch(long)):
        return None
    return GeoPoint(float(lat), float(long))


def _within_city(point: GeoPoint) -> bool:
    low, high = CITY
    return low.lat <= point.lat <= high.lat and low.lon <= point.lon <= high.lon


def _contact(form: Mapping[str, str]) -> Iterator[Fault]:
    for field, pattern in _PATTERNS.items():
        if form.get(field) and not pattern.fullmatch(form[field]):
            name = _NAMES[field]
            yield fault(field, "invalid", Text(f"{name.zh}格式不正确", f"The {name.en} is not one"))
    yield from text_faults(form, "last_name", name=Text("姓名", "name"), most=100)


def _attributes(form: Mapping[str, str], service: ServiceType | None) -> Iterator[Fault]:
    given = {match[1]: value for name, value in form.items() if (match := _ATTRIBUTE.fullmatch(name))}
    reference = f"attribute[{REFERENCE}]"
    yield from text_faults(
        {reference: given.pop(REFERENCE, "")}, reference, name=Text("引用编号", "reference"), most=64
    )
    if service is None:
        return
    questions = {question.code: question for question in service.questions}
    for code in given.keys() - questions.keys():
        name = code if is_short(code) else ""
        yield fault(f"attribute[{name}]", "unknown", Text("没有这个问题", "The category has no such question"))
    for question in service.questions:
        yield from _answer(question, given.get(question.code, ""))


def _answer(question: Question, value: str) -> Iterator[Fault]:
    field = f"attribute[{question.code}]"
    if not value.strip():
        if question.required:
            yield fault(field, "missing", Text(f"请填写{question.text.zh}", f"Please answer: {question.text.en}"))
    elif question.choices and value not in dict(question.choices):
        yield fault(field, "invalid", Text(f"{question.text.zh}：选项无效", f"{question.text.en}: no such choice"))
    else:
        yield from text_faults({field: value}, field, name=question.text, most=255)

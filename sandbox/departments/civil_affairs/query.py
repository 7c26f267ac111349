"""Reads a query (`RaadpleegMetBurgerservicenummer`) and refuses what the contract does not allow."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request

from sandbox.departments.civil_affairs.problems import Refused, Wrong, wrong_parameters
from sandbox.departments.civil_affairs.schema import exists, is_automatic
from sandbox.records import Text

RAADPLEEG = "RaadpleegMetBurgerservicenummer"
SEARCHES = frozenset(
    {
        "ZoekMetGeslachtsnaamEnGeboortedatum",
        "ZoekMetNaamEnGemeenteVanInschrijving",
        "ZoekMetPostcodeEnHuisnummer",
        "ZoekMetStraatHuisnummerEnGemeenteVanInschrijving",
        "ZoekMetNummeraanduidingIdentificatie",
        "ZoekMetAdresseerbaarObjectIdentificatie",
    }
)
MOST = {"burgerservicenummer": 20, "fields": 130}
NUMBER = r"^[0-9]{9}$"
MUNICIPALITY = r"^[0-9]{4}$"
FIELD = r"^[a-zA-Z0-9\._]{1,200}$"
_JSON = re.compile(r"(application/json|\*/\*)\s*(;\s*charset=utf-8\s*)?(;\s*q=[0-9.]+\s*)?", re.IGNORECASE)
_REQUIRED = Text("参数必填", "The parameter is required.")


@dataclass(frozen=True, slots=True)
class Query:
    """Whom and what is asked."""

    numbers: Sequence[str]
    fields: Sequence[str]
    municipality: str | None


async def read_query(request: Request) -> Query:
    """The request's query. Raises: Refused with all that is wrong."""
    _negotiate(request)
    body = await _object(request)
    _check_type(body)
    if wrong := list(_wrong(body)):
        raise wrong_parameters(wrong)
    return Query(body["burgerservicenummer"], body["fields"], body.get("gemeenteVanInschrijving"))


def _negotiate(request: Request) -> None:
    accepted = request.headers.get("accept") or "*/*"
    if not any(_JSON.fullmatch(each.strip()) for each in accepted.split(",")):
        title = Text("不支持所要求的内容类型", "The wanted content type is not supported")
        raise Refused(406, "notAcceptable", title)
    sent = request.headers.get("content-type") or "application/json"
    if not _JSON.fullmatch(sent.strip()) or sent.startswith("*"):
        raise Refused(415, "unsupportedMediaType", Text("不支持的内容类型", "The content type is not supported"))


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "paramsValidation", Text("请求正文不是 JSON 对象", "The body is not a JSON object"))
    return body


def _check_type(body: dict[str, Any]) -> None:
    kind = body.get("type")
    if kind is None:
        raise wrong_parameters([Wrong("type", "required", _REQUIRED)])
    if kind in SEARCHES:
        title = Text("您无权使用这种查询", "You are not authorised for this kind of query")
        raise Refused(403, "unauthorizedParameter", title)
    if kind != RAADPLEEG:
        raise wrong_parameters([Wrong("type", "value", Text("查询类型无效", "This is no type of query."))])


def _wrong(body: dict[str, Any]) -> Iterator[Wrong]:
    yield from _wrong_list(body, "burgerservicenummer", NUMBER)
    yield from _wrong_list(body, "fields", FIELD)
    municipality = body.get("gemeenteVanInschrijving")
    if municipality is not None and not _fits(municipality, MUNICIPALITY):
        yield _misfit("gemeenteVanInschrijving", MUNICIPALITY)
    for name in sorted(body.keys() - {"type", "burgerservicenummer", "fields", "gemeenteVanInschrijving"}):
        yield Wrong(name[:30], "unknownParam", Text("未知参数", "The parameter is not expected."))


def _wrong_list(body: dict[str, Any], name: str, pattern: str) -> Iterator[Wrong]:
    value = body.get(name)
    if value is None:
        yield Wrong(name, "required", _REQUIRED)
    elif not isinstance(value, list):
        yield Wrong(name, "array", Text("参数不是数组", "The parameter is no array."))
    elif not value:
        yield Wrong(name, "minItems", Text("至少需要 1 项", "The array has less than 1 item."))
    elif len(value) > MOST[name]:
        reason = Text(f"最多 {MOST[name]} 项", f"The array has more than {MOST[name]} items.")
        yield Wrong(name, "maxItems", reason)
    else:
        for at, item in enumerate(value):
            if not _fits(item, pattern):
                yield _misfit(f"{name}[{at}]", pattern)
            elif name == "fields":
                yield from _wrong_field(f"{name}[{at}]", item)


def _wrong_field(name: str, path: str) -> Iterator[Wrong]:
    if is_automatic(path):
        yield Wrong(name, "fields", Text("该字段自动提供，不得查询", "The field is not allowed, it comes unasked."))
    elif not exists(path):
        yield Wrong(name, "fields", Text("字段不存在", "The field does not exist."))


def _fits(value: object, pattern: str) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern.removeprefix("^").removesuffix("$"), value) is not None


def _misfit(name: str, pattern: str) -> Wrong:
    return Wrong(name, "pattern", Text(f"不符合格式 {pattern}", f"The value does not match {pattern}."))

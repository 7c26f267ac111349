"""The hotline's answers in JSON and XML, whichever the address ends with, in the caller's language."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from starlette.requests import Request
from starlette.responses import Response

from sandbox.records import Text

Entry = Mapping[str, Any]
"""Names and values; a value is a text in both languages, a plain one, None, or a list of entries."""
_ITEMS = {
    "services": "service",
    "service_requests": "request",
    "service_request_updates": "request_update",
    "attributes": "attribute",
    "values": "value",
    "errors": "error",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request."""

    code: str
    description: Text


def locale_of(request: Request) -> str:
    """The caller's language; Chinese unless another one is asked for first."""
    return request.headers.get("accept-language", "zh-CN").split(",")[0].split(";")[0].strip()


def answer(request: Request, root: str, content: Sequence[Entry] | Entry, *, status: int = 200) -> Response:
    """A list of entries or a single one under the element `root`."""
    data = _in_language(content, locale_of(request))
    if request.url.path.endswith(".xml"):
        body = etree.tostring(_element(root, data), xml_declaration=True, encoding="utf-8")
        return Response(body, status, media_type="text/xml")
    body = json.dumps(data, ensure_ascii=False).encode()
    return Response(body, status, media_type="application/json; charset=utf-8")


def refusal(request: Request, status: int, *faults: Fault) -> Response:
    """GeoReport's errors, all at once."""
    return answer(
        request, "errors", [{"code": each.code, "description": each.description} for each in faults], status=status
    )


def _in_language(value: Any, locale: str) -> Any:
    if isinstance(value, Text):
        return value.get(locale)
    if isinstance(value, Mapping):
        return {name: _in_language(each, locale) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_in_language(each, locale) for each in value]
    return value


def _element(name: str, value: Any) -> etree._Element:
    element = etree.Element(name)
    if isinstance(value, dict):
        element.extend(_element(key, each) for key, each in value.items())
    elif isinstance(value, list):
        element.extend(_element(_ITEMS[name], each) for each in value)
    elif value is not None:
        element.text = str(value).lower() if isinstance(value, bool) else str(value)
    return element

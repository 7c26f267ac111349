"""The bodies of the bureau's requests."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.contract.errors import Problem, Rejected
from adapters.contract.ports.civil_affairs import ExtractKind, RequestExtract
from adapters.contract.records import PersonId
from adapters.products.xroad.xml import element

NAMESPACE = "http://public-security.city.example/household-register"
VERSION = "v1"
TYPES = {"HOUSEHOLD": ExtractKind.HOUSEHOLD, "RESIDENCE": ExtractKind.RESIDENCE}
_WRITTEN = {kind: name for name, kind in TYPES.items()}
_NOT_PRINTABLE = {
    "en": "The purpose has characters that cannot be printed.",
    "zh-CN": "用途含有无法打印的字符。",
}


def about(persons: Sequence[PersonId], locale: str) -> str:
    """A request about persons. X-Road drops HTTP headers on the way, so the language is in the body."""
    return element("language", locale) + "".join(element("personCode", person) for person in persons)


def extract_order(order: RequestExtract, locale: str) -> str:
    """A request for an extract. Raises: Rejected when the purpose cannot be written in XML."""
    try:
        purpose = element("purpose", order.purpose)
    except Rejected as exc:
        problem = Problem("PURPOSE_NOT_PRINTABLE", _NOT_PRINTABLE[locale], ("purpose",))
        raise Rejected(exc.reason, problems=(problem,)) from exc
    return about([order.person], locale) + element("extractType", _WRITTEN[order.kind]) + purpose

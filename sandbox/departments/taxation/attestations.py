"""Certificates as API Entreprise has them: of taxes (`fiscal`) and of contributions (`social`)."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sandbox.departments.taxation.accounts import Account
from sandbox.departments.taxation.failures import Denied
from sandbox.records import Text

EXPIRES_IN = 86400
VALID_DAYS = 182
SIRET_DIGITS = 14
_PROVIDERS = {"fiscal": "03", "social": "04"}
"""The digits that begin a code, by the kind of certificate."""
_REFUSED: Mapping[str, Any] = {
    "document_url": None,
    "document_url_expires_in": None,
    "date_debut_validite": None,
    "date_fin_validite": None,
    "code_securite": None,
    "entity_status": {"code": "refus_de_delivrance"},
}
"""A certificate of contributions is refused inside a success."""
_UNPROCESSABLE = Text("无法处理的请求", "Unprocessable entity")
_ASKED_FOR = {"context": "00201", "object": "00202", "recipient": "00203"}
_TITLE = Text("未找到该单位", "Entity not found")
_DETAIL = Text(
    "该编号不存在、未登记，或没有可用于本次调用的信息",
    "The number does not exist, is not known, or has no information for this call",
)


def require_reason(query: Mapping[str, str]) -> None:
    """Who asks and why is part of every call. Raises: Denied."""
    for name, code in _ASKED_FOR.items():
        if not query.get(name):
            raise Denied(422, code, _UNPROCESSABLE, Text(f"缺少参数 {name}", f"The parameter {name} is mandatory"))
    recipient = query["recipient"]
    if len(recipient) != SIRET_DIGITS or not (recipient.isascii() and recipient.isdigit()):
        raise Denied(422, "00210", _UNPROCESSABLE, Text("参数 recipient 无效", "The parameter recipient is no SIRET"))


def require_number(number: str) -> None:
    """The number in the path has nine digits. Raises: Denied."""
    if len(number) != 9 or not (number.isascii() and number.isdigit()):
        raise Denied(422, "00301", _UNPROCESSABLE, Text("编号格式有误", "The number is not correctly formatted"))


def forbidden() -> Denied:
    """The token is missing or not valid."""
    return Denied(
        401, "00101", Text("禁止访问", "Forbidden"), Text("令牌缺失或无效", "The token is missing or not valid")
    )


def missing(kind: str) -> Denied:
    """No certificate: the taxpayer is unknown or not up to date, and which of the two is not said."""
    return Denied(404, _PROVIDERS[kind] + "003", _TITLE, _DETAIL)


def of(kind: str, number: str, account: Account | None, today: date) -> dict[str, Any]:
    """The certificate of a taxpayer. Raises: Denied where there is none."""
    if account is None:
        raise missing(kind)
    if kind == "social":
        return _social(number, today) if account.in_order(today) else _reply(_REFUSED)
    if not account.in_order(today):
        raise missing(kind)
    return _fiscal(number, today)


def _fiscal(number: str, today: date) -> dict[str, Any]:
    """Taxes are declared and paid up to the end of last month."""
    return _document(
        f"https://files.taxation.example/fiscal/{number}.pdf",
        date_delivrance_attestation=str(today),
        date_periode_analysee=str(today.replace(day=1) - timedelta(days=1)),
    )


def _social(number: str, today: date) -> dict[str, Any]:
    """Contributions are paid."""
    return _document(
        f"https://files.taxation.example/social/{number}.pdf",
        date_debut_validite=str(today),
        date_fin_validite=str(today + timedelta(days=VALID_DAYS)),
        code_securite=f"CG{number}",
        entity_status={"code": "ok"},
    )


def _document(url: str, **data: Any) -> dict[str, Any]:
    return _reply({"document_url": url, "document_url_expires_in": EXPIRES_IN, **data})


def _reply(data: Mapping[str, Any]) -> dict[str, Any]:
    return {"data": data, "links": {}, "meta": {}}

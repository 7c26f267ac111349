"""Who may ask the register what: clients by their key, and the fields that each is authorised for."""

from collections.abc import Sequence

from starlette.requests import Request

from sandbox.departments.civil_affairs.problems import Refused
from sandbox.records import Text

CITY = "sandbox-city"
NAMES_ONLY = "sandbox-names-only"
_NAMES = ("burgerservicenummer", "naam", "leeftijd")


def client_of(request: Request) -> str:
    """The key's client; inside the city's own network no key is needed. Raises: Refused for an unknown key."""
    key = request.headers.get("x-api-key", CITY)
    if key not in {CITY, NAMES_ONLY}:
        raise Refused(401, "authentication", Text("身份验证失败", "Not authenticated"))
    return key


def check_fields(client: str, fields: Sequence[str]) -> None:
    """Raises: Refused when the client is not authorised for one of the fields."""
    if client == NAMES_ONLY and any(field.partition(".")[0] not in _NAMES for field in fields):
        title = Text("您无权查询其中的字段", "You are not authorised for one or more of the fields")
        raise Refused(403, "unauthorizedField", title)

"""What a span may say: the attribute names that leave the process, each with the shape of its values.

Everything else is dropped before a span is kept or exported, and so is a value of another shape. Names
follow OpenTelemetry's semantic conventions where they have one; ours begin with `citygate.`.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from opentelemetry.util.types import AttributeValue

# Six digits in a row may be a birthday, a telephone or an identity number: no name of ours has them.
_NAME = re.compile(r"(?!.*\d{6})[A-Za-z0-9_ .,+/(){}\[\]:-]{1,96}")
_WORD = re.compile(r"(?!.*\d{6})[A-Za-z_][A-Za-z0-9_.-]{0,95}")
_GRAPHQL_NAME = re.compile(r"(?!.*\d{6})[A-Za-z_][A-Za-z0-9_]{0,63}")
_HOST = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_DIGEST = re.compile(r"(sha256:)?[0-9a-f]{16,64}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}")


class Redacted(str):
    """A text without personal data. Only `gateway.redaction` makes it, and no other free text leaves."""

    __slots__ = ()


ALLOWED_ATTRIBUTES: Final[Mapping[str, re.Pattern[str] | type[int] | type[bool] | type[Redacted]]] = MappingProxyType(
    {
        "http.request.method": _WORD,
        "http.request.resend_count": int,
        "http.response.status_code": int,
        "http.route": _NAME,
        "network.protocol.name": _WORD,
        "network.protocol.version": _NAME,
        "server.address": _HOST,
        "server.port": int,
        "url.scheme": _WORD,
        "error.type": _NAME,
        "exception.type": _WORD,
        "graphql.document": Redacted,
        "graphql.document.digest": _DIGEST,
        "graphql.errors.count": int,
        "graphql.field.coordinates": _WORD,  # Type.field
        "graphql.operation.name": _GRAPHQL_NAME,
        "graphql.operation.type": re.compile("query|mutation|subscription"),
        "citygate.breaker": re.compile("open|half_open"),
        "graphql.variables": Redacted,
        "citygate.cache": re.compile("hit|miss|shared|bypass|stale"),
        "citygate.correlation.id": _UUID,  # the department's own, X-Road's or HMRC's
        "citygate.department": _WORD,
        "citygate.error.code": _WORD,
        "citygate.error.retryable": bool,
        "citygate.keys.count": int,
        "citygate.operation": _WORD,
        "citygate.protocol": _NAME,
        "citygate.records.count": int,
        "citygate.retries.count": int,
        "citygate.stale.reason": _WORD,
        "citygate.stale.seconds": int,
    }
)


_SHAPES = {name: rule.fullmatch for name, rule in ALLOWED_ATTRIBUTES.items() if isinstance(rule, re.Pattern)}


def allowed(attributes: Mapping[str, AttributeValue] | None) -> dict[str, AttributeValue]:
    """Return the attributes that may leave the process."""
    kept = {}
    for name, value in (attributes or {}).items():
        matches = _SHAPES.get(name)
        if matches is None:
            may = type(value) is ALLOWED_ATTRIBUTES.get(name)  # a bool is an int, so not isinstance
        else:
            may = isinstance(value, str) and matches(value) is not None
        if may:
            kept[name] = value
    return kept


def safe_name(name: str, otherwise: str) -> str:
    """Return a span's or event's name when it has the shape of one, else `otherwise`."""
    return name if _NAME.fullmatch(name) else otherwise

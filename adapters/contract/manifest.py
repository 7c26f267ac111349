"""What a department says of itself in `manifest.yaml`: who it is, what it provides, and how its data may be kept."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from adapters.contract.operations import Kind, operations
from adapters.contract.yaml_file import ConfigError, read_yaml

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
Duration = Annotated[
    str, msgspec.Meta(pattern=r"^\d+(\.\d+)?(ms|s|m|h|d)$", description="a number and ms, s, m, h or d")
]
Timeout = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^(?!0+(\.0+)?[a-z])\d+(\.\d+)?(ms|s|m|h|d)$",
        description="a number that is not 0, and ms, s, m, h or d",
    ),
]
Count = Annotated[int, msgspec.Meta(ge=1, le=100_000)]
LONGEST_KEPT = 366 * 86400.0
_KEPT = ("fresh_for", "stale_while_revalidate", "stale_if_error")


def seconds(duration: str) -> float:
    """A `Duration` in seconds: `250ms` is 0.25, `1h` is 3600."""
    number = duration.rstrip("smhd")
    return float(number) * _UNITS[duration[len(number) :]]


class Personal(Enum):
    """With whom an answer may be shared: everybody, or only the person who asked."""

    PUBLIC = "public"
    SUBJECT = "subject"


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Title(_Strict, frozen=True, rename={"zh_cn": "zh-CN"}):
    """A text for people in both languages."""

    en: str
    zh_cn: str


class Owner(_Strict, frozen=True):
    """Who answers for the department's interface."""

    unit: str
    contact: str


class OtherChannel(_Strict, frozen=True):
    """How a person reaches the department when the gateway cannot."""

    phone: str | None = None
    office: str | None = None


class Option(_Strict, frozen=True):
    """Something that the operator sets in `config/departments.yaml`; a secret is given as a reference only."""

    description: str
    required: bool = True
    secret: bool = False
    default: str | None = None


class Quota(_Strict, frozen=True):
    """At most so many requests in any window of the length `per`."""

    calls: Count
    per: Timeout


class Provided(_Strict, frozen=True):
    """How one operation behaves.

    `personal` is the sharing scope of what comes back. `fresh_for` is how long a record may be served from the
    cache; nothing is kept at `0s`. For `stale_while_revalidate` after that it may still be served while the department
    is asked again, and for `stale_if_error` when the department fails; both are announced in the answer. `timeout`
    bounds one call. `localized` means that the department answers in the caller's language. `requests` is how many
    requests one call takes at most, which is what its quota counts.

    Of a write: `idempotent_by: our_reference` means that the department knows a repeated write by our reference;
    `read_back` names the operation that shows whether a write without an answer was carried out; `lapses_after` is how
    long the outcome of one that nobody can tell matters, such as a hold that expires. A `deferrable` write is
    delivered later when the department is away, and the person is told that it is pending.
    """

    personal: Personal = Personal.SUBJECT
    fresh_for: Duration = "0s"
    stale_while_revalidate: Duration = "0s"
    stale_if_error: Duration = "0s"
    timeout: Timeout = "2s"
    localized: bool = False
    selects_fields: bool = False
    writes: bool = False
    idempotent_by: Literal["our_reference"] | None = None
    requests: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    read_back: str | None = None
    lapses_after: Duration | None = None
    deferrable: bool = False


class Manifest(_Strict, frozen=True):
    """A department. `code` begins the error codes that its failures have (`CIV_TIMED_OUT`).

    `quota` is how many requests it takes from us, where that is known. `deadline_header` is the header field in which
    it takes the time that a request still has: `Prefer` with `wait=` in whole seconds (RFC 7240), any other in
    milliseconds.
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[a-z_][a-z0-9_]{1,40}$")]
    code: Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{3}$")]
    title: Title
    owner: Owner
    product: str
    protocol: str
    provides: dict[str, Provided]
    options: dict[str, Option] = {}
    other_channel: OtherChannel | None = None
    quota: Quota | None = None
    deadline_header: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9-]{0,63}$")] | None = None


def read_manifest(path: Path) -> Manifest:
    """The manifest at `path`, checked against the ports.

    Raises: ConfigError with file, line and key.
    """
    manifest = read_yaml(path, Manifest)
    if manifest.name != path.parent.name:
        raise ConfigError(path, 1, "name", f"{manifest.name!r} is not the folder's name {path.parent.name!r}")
    for name, provided in manifest.provides.items():
        problem = _disagreement(name, provided) or _unsettled(name, provided, manifest.provides)
        if problem:
            raise ConfigError(path, _line_of(path, name), f"provides.{name}", problem)
    return manifest


def _disagreement(name: str, provided: Provided) -> str | None:
    operation = operations().get(name)
    if operation is None:
        return f"no port has this operation; there are {', '.join(sorted(operations()))}"
    if provided.writes != (operation.kind is Kind.WRITE):
        return f"the operation is a {operation.kind.value}: writes must be {str(not provided.writes).lower()}"
    if provided.selects_fields and not operation.selects_fields:
        return "the port's operation takes no fields: selects_fields must be false"
    return _wrongly_kept(provided)


def _wrongly_kept(provided: Provided) -> str | None:
    times = {name: seconds(getattr(provided, name)) for name in _KEPT}
    for name, time in times.items():
        if provided.writes and time:
            return f"a write is not kept: {name} must be 0s"
    if kept_for(provided) > LONGEST_KEPT:
        given = ", ".join(f"{name} is {getattr(provided, name)}" for name, time in times.items() if time)
        return f"nothing is kept longer than 366d: {given}"
    return None


def kept_for(provided: Provided) -> float:
    """Seconds that an answer is kept at most, fresh or not."""
    fresh_for, *stale_for = [seconds(getattr(provided, name)) for name in _KEPT]
    return fresh_for + max(stale_for)


def _unsettled(name: str, provided: Provided, all_provided: Mapping[str, Provided]) -> str | None:
    """What is wrong with how a write without an answer is settled."""
    if not provided.writes:
        given = provided.idempotent_by or provided.read_back or provided.lapses_after or provided.deferrable
        return "idempotent_by, read_back, lapses_after and deferrable are for writes" if given else None
    if provided.deferrable and not (provided.idempotent_by or provided.read_back):
        return "what is delivered later may be sent twice: deferrable needs idempotent_by or read_back"
    if provided.read_back is None:
        return None
    if operations()[name].seen_by is None:
        return "the port does not say how this operation's outcome is read back (@seen_by): read_back must go"
    other = all_provided.get(provided.read_back)
    if other is None or other.writes or operations()[provided.read_back].by_each:
        return f"read_back must be a read that the manifest provides, and {provided.read_back!r} is none"
    return None


def _line_of(path: Path, key: str) -> int:
    lines = path.read_text("utf-8").splitlines()
    return next((number for number, line in enumerate(lines, 1) if line.strip().startswith(f"{key}:")), 1)

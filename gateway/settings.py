"""`config/*.yaml` and the environment, as frozen settings; refused early with file, line and key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from adapters.contract.manifest import Duration, Timeout, Title, seconds
from adapters.contract.policy import CallPolicy
from adapters.contract.yaml_file import ConfigError, read_yaml
from gateway.graphql.limits import Positive
from gateway.limit_settings import HTTP, Limits, Rates

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "config"
Address = Annotated[
    str, msgspec.Meta(pattern=r"^https?://([^\s/?#@]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?(/[^\s?#]*)?$")
]
Origin = Annotated[str, msgspec.Meta(pattern=r"^https?://[^\s/?#@*]+$", description="scheme, host and perhaps port")]
Algorithm = Literal["ES256", "ES384", "PS256", "PS384", "EdDSA"]
LONGEST_LEEWAY = 120.0
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "CITYGATE_DATA_FOLDER": ("data",),
    "CITYGATE_STORE": ("store",),
    "CITYGATE_STORE_KEYS": ("store_keys",),
    "CITYGATE_LEDGER": ("ledger", "url"),
    "CITYGATE_AUDIT": ("audit", "url"),
    "CITYGATE_ISSUER": ("identity", "issuer"),
    "CITYGATE_HOST": ("listen", "host"),
    "CITYGATE_OTLP_ENDPOINT": ("telemetry", "otlp_endpoint"),
    "CITYGATE_COMPILE": ("graphql", "compile"),
    "CITYGATE_ANSWER_BYTES": ("graphql", "answer_bytes"),
    "CITYGATE_FAST_LANE_BYTES": ("graphql", "fast_lane_bytes"),
    "CITYGATE_SAMPLE_RATIO": ("telemetry", "sample_ratio"),
    "CITYGATE_SUBJECT_UNITS": ("graphql", "rates", "subject", "units"),
}
"""Environment variables that stand above `gateway.yaml`; `CITYGATE_ADDRESS_<DEPARTMENT>` stands above an address."""
LISTS = frozenset({"CITYGATE_STORE_KEYS"})
"""Those of them that hold several values, with commas between."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Listen(_Strict, frozen=True):
    """Where the gateway listens, and with how many processes.

    A process takes so many `connections`, and of one address `connections_per_address`, where 0 is no limit of its own;
    the head of a request has `head_timeout`.
    """

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    connections: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 2000
    connections_per_address: Annotated[int, msgspec.Meta(ge=0)] = 0
    head_timeout: Timeout = "10s"


class Identity(_Strict, frozen=True):
    """Whose tokens are believed; the terms are those of `gateway.trust`.

    `assurance` gives the level of an `acr` that is neither `low`, `substantial`, `high` nor one of eIDAS.
    """

    issuer: Address
    audience: str = "citygate"
    algorithms: Annotated[tuple[Algorithm, ...], msgspec.Meta(min_length=1)] = ("ES256",)
    leeway: Duration = "30s"
    longest_lifetime: Timeout = "24h"
    keys_fresh_for: Timeout = "5m"
    keys_kept_for: Timeout = "24h"
    assurance: dict[str, Literal["low", "substantial", "high"]] = {}

    def __post_init__(self) -> None:
        if seconds(self.leeway) > LONGEST_LEEWAY:
            raise ValueError(f"leeway is {self.leeway}; at most {LONGEST_LEEWAY:g}s are allowed")
        if seconds(self.keys_kept_for) < seconds(self.keys_fresh_for):
            raise ValueError(f"keys_kept_for is {self.keys_kept_for}; it must not be below keys_fresh_for")


class Tracing(_Strict, frozen=True):
    """Where traces go; the last `keep` are kept in memory and shown at `/traces`.

    `sample_ratio` is the share of requests that get all their spans; of the others, the outermost span is kept when
    the request fails or is slow.
    """

    otlp_endpoint: Address | None = None
    sample_ratio: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.05
    keep: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 200


class GraphQL(_Strict, frozen=True):
    """How operations are taken. `timeout` bounds a whole operation; `suggestions` are "did you mean" hints.

    With `compile`, operations run as compiled plans, with the same answers. `answer_bytes` bounds the whole answers
    that a process keeps; 0 keeps none. `fast_lane_bytes` bounds the requests and responses that it remembers, to give
    a kept answer again without taking the request apart; 0 switches that off. `documents` says which are taken beside
    those of the manifest `trusted_documents`, a path from the folder of `gateway.yaml`; see `gateway.graphql.lookup`.
    `origins` are those of other sites whose pages may read answers (CORS).
    """

    timeout: Timeout = "10s"
    answer_bytes: Annotated[int, msgspec.Meta(ge=0)] = 4 * 1024 * 1024
    fast_lane_bytes: Annotated[int, msgspec.Meta(ge=0)] = 4 * 1024 * 1024
    documents: Literal["any", "persisted", "trusted"] = "any"
    trusted_documents: str | None = None
    introspection: bool = True
    compile: bool = True
    suggestions: bool = True
    origins: tuple[Origin, ...] = ()
    http: HTTP = HTTP()
    limits: Limits = Limits()
    rates: Rates = Rates()

    def __post_init__(self) -> None:
        for name, (units, _) in self.rates.policies().items():
            if units <= self.limits.requests:
                raise ValueError(
                    f"rates.{name}.units is {units}; it must be above limits.requests, {self.limits.requests}"
                )

    @property
    def lane_bytes(self) -> int:
        """Bytes of the fast lane, which has kept answers only."""
        return self.fast_lane_bytes if self.answer_bytes else 0


class Purpose(_Strict, frozen=True):
    """What personal data may be used for: its title for people, and the GraphQL operations that have it by default."""

    title: Title
    operations: tuple[str, ...] = ()


class Audit(_Strict, frozen=True):
    """The access log; `url` is a file in the data folder when it is not given.

    `keys` are references to secrets: the first seals what the log keeps about people, all of them open it. An entry is
    deleted after `keep`. What was seen is written every `interval`; with `durable` before the answer leaves. While the
    log does not answer, at most `most` entries wait, and for no longer than `patience`: then personal data is refused.
    `purposes` are by code, beside the built-in ones.
    """

    url: str | None = None
    keys: tuple[str, ...] | None = None
    keep: Timeout = "1095d"
    durable: bool = False
    interval: Timeout = "100ms"
    patience: Timeout = "10s"
    most: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 20_000
    purposes: dict[Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,63}$")], Purpose] = {}


class Ledger(_Strict, frozen=True):
    """The ledger of orders to departments; `url` is a file in the data folder when it is not given.

    `keys` are references to secrets: the first seals what the ledger keeps about people, all of them open it. An order
    goes to the human desk after so many `attempts`, or `give_up_after` it came; what has ended is deleted after `keep`.
    """

    url: str | None = None
    keys: tuple[str, ...] | None = None
    attempts: Positive = 12
    give_up_after: Timeout = "3d"
    keep: Timeout = "90d"


class Console(_Strict, frozen=True):
    """The pages for people: GraphiQL and traces."""

    enabled: bool = True
    examples: str = "examples"


class Department(_Strict, frozen=True):
    """A department that is switched on. TLS files are PEM paths; options are what its manifest declares.

    `reply_bytes` is the longest reply that is taken. `calls` says when and how often it is called; see
    `adapters.contract.policy`.
    """

    address: Address
    enabled: bool = True
    connections: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 64
    reply_bytes: Annotated[int, msgspec.Meta(ge=1024, le=8 * 1024 * 1024)] = 1024 * 1024
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    proxy: Address | None = None
    options: dict[str, str] = {}
    calls: CallPolicy = CallPolicy()


class GatewayFile(_Strict, frozen=True):
    """`config/gateway.yaml`.

    `store_keys` are references to the secrets that seal a store outside the process: the first seals, all open.
    In `production`, trusted documents are taken only, and nothing tells of the schema: no introspection, no "did you
    mean", no pages. It stands above `graphql` and `console`.
    """

    identity: Identity
    production: bool = False
    listen: Listen = Listen()
    data: str = ".citygate"
    store: str = "memory://?max_bytes=8MiB"
    store_keys: tuple[str, ...] | None = None
    ledger: Ledger = Ledger()
    audit: Audit = Audit()
    telemetry: Tracing = Tracing()
    graphql: GraphQL = GraphQL()
    console: Console = Console()

    def __post_init__(self) -> None:
        if self.production:
            closed = {"documents": "trusted", "introspection": False, "suggestions": False}
            msgspec.structs.force_setattr(self, "graphql", msgspec.structs.replace(self.graphql, **closed))
            msgspec.structs.force_setattr(self, "console", msgspec.structs.replace(self.console, enabled=False))


class DepartmentsFile(_Strict, frozen=True):
    """`config/departments.yaml`."""

    departments: dict[str, Department]


class Settings(_Strict, frozen=True):
    """Everything an operator can change. `sandbox_issuer` is set when personas may be played."""

    gateway: GatewayFile
    departments: dict[str, Department]
    folder: Path = CONFIG
    sandbox_issuer: str | None = None

    def trusted_documents(self) -> Path | None:
        """The manifest of trusted documents. Raises: ConfigError when only those are taken and there is none."""
        graphql = self.gateway.graphql
        if graphql.trusted_documents is not None:
            return self.folder / graphql.trusted_documents
        if graphql.documents == "trusted":
            reason = "trusted documents are taken only, but graphql.trusted_documents names no manifest"
            raise ConfigError(self.folder / "gateway.yaml", 1, "graphql.documents", reason)
        return None


def load(folder: Path = CONFIG, environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in a folder, with the environment above them.

    Raises: ConfigError with file, line and key; FileNotFoundError.
    """
    gateway = _with_environment(read_yaml(folder / "gateway.yaml", GatewayFile), environ)
    found = read_yaml(folder / "departments.yaml", DepartmentsFile).departments
    departments = {name: _at(one, name, environ) for name, one in found.items() if one.enabled}
    return Settings(gateway=gateway, departments=departments, folder=folder)


def _with_environment(gateway: GatewayFile, environ: Mapping[str, str]) -> GatewayFile:
    plain: dict[str, Any] = msgspec.to_builtins(gateway)
    for variable, path in ENVIRONMENT.items():
        if variable in environ:
            given = environ[variable]
            _put(plain, path, [each.strip() for each in given.split(",")] if variable in LISTS else given)
    try:
        return msgspec.convert(plain, GatewayFile, strict=False)  # a variable is text
    except msgspec.ValidationError as exc:
        raise ConfigError(Path("environment"), 1, _variable_of(str(exc)), str(exc).partition(" - at ")[0]) from exc


def _put(plain: dict[str, Any], path: tuple[str, ...], value: str | list[str]) -> None:
    for step in path[:-1]:
        plain = plain[step]
    plain[path[-1]] = value


def _variable_of(message: str) -> str:
    place = message.partition("$.")[2].rstrip("`")
    return next((name for name, path in ENVIRONMENT.items() if ".".join(path) == place), place)


def _at(department: Department, name: str, environ: Mapping[str, str]) -> Department:
    variable = f"CITYGATE_ADDRESS_{name.upper()}"
    if variable not in environ:
        return department
    try:
        return msgspec.convert({**msgspec.to_builtins(department), "address": environ[variable]}, Department)
    except msgspec.ValidationError as exc:
        raise ConfigError(Path("environment"), 1, variable, "not an http(s) address") from exc

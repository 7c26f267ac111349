"""`config/*.yaml` and the environment, as frozen settings; refused early with file, line and key."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from adapters.contract.manifest import Duration, Timeout
from adapters.contract.yaml_file import ConfigError, read_yaml

ROOT = Path(__file__).parent.parent
CONFIG = ROOT / "config"
Address = Annotated[
    str, msgspec.Meta(pattern=r"^https?://([^\s/?#@]+@)?(\[[0-9A-Fa-f:.]+\]|[^\s/?#@:\[\]]+)(:\d{1,5})?(/[^\s?#]*)?$")
]
Positive = Annotated[int, msgspec.Meta(ge=1)]
Port = Annotated[int, msgspec.Meta(ge=0, le=65535)]

ENVIRONMENT: Mapping[str, tuple[str, ...]] = {
    "CITYGATE_DATA_FOLDER": ("data",),
    "CITYGATE_STORE": ("store",),
    "CITYGATE_LEDGER": ("ledger", "url"),
    "CITYGATE_ISSUER": ("identity", "issuer"),
    "CITYGATE_HOST": ("listen", "host"),
    "CITYGATE_OTLP_ENDPOINT": ("telemetry", "otlp_endpoint"),
    "CITYGATE_COMPILE": ("graphql", "compile"),
    "CITYGATE_ANSWER_BYTES": ("graphql", "answer_bytes"),
    "CITYGATE_SAMPLE_RATIO": ("telemetry", "sample_ratio"),
}
"""Environment variables that stand above `gateway.yaml`; `CITYGATE_ADDRESS_<DEPARTMENT>` stands above an address."""


class _Strict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Listen(_Strict, frozen=True):
    """Where the gateway listens, and with how many processes."""

    host: str = "127.0.0.1"
    port: Port = 8000
    workers: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1


class Identity(_Strict, frozen=True):
    """Whose tokens are believed. `algorithms` are pinned; `leeway` is for clocks that differ."""

    issuer: Address
    audience: str = "citygate"
    algorithms: tuple[str, ...] = ("ES256",)
    leeway: Duration = "30s"


class Tracing(_Strict, frozen=True):
    """Where traces go; the last `keep` are kept in memory and shown at `/traces`.

    `sample_ratio` is the share of requests that get all their spans; of the others, the outermost span is kept when
    the request fails or is slow.
    """

    otlp_endpoint: Address | None = None
    sample_ratio: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.05
    keep: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 200


class Limits(_Strict, frozen=True):
    """What one document may ask for; see `gateway.graphql.limits`."""

    characters: Positive = 64 * 1024
    tokens: Positive = 2000
    depth: Positive = 16
    fields: Positive = 1000
    spreads: Positive = 500
    aliases: Positive = 50
    root_fields: Positive = 25


class GraphQL(_Strict, frozen=True):
    """How operations are taken. `timeout` bounds a whole operation; `suggestions` are "did you mean" hints.

    With `compile`, what repeats runs as compiled plans, with the same answers. `answer_bytes` bounds the whole answers
    that a process keeps; 0 keeps none. `documents` says which are taken beside those of the manifest
    `trusted_documents`, a path from the folder of `gateway.yaml`; see `gateway.graphql.lookup`.
    """

    timeout: Timeout = "10s"
    answer_bytes: Annotated[int, msgspec.Meta(ge=0)] = 8 * 1024 * 1024
    documents: Literal["any", "persisted", "trusted"] = "any"
    trusted_documents: str | None = None
    introspection: bool = True
    compile: bool = True
    suggestions: bool = True
    limits: Limits = Limits()


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
    """A department that is switched on. TLS files are PEM paths; options are what its manifest declares."""

    address: Address
    enabled: bool = True
    connections: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 64
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    proxy: Address | None = None
    options: dict[str, str] = {}


class GatewayFile(_Strict, frozen=True):
    """`config/gateway.yaml`."""

    identity: Identity
    listen: Listen = Listen()
    data: str = ".citygate"
    store: str = "memory://?max_bytes=16MiB"
    ledger: Ledger = Ledger()
    telemetry: Tracing = Tracing()
    graphql: GraphQL = GraphQL()
    console: Console = Console()


class DepartmentsFile(_Strict, frozen=True):
    """`config/departments.yaml`."""

    departments: dict[str, Department]


class Settings(_Strict, frozen=True):
    """Everything an operator can change. `sandbox_issuer` is set when personas may be played."""

    gateway: GatewayFile
    departments: dict[str, Department]
    folder: Path = CONFIG
    sandbox_issuer: str | None = None


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
            _put(plain, path, environ[variable])
    try:
        return msgspec.convert(plain, GatewayFile, strict=False)  # a variable is text
    except msgspec.ValidationError as exc:
        raise ConfigError(Path("environment"), 1, _variable_of(str(exc)), str(exc).partition(" - at ")[0]) from exc


def _put(plain: dict[str, Any], path: tuple[str, ...], value: str) -> None:
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

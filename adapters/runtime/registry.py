"""The configured departments: loaded by name, connected, and offered to resolvers as one city."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from adapters.contract.city import Caller, DepartmentInfo
from adapters.contract.errors import NotOffered
from adapters.contract.filings import Filing
from adapters.contract.manifest import Manifest, read_manifest
from adapters.contract.operations import FieldSet, Kind, is_by_each, operations, port_name
from adapters.contract.transport import Transport
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime.bound import Bound
from adapters.runtime.call import Calls

P = TypeVar("P")
FOLDER = Path(__file__).parent.parent / "departments"


class RegistryError(Misconfigured):
    """The configured departments do not go together: names the department, the thing and what would do."""


@dataclass(frozen=True)
class Registry:
    """Which department provides which operation: one (`providers`), or each that offers it (`of_each`), by its name."""

    manifests: tuple[Manifest, ...]
    providers: dict[str, Bound] = field(repr=False)
    of_each: dict[str, dict[str, Bound]] = field(default_factory=dict, repr=False)

    def city_for(self, calls: Calls, caller: Caller) -> BoundCity:
        """The city as one caller sees it."""
        return BoundCity(self, calls, caller)

    def renew(self, name: str, transport: Transport, options: Mapping[str, str]) -> None:
        """Connect a department again, with other options. Calls that are under way end as they began.

        Raises: RegistryError when the adapter refuses them; the department is then as it was.
        """
        (manifest,) = (one for one in self.manifests if one.name == name)
        for bound in tuple(_bind(manifest, transport, options)):
            self._places(bound)[_place(bound)] = bound

    def add(self, bound: Bound) -> None:
        """Let a department provide an operation. Raises: RegistryError when another one does that nobody shares."""
        other = self._places(bound).setdefault(_place(bound), bound)
        if other is not bound:
            raise RegistryError(
                f"{bound.operation.name} is provided by {other.department} and {bound.department}: disable one"
            )

    def _places(self, bound: Bound) -> dict[str, Bound]:
        operation = bound.operation
        return self.of_each.setdefault(operation.name, {}) if operation.by_each else self.providers

    @property
    def bounds(self) -> tuple[Bound, ...]:
        """Every operation at every department that provides it."""
        return (*self.providers.values(), *(bound for each in self.of_each.values() for bound in each.values()))

    def charges_of(self, operation: str) -> tuple[tuple[str, int], ...]:
        """Who provides an operation, each with how many requests a call takes there at most."""
        one = self.providers.get(operation)
        found = self.of_each.get(operation, {}).values() if one is None else (one,)
        return tuple((bound.department, bound.provided.requests) for bound in found)

    def at(self, department: str) -> dict[str, Bound]:
        """What a department provides of what each may, by operation."""
        return {name: each[department] for name, each in self.of_each.items() if department in each}

    def infos(self) -> tuple[DepartmentInfo, ...]:
        """The departments as people see them."""
        return tuple(_info(manifest) for manifest in self.manifests)


def connect(transports: Mapping[str, Transport], options: Mapping[str, Mapping[str, str]]) -> Registry:
    """A registry of the departments that have a transport, in that order. Nothing is called yet.

    Raises: RegistryError for an unknown department, an operation that two provide, a code that two have, an adapter
    that does not fit its manifest or refuses its options; ConfigError for a manifest that does not fit.
    """
    manifests = [manifest_of(name) for name in transports]
    _refuse_repeated_codes(manifests)
    registry = Registry(tuple(manifests), {})
    for manifest in manifests:
        for bound in _bind(manifest, transports[manifest.name], options.get(manifest.name, {})):
            registry.add(bound)
    return registry


def _place(bound: Bound) -> str:
    """Under what it stands among its like: what each may provide by the department, anything else by the operation."""
    return bound.department if bound.operation.by_each else bound.operation.name


def manifest_of(name: str) -> Manifest:
    """The manifest of a department's folder. Raises: RegistryError when there is no such folder; ConfigError."""
    path = FOLDER / name / "manifest.yaml"
    if not name.isidentifier() or not path.is_file():
        known = sorted(found.parent.name for found in FOLDER.glob("[!_]*/manifest.yaml"))
        raise RegistryError(f"there is no department {name!r} in {FOLDER.name}/; there are {', '.join(known)}")
    return read_manifest(path)


def _refuse_repeated_codes(manifests: Iterable[Manifest]) -> None:
    owners: dict[str, str] = {}
    for manifest in manifests:
        other = owners.setdefault(manifest.code, manifest.name)
        if other != manifest.name:
            raise RegistryError(f"the code {manifest.code} is {other}'s and {manifest.name}'s: change one")


def _bind(manifest: Manifest, transport: Transport, options: Mapping[str, str]) -> Iterable[Bound]:
    ports = _connect(manifest, transport, options)
    for name, provided in manifest.provides.items():
        operation = operations()[name]
        method = getattr(ports.get(operation.port), operation.method, None)
        if not callable(method):
            raise RegistryError(f"{manifest.name}: the manifest provides {name}, but connect() gives no such port")
        yield Bound(operation, manifest, provided, method)


def _connect(manifest: Manifest, transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    module = f"adapters.departments.{manifest.name}.adapter"
    try:
        adapter = importlib.import_module(module)
    except ModuleNotFoundError as exc:
        raise RegistryError(f"{manifest.name}: {module} cannot be imported: there is no module {exc.name}") from exc
    try:
        ports: Mapping[str, object] = adapter.connect(transport, options)
    except (ValueError, LookupError) as exc:
        secrets = [value for name, value in options.items() if manifest.options[name].secret]
        reason = type(exc).__name__ if any(secret in str(exc) for secret in secrets) else exc
        raise RegistryError(f"{manifest.name}: the adapter refuses its options: {reason}") from exc
    return ports


class BoundCity:
    """`City` for one caller."""

    def __init__(self, registry: Registry, calls: Calls, caller: Caller) -> None:
        self._registry = registry
        self._calls = calls
        self._caller = caller

    def port(self, protocol: type[P]) -> P:
        """As the contract says."""
        if is_by_each(protocol):
            raise TypeError(f"each department may provide {port_name(protocol)}: ask `each` of them")
        found: P = self._port(port_name(protocol), self._registry.providers)
        return found

    def each(self, protocol: type[P]) -> Mapping[str, P]:
        """As the contract says."""
        name = port_name(protocol)
        if not is_by_each(protocol):
            raise TypeError(f"one department provides {name}: ask its `port`")
        found = {one.name: self._registry.at(one.name) for one in self._registry.manifests}
        return {
            department: self._port(name, bounds)
            for department, bounds in found.items()
            if any(bound.port == name for bound in bounds.values())
        }

    def _port(self, name: str, bounds: Mapping[str, Bound]) -> Any:
        """It stands for the port's Protocol."""
        return _Port(name, bounds, self._calls, self._caller)

    def on_behalf_of(self, subject: str, *, actor: str, basis: str) -> BoundCity:
        """As the contract says."""
        caller = msgspec.structs.replace(self._caller, subject=subject, actor=actor, basis=basis)
        return BoundCity(self._registry, self._calls, caller)

    def departments(self) -> tuple[DepartmentInfo, ...]:
        """As the contract says."""
        return self._registry.infos()

    async def filings(self) -> tuple[Filing, ...]:
        """As the contract says."""
        return await self._calls.filings(self._caller)


class _Port:
    """Stands for a port's Protocol: each of its methods is a call to the department that provides it."""

    def __init__(self, name: str, bounds: Mapping[str, Bound], calls: Calls, caller: Caller) -> None:
        self._name, self._bounds, self._calls, self._caller = name, bounds, calls, caller

    def __getattr__(self, method: str) -> Callable[..., Coroutine[Any, Any, Any]]:
        name = f"{self._name}.{method}"
        bound = self._bounds.get(name)
        if bound is None:
            if name not in operations():
                raise AttributeError(name)
            return partial(_not_offered, name)
        if bound.operation.kind is Kind.WRITE:
            return partial(self._calls.write, bound, self._caller)
        return partial(self._calls.read, bound, self._caller)


async def _not_offered(name: str, _argument: object, _fields: FieldSet = frozenset()) -> Any:
    error = NotOffered("no configured department provides the operation")
    error.operation = name
    raise error


def _info(manifest: Manifest) -> DepartmentInfo:
    channel = manifest.other_channel
    return DepartmentInfo(
        name=manifest.name,
        code=manifest.code,
        title_en=manifest.title.en,
        title_zh=manifest.title.zh_cn,
        protocol=manifest.protocol,
        operations=tuple(manifest.provides),
        phone=channel.phone if channel else None,
        office=channel.office if channel else None,
    )

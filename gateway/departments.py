"""The departments that the settings name: their transports, the guards before them, and who provides what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opentelemetry.trace import Tracer

from adapters.contract.transport import Transport
from adapters.contract.yaml_file import Misconfigured
from adapters.runtime import registry
from adapters.runtime.http import Endpoint, HttpTransport
from adapters.runtime.stages.guards import Guards
from adapters.runtime.store import Store
from gateway.reload import Looks, Reload, policies_of
from gateway.rotation import Rotation, secrets_in_files
from gateway.secrets import options_of
from gateway.settings import Department, Settings

Transports = dict[str, HttpTransport]


@dataclass(frozen=True, slots=True)
class Departments:
    """Departments that can be called. `looks` takes secrets and policies into use that were replaced."""

    registry: registry.Registry
    guards: Guards
    looks: Looks


def departments_of(settings: Settings, transports: Transports, shared: Store | None) -> Departments:
    """The departments behind their guards, which the processes on a `shared` store have together.

    Raises: RegistryError, OptionError.
    """
    manifests = {name: registry.manifest_of(name) for name in settings.departments}
    policies = policies_of(settings.departments, manifests)
    guards = Guards(policies, shared=shared, share=1 / settings.gateway.listen.workers)
    doors = {name: guards.door(one, manifests[name]) for name, one in transports.items()}
    found = registry_of(settings, doors)
    looks = Looks(_rotation(settings, doors, found), Reload(settings, guards.configure, manifests))
    return Departments(found, guards, looks)


def registry_of(settings: Settings, doors: Mapping[str, Transport]) -> registry.Registry:
    """Who provides what, through these doors. Raises: RegistryError, OptionError."""
    options = {name: options_of(registry.manifest_of(name), one.options) for name, one in settings.departments.items()}
    return registry.connect(doors, options)


def transports_of(settings: Settings, tracer: Tracer) -> Transports:
    """The way to each department; none is called. Raises: BadUrl, Misconfigured for TLS files."""
    return {name: _transport(name, one, tracer) for name, one in settings.departments.items()}


def _transport(name: str, department: Department, tracer: Tracer) -> HttpTransport:
    try:
        return HttpTransport(_place(name, department), tracer)
    except OSError as exc:  # an ssl.SSLError is one
        files = (department.ca_file, department.certificate_file, department.key_file)
        named = ", ".join(one for one in files if one)
        raise Misconfigured(f"{name}: the TLS files cannot be used ({named}): {exc.strerror or 'not PEM'}") from exc


def _place(name: str, department: Department) -> Endpoint:
    return Endpoint(
        department=name,
        address=department.address,
        connections=department.connections,
        largest_reply=department.reply_bytes,
        ca_file=department.ca_file,
        certificate_file=department.certificate_file,
        key_file=department.key_file,
        proxy=department.proxy,
    )


def _rotation(settings: Settings, doors: Mapping[str, Transport], departments: registry.Registry) -> Rotation:
    rotating = secrets_in_files(departments.manifests, settings.departments)
    return Rotation(rotating, lambda name, options: departments.renew(name, doors[name], options))

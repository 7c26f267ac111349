"""Departments are loaded by name, and go together or are refused at the start."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from adapters.contract.errors import NotOffered, Unavailable
from adapters.contract.manifest import Provided
from adapters.contract.operations import FieldSet, operations
from adapters.contract.ports.appointments import Appointments
from adapters.contract.ports.services import Catalogue, Offices, Services
from adapters.contract.ports.usage import RegisterLogs, RegisterUse
from adapters.contract.records import PersonId
from adapters.contract.transport import Reply, Request
from adapters.contract.yaml_file import ConfigError, Misconfigured
from adapters.runtime import registry
from adapters.runtime.bound import Bound
from adapters.runtime.call import Calls
from adapters.runtime.registry import Registry, RegistryError, connect, manifest_of
from tests.adapters.runtime.notes import bind, caller

MANIFEST = """\
name: {name}
code: {code}
title: {{ en: Archive, zh-CN: 档案馆 }}
owner: {{ unit: Archive, contact: archive@example.org }}
product: plain
protocol: none
options: {{ zone: {{ description: A zone }}, key: {{ description: A key, secret: true }} }}
provides: {{ {provides} }}
"""


class Nowhere:
    """A transport that must not be used."""

    async def send(self, request: Request) -> Reply:
        raise AssertionError("nothing is called while departments are connected")


class Folder:
    """Departments made for a test."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._path, self._monkeypatch = path, monkeypatch
        monkeypatch.setattr(registry, "FOLDER", path)

    def add(self, name: str, code: str, provides: str, adapter: object = None) -> None:
        (self._path / name).mkdir()
        (self._path / name / "manifest.yaml").write_text(MANIFEST.format(name=name, code=code, provides=provides))
        if adapter is not None:
            module = ModuleType("adapter")
            module.connect = adapter  # type: ignore[attr-defined]
            self._monkeypatch.setitem(sys.modules, f"adapters.departments.{name}.adapter", module)

    def connect(self, *names: str, **options: str) -> Registry:
        return connect(dict.fromkeys(names, Nowhere()), dict.fromkeys(names, options))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    return Folder(tmp_path, monkeypatch)


async def listed(keys: object) -> Mapping[str, tuple[str, ...]]:
    return {}


def offices(_transport: object, _options: object) -> Mapping[str, object]:
    return {"offices": SimpleNamespace(listed=listed), "services": SimpleNamespace(listed=listed)}


def test_the_shipped_departments_connect_in_the_given_order() -> None:
    names = sorted(path.parent.name for path in registry.FOLDER.glob("[!_]*/manifest.yaml"))[::-1]
    manifests = {name: manifest_of(name) for name in names}
    options = {
        name: {key: option.default or "x" for key, option in manifest.options.items()}
        for name, manifest in manifests.items()
    }
    found = connect(dict.fromkeys(names, Nowhere()), options)
    assert [info.name for info in found.infos()] == names
    provided = {(manifest.name, name) for manifest in manifests.values() for name in manifest.provides}
    assert {(bound.department, bound.operation.name) for bound in found.bounds} == provided


def test_an_unknown_department_is_refused_with_the_known_ones(folder: Folder) -> None:
    folder.add("archive", "ARC", "offices.listed: {}", offices)
    folder.add("_template", "TPL", "services.listed: {}", offices)
    with pytest.raises(RegistryError, match=r"no department 'archief' in .*; there are archive$"):
        folder.connect("archief")


@pytest.mark.parametrize("name", ["../archive", "archive/../archive", "", ".", "archive.adapter", "/etc"])
def test_a_name_is_no_path(folder: Folder, name: str) -> None:
    folder.add("archive", "ARC", "offices.listed: {}", offices)
    with pytest.raises(Misconfigured):
        folder.connect(name)


def test_two_providers_of_one_operation_are_refused(folder: Folder) -> None:
    folder.add("archive", "ARC", "offices.listed: {}", offices)
    folder.add("library", "LIB", "'offices.listed': {}, 'services.listed': {}", offices)
    with pytest.raises(RegistryError, match=r"offices\.listed is provided by archive and library: disable one"):
        folder.connect("archive", "library")
    assert set(folder.connect("library").providers) == {"offices.listed", "services.listed"}


def log_of(*uses: str, failing: bool = False) -> Callable[..., Mapping[str, object]]:
    """The adapter of a department whose log has entries with these ids about everybody, or which is away."""

    async def of_person(persons: Sequence[PersonId], fields: FieldSet) -> Mapping[PersonId, tuple[RegisterUse, ...]]:
        if failing:
            raise Unavailable("away")
        return dict.fromkeys(persons, tuple(map(entry, uses)))

    return lambda *_: {"usage": SimpleNamespace(of_person=of_person)}


def entry(identifier: str) -> RegisterUse:
    return RegisterUse(
        id=identifier,
        logged_at=datetime(2026, 3, 2, tzinfo=UTC),
        action=None,
        receiver_code=None,
        receiver_name=None,
        receiver_system=None,
    )


LOG = "usage.of_person: { fresh_for: 60s }"
ANN = PersonId("ann")


async def test_what_each_may_provide_is_asked_of_each_with_a_failure_of_its_own(folder: Folder, calls: Calls) -> None:
    folder.add("museum", "MUS", LOG, log_of("m"))
    folder.add("archive", "ARC", LOG, log_of(failing=True))
    folder.add("library", "LIB", LOG, log_of("l1", "l2"))
    folder.add("park", "PRK", "offices.listed: {}", offices)
    found = folder.connect("museum", "park", "archive", "library")
    assert found.charges_of("usage.of_person") == (("museum", 1), ("archive", 1), ("library", 1))
    assert found.charges_of("offices.listed") == (("park", 1),)
    logs = found.city_for(calls, caller(ANN)).each(RegisterLogs)
    assert list(logs) == ["museum", "archive", "library"]
    with pytest.raises(Unavailable) as caught:
        await logs["archive"].of_person([ANN], frozenset())
    assert (caught.value.department, caught.value.operation) == ("archive", "usage.of_person")
    for _ in range(2):  # also where they are kept, one department's answer is not another's
        assert [one.id for one in (await logs["museum"].of_person([ANN], frozenset()))[ANN]] == ["m"]
        assert [one.id for one in (await logs["library"].of_person([ANN], frozenset()))[ANN]] == ["l1", "l2"]


async def test_one_of_several_providers_is_connected_again(folder: Folder, calls: Calls) -> None:
    folder.add("library", "LIB", "usage.of_person: {}", lambda _, options: log_of(options["key"])())
    folder.add("museum", "MUS", "usage.of_person: {}", log_of("m"))
    found = folder.connect("library", "museum", key="old")
    found.renew("library", Nowhere(), {"key": "new"})
    logs = found.city_for(calls, caller(ANN)).each(RegisterLogs)
    given = {name: await log.of_person([ANN], frozenset()) for name, log in logs.items()}
    assert {name: answer[ANN][0].id for name, answer in given.items()} == {"library": "new", "museum": "m"}


async def test_nobody_is_asked_about_somebody_else_by_any_of_them(folder: Folder, calls: Calls) -> None:
    folder.add("museum", "MUS", LOG, log_of("m"))
    folder.add("library", "LIB", LOG, log_of("l"))
    city = folder.connect("museum", "library").city_for(calls, caller(ANN))
    for log in city.each(RegisterLogs).values():
        with pytest.raises(PermissionError, match=r"usage\.of_person"):
            await log.of_person([PersonId("bea")], frozenset())


def test_what_one_provides_and_what_each_may_are_not_mixed_up(folder: Folder, calls: Calls) -> None:
    folder.add("park", "PRK", "offices.listed: {}", offices)
    city = folder.connect("park").city_for(calls, caller(ANN))
    assert city.each(RegisterLogs) == {}
    with pytest.raises(TypeError, match="each department may provide usage"):
        city.port(RegisterLogs)
    with pytest.raises(TypeError, match="one department provides offices"):
        city.each(Offices)


def test_two_departments_of_one_code_are_refused(folder: Folder) -> None:
    folder.add("archive", "ARC", "offices.listed: {}", offices)
    folder.add("arcade", "ARC", "services.listed: {}", offices)
    with pytest.raises(RegistryError, match="the code ARC is archive's and arcade's"):
        folder.connect("archive", "arcade")


def test_a_manifest_that_does_not_fit_says_where(folder: Folder) -> None:
    folder.add("archive", "arc", "offices.listed: {}", offices)
    with pytest.raises(ConfigError, match=r"manifest\.yaml:2: code: .*not 'arc'"):
        folder.connect("archive")


def test_an_adapter_gives_what_its_manifest_promises(folder: Folder) -> None:
    for name, code, given in (("one", "ONE", {}), ("two", "TWO", {"offices": object()})):
        folder.add(name, code, "offices.listed: {}", lambda *_, given=given: given)
        with pytest.raises(RegistryError, match=rf"{name}: the manifest provides offices\.listed"):
            folder.connect(name)


def test_a_folder_without_an_adapter_is_refused(folder: Folder) -> None:
    folder.add("archive", "ARC", "offices.listed: {}")
    with pytest.raises(RegistryError, match=r"archive: .* cannot be imported: there is no module"):
        folder.connect("archive")


def test_refused_options_name_the_department_and_no_secret(folder: Folder) -> None:
    def zoned(_transport: object, options: Mapping[str, str]) -> Mapping[str, object]:
        raise LookupError(f"no zone {options['zone']}")

    def keyed(_transport: object, options: Mapping[str, str]) -> Mapping[str, object]:
        raise ValueError(f"bad key {options['key']}")

    folder.add("archive", "ARC", "offices.listed: {}", zoned)
    folder.add("library", "LIB", "offices.listed: {}", keyed)
    with pytest.raises(RegistryError, match="archive: the adapter refuses its options: no zone Mars/Olympus"):
        folder.connect("archive", zone="Mars/Olympus", key="s3cret")
    with pytest.raises(RegistryError, match=r"library: the adapter refuses its options: ValueError$") as caught:
        folder.connect("library", zone="Mars/Olympus", key="s3cret")
    assert "s3cret" not in str(caught.value)


async def test_a_port_knows_its_operations_and_no_others(calls: Calls) -> None:
    async def listed(catalogues: list[Catalogue]) -> Mapping[Catalogue, tuple[str, ...]]:
        return dict.fromkeys(catalogues, ())

    operation = operations()["offices.listed"]
    bound: Bound = bind(operation, listed, personal="public")
    city = Registry((bound.manifest,), {operation.name: bound}).city_for(calls, caller(None))
    assert await city.port(Offices).listed([Catalogue()]) == {Catalogue(): ()}
    with pytest.raises(NotOffered) as caught:
        await city.port(Services).listed([Catalogue()])
    assert (caught.value.department, caught.value.operation) == (None, "services.listed")
    with pytest.raises(NotOffered):
        await city.port(Appointments).hold(None)  # type: ignore[arg-type]
    with pytest.raises(AttributeError, match=r"offices\.closed"):
        city.port(Offices).closed  # type: ignore[attr-defined]  # noqa: B018
    private = replace(bound, provided=Provided())
    secret = Registry((bound.manifest,), {operation.name: private}).city_for(calls, caller(None))
    with pytest.raises(PermissionError):
        await secret.port(Offices).listed([Catalogue()])

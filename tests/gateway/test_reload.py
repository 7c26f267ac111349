"""How departments are called is changed while the gateway runs; what cannot be used changes nothing."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace

import msgspec
import pytest

from adapters.contract import watched
from adapters.contract.manifest import Manifest, Quota
from adapters.contract.policy import CallPolicy
from gateway.reload import Looks, Reload, policies_of
from gateway.settings import Department, load

QUOTA = Quota(calls=5, per="1m")


def manifest_of(name: str) -> Manifest:
    title, owner = {"en": name, "zh-CN": name}, {"unit": name, "contact": name}
    facts = {"name": name, "code": "XXX", "title": title, "owner": owner, "product": "p", "protocol": "p"}
    return msgspec.convert({**facts, "provides": {}, "quota": {"calls": 5, "per": "1m"}}, Manifest)


MANIFESTS = {name: manifest_of(name) for name in ("aa", "bb", "archive")}


class Files:
    """A folder of configuration, and a clock of the files that are looked at."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.now = folder, 0.0
        (folder / "gateway.yaml").write_text("identity: { issuer: http://login }\n")
        self.write("in_flight: 1")

    def write(self, calls: str, more: str = "") -> None:
        new = self.folder / "new.yaml"
        new.write_text(f"departments:\n  archive: {{ address: http://a, calls: {{ {calls} }} }}\n{more}")
        new.replace(self.folder / "departments.yaml")
        self.now += watched.LOOK_AFTER


class Told(list[Mapping[str, CallPolicy]]):
    """The policies that were handed on, one after the other."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Files:
    files = Files(tmp_path)
    monkeypatch.setattr(watched, "time", SimpleNamespace(monotonic=lambda: files.now))
    return files


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def reload(files: Files, told: Told) -> Reload:
    return Reload(load(files.folder, {}), told.append, MANIFESTS)


def test_a_quota_is_the_manifests_unless_the_operator_gives_one() -> None:
    own = Quota(calls=1, per="1s")
    given = {"aa": Department(address="http://a"), "bb": Department(address="http://b", calls=CallPolicy(quota=own))}
    assert {name: one.quota for name, one in policies_of(given, MANIFESTS).items()} == {"aa": QUOTA, "bb": own}


def test_a_change_is_handed_on_once(files: Files, reload: Reload, told: Told) -> None:
    reload.look()
    assert not told
    files.write("in_flight: 7")
    for _ in range(2):
        reload.look()
    assert told == [{"archive": CallPolicy(in_flight=7, quota=QUOTA)}]


@pytest.mark.parametrize(
    "calls", ["in_flight: 0", "in_flihgt: 7", "hours: [always]", "maintenance: [{ from: 2026-12-01 }]", "{"]
)
def test_what_is_refused_changes_nothing_and_is_said(
    files: Files, reload: Reload, told: Told, caplog: pytest.LogCaptureFixture, calls: str
) -> None:
    files.write(calls)
    reload.look()
    assert not told
    (line,) = caplog.messages
    assert "departments.yaml:2" in line
    files.write("in_flight: 7")
    reload.look()
    assert len(told) == 1


def test_a_file_that_is_gone_changes_nothing(
    files: Files, reload: Reload, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    (files.folder / "departments.yaml").unlink()
    files.now += watched.LOOK_AFTER
    reload.look()
    assert not told
    assert "cannot be used" in caplog.text


def test_what_needs_a_restart_is_said(
    files: Files, reload: Reload, told: Told, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        files.write("in_flight: 7")
        reload.look()
        assert not caplog.messages
        files.write("in_flight: 8", "  mint: { address: http://mint }\n")
        reload.look()
    assert "after a restart" in caplog.text
    assert [list(each) for each in told] == [["archive"]] * 2, "and the others are not known here"


def test_all_of_them_look(files: Files, told: Told) -> None:
    settings = load(files.folder, {})
    looks = Looks(Reload(settings, told.append, MANIFESTS), Reload(settings, told.append, MANIFESTS))
    files.write("in_flight: 7")
    looks.look()
    assert len(told) == 2

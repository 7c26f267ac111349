"""What a department says of itself is checked against the ports."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.manifest import Personal, Provided, read_manifest, seconds
from adapters.contract.operations import Kind, operations, port
from adapters.contract.operations import write as write_operation
from adapters.contract.yaml_file import ConfigError

HEAD = """\
name: archive
code: ARC
title: { en: Archive, zh-CN: 档案馆 }
owner: { unit: Archive, contact: archive@example.org }
product: plain
protocol: none
provides:
"""


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "archive" / "manifest.yaml"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    return path


def test_the_default_is_private_short_and_kept_nowhere(tmp_path: Path) -> None:
    manifest = read_manifest(write(tmp_path, HEAD + "  appointments.of_person: {}\n"))
    provided = manifest.provides["appointments.of_person"]
    assert provided == Provided()
    assert (provided.personal, provided.fresh_for, provided.timeout) == (Personal.SUBJECT, "0s", "2s")


@pytest.mark.parametrize(
    ("provides", "key", "reason"),
    [
        ("  appointments.nope: {}", "provides.appointments.nope", "there are appointments.cancel, "),
        ("  appointments.hold: {}", "provides.appointments.hold", "is a write: writes must be true"),
        (
            "  appointments.of_person: { writes: true }",
            "provides.appointments.of_person",
            "is a read: writes must be false",
        ),
        ("  complaints.updates: { selects_fields: true }", "provides.complaints.updates", "takes no fields"),
        ("  appointments.hold: { writes: true, fresh_for: 1m }", "provides.appointments.hold", "fresh_for must be 0s"),
        ("  offices.listed: { fresh_for: 367d }", "provides.offices.listed", "longer than 366d: fresh_for is 367d"),
        (
            "  appointments.hold: { writes: true, stale_if_error: 1m }",
            "provides.appointments.hold",
            "stale_if_error must be 0s",
        ),
        (
            "  offices.listed: { fresh_for: 1d, stale_if_error: 366d }",
            "provides.offices.listed",
            "longer than 366d: fresh_for is 1d, stale_if_error is 366d",
        ),
        ("  offices.listed: { fresh_for: 1 h }", "provides.offices.listed.fresh_for", "not '1 h'"),
        ("  offices.listed: { timeout: 0s }", "provides.offices.listed.timeout", "not '0s'"),
        ("  offices.listed: { timeout: 0.0ms }", "provides.offices.listed.timeout", "not '0.0ms'"),
        ("  offices.listed: { timeout: -1s }", "provides.offices.listed.timeout", "not '-1s'"),
        ("  offices.listed: { personal: everybody }", "provides.offices.listed.personal", "'everybody'"),
        ("  offices.listed: { idempotent_by: luck }", "provides.offices.listed.idempotent_by", "'luck'"),
        ("  offices.listed: { deferrable: true }", "provides.offices.listed", "are for writes"),
        ("  offices.listed: { lapses_after: 1h }", "provides.offices.listed", "are for writes"),
        (
            "  complaints.file: { writes: true, deferrable: true }",
            "provides.complaints.file",
            "deferrable needs idempotent_by or read_back",
        ),
        (
            "  complaints.file: { writes: true, read_back: complaints.of_person }\n  complaints.of_person: {}",
            "provides.complaints.file",
            "read_back must go",
        ),
        (
            "  appointments.confirm: { writes: true, read_back: appointments.of_person }",
            "provides.appointments.confirm",
            "'appointments.of_person' is none",
        ),
        (
            "  appointments.confirm: { writes: true, read_back: appointments.confirm }",
            "provides.appointments.confirm",
            "'appointments.confirm' is none",
        ),
        (
            "  appointments.confirm: { writes: true, read_back: usage.of_person }\n  usage.of_person: {}",
            "provides.appointments.confirm",
            "'usage.of_person' is none",
        ),
        ("  offices.listed: { fresh: 1h }", "provides.offices.listed.fresh", "there are personal, fresh_for, "),
    ],
)
def test_what_contradicts_the_ports_is_refused(tmp_path: Path, provides: str, key: str, reason: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read_manifest(write(tmp_path, HEAD + "  services.listed: { personal: public }\n" + provides + "\n"))
    assert (caught.value.key, caught.value.line) == (key, 9)
    assert reason in caught.value.reason


def test_the_folder_gives_the_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'elsewhere' is not the folder's name 'archive'"):
        read_manifest(write(tmp_path, HEAD.replace("name: archive", "name: elsewhere") + "  offices.listed: {}\n"))


@pytest.mark.parametrize(
    ("text", "expected"), [("250ms", 0.25), ("2s", 2), ("1.5m", 90), ("1h", 3600), ("1d", 86400), ("0s", 0)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@given(st.decimals(0, 10_000, places=3, allow_nan=False), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_any_duration_keeps_its_number(number: object, unit: str) -> None:
    factor = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert seconds(f"{number}{unit}") == pytest.approx(float(str(number)) * factor)


def test_every_operation_says_what_it_takes_and_gives() -> None:
    assert len(operations()) > 15
    for name, operation in operations().items():
        assert name == f"{operation.port}.{operation.method}"
        assert operation.argument is not None
        assert operation.result is not None
    assert operations()["appointments.hold"].kind is Kind.WRITE
    selecting = {name for name, each in operations().items() if each.selects_fields}
    assert {"persons.by_id", "complaints.of_person", "tax.payments"} < selecting
    assert all(operations()[name].personal for name in selecting)
    assert [name for name, each in operations().items() if each.by_each] == ["usage.of_person"]


def test_no_order_goes_to_each_department() -> None:
    class Orders:
        @write_operation
        async def file(self, order: str) -> str:
            return order

    with pytest.raises(ValueError, match="port 'orders' is provided by each department: file must not be a write"):
        port("orders", by_each=True)(Orders)

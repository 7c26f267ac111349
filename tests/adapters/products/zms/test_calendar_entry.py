"""The end of an appointment is read from its calendar entry, folded or not, in whatever zone."""

from __future__ import annotations

from datetime import datetime

import pytest

from adapters.contract.errors import BadReply
from adapters.products.zms.calendar_entry import event_end


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("DTEND;TZID=Europe/Berlin:20251029T071500", "2025-10-29T07:15:00+01:00"),
        ("DTEND;TZID=Europe/Berlin:20250729T071500", "2025-07-29T07:15:00+02:00"),
        ("DTEND;TZID=Asia/Shang\r\n hai:2026030\r\n\t3T112000", "2026-03-03T11:20:00+08:00"),
        ("DTEND:20260303T032000Z", "2026-03-03T03:20:00+00:00"),
    ],
    ids=["winter", "summer", "folded", "utc"],
)
def test_end(line: str, expected: str) -> None:
    content = f"BEGIN:VEVENT\r\nDTSTART;TZID=Europe/Berlin:20200101T000000\r\n{line}\r\nEND:VEVENT\r\n"
    assert event_end(content) == datetime.fromisoformat(expected)


@pytest.mark.parametrize("content", ["", "BEGIN:VEVENT\r\nEND:VEVENT", "DESCRIPTION:DTEND:20260303T032000Z"])
def test_no_end(content: str) -> None:
    assert event_end(content) is None


@pytest.mark.parametrize(
    "line",
    [
        "DTEND:20260303T032000",
        "DTEND;TZID=Europe/Atlantis:20260303T032000",
        "DTEND;TZID=../../etc/passwd:20260303T032000",
        "DTEND:20261303T032000Z",
    ],
    ids=["no zone", "unknown zone", "path", "month"],
)
def test_an_end_that_cannot_be(line: str) -> None:
    with pytest.raises(BadReply):
        event_end(line)

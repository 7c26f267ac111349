"""How public 311 records become complaints of the hotline, and why one is refused."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from sandbox.city import build_city
from sandbox.departments.hotline.real import boston, from_data, georeport, new_york
from sandbox.departments.hotline.real.tally import Refused
from sandbox.records import Text

BOSTON = {
    "case_enquiry_id": "1",
    "open_dt": "2022-01-03 07:50:09",
    "target_dt": "",
    "closed_dt": "2022-01-03 10:35:57",
    "case_status": "Closed",
    "closure_reason": "Case Closed.  Resolved ",
    "case_title": "Parking Enforcement",
    "reason": "Enforcement",
    "type": "Parking Enforcement",
    "department": "BTDT",
    "submittedphoto": "",
    "location": "1 Main St  Boston",
    "location_zipcode": " ",
    "latitude": "42.35",
    "longitude": "-71.05",
}
NEW_YORK = {
    "Unique Key": "2",
    "Created Date": "07/18/2018 11:10:04 PM",
    "Closed Date": "",
    "Agency": "NYPD",
    "Agency Name": "Police",
    "Complaint Type": "PAINT/PLASTER",
    "Descriptor": "WALLS",
    "Incident Zip": "",
    "Incident Address": "",
    "Intersection Street 1": "BROADWAY",
    "Intersection Street 2": "1 AVENUE",
    "City": "NEW YORK",
    "Status": "Pending",
    "Due Date": "",
    "Resolution Description": "",
    "Resolution Action Updated Date": "07/19/2018 12:00:00 AM",
    "Latitude": "",
    "Longitude": "",
}
GEOREPORT = {
    "service_request_id": 3,
    "status": "open",
    "service_code": "12",
    "requested_datetime": "2014-07-12T10:58:43-05:00",
    "lat": 41.8,
    "long": -87.6,
}


def test_a_boston_row_gets_its_zone_and_loses_its_blanks():
    complaint = boston.to_complaint(BOSTON)
    assert complaint.requested.astimezone(UTC) == datetime(2022, 1, 3, 12, 50, 9, tzinfo=UTC)
    assert complaint.note == Text("Case Closed. Resolved", "Case Closed. Resolved")
    assert (complaint.expected, complaint.zipcode, complaint.media_url) == (None, None, None)
    assert [step.status for step in complaint.steps] == ["open", "closed"]


def test_a_new_york_row_in_summer_time_with_a_crossing():
    complaint = new_york.to_complaint(NEW_YORK)
    assert complaint.requested.astimezone(UTC) == datetime(2018, 7, 19, 3, 10, 4, tzinfo=UTC)
    assert complaint.address == Text("BROADWAY & 1 AVENUE, NEW YORK", "BROADWAY & 1 AVENUE, NEW YORK")
    assert (complaint.status, complaint.point, complaint.note) == ("investigating", None, None)
    assert (
        complaint.service.code != new_york.to_complaint({**NEW_YORK, "Complaint Type": "PAINT - PLASTER"}).service.code
    )


@pytest.mark.parametrize(
    ("read", "row", "change", "reason"),
    [
        (boston.to_complaint, BOSTON, {"case_enquiry_id": " "}, "case_enquiry_id_missing"),
        (boston.to_complaint, BOSTON, {"open_dt": ""}, "open_dt_missing"),
        (boston.to_complaint, BOSTON, {"open_dt": "03/01/2022"}, "date_unreadable"),
        (boston.to_complaint, BOSTON, {"open_dt": "2022-03-13 02:30:00"}, "date_skipped_by_summer_time"),
        (boston.to_complaint, BOSTON, {"closed_dt": "2021-12-31 10:00:00"}, "updated_before_opened"),
        (boston.to_complaint, BOSTON, {"case_status": "Limbo"}, "status_unknown"),
        (boston.to_complaint, BOSTON, {"latitude": ""}, "location_unreadable"),
        (boston.to_complaint, BOSTON, {"type": ""}, "type_missing"),
        (new_york.to_complaint, NEW_YORK, {"Created Date": "2018-07-18"}, "date_unreadable"),
        (new_york.to_complaint, NEW_YORK, {"Created Date": ""}, "created_date_missing"),
        (new_york.to_complaint, NEW_YORK, {"Status": "Unspecified"}, "status_unknown"),
        (new_york.to_complaint, NEW_YORK, {"Latitude": "x", "Longitude": "y"}, "location_unreadable"),
        (georeport.to_complaint, GEOREPORT, {"requested_datetime": "2014-07-12T10:58:43"}, "date_without_zone"),
        (georeport.to_complaint, GEOREPORT, {"requested_datetime": "yesterday"}, "date_unreadable"),
        (georeport.to_complaint, GEOREPORT, {"requested_datetime": None}, "requested_datetime_missing"),
        (georeport.to_complaint, GEOREPORT, {"status": "pondering"}, "status_unknown"),
        (georeport.to_complaint, GEOREPORT, {"service_code": None}, "service_code_missing"),
        (georeport.to_service, {"service_code": "1", "service_name": "x"}, {"type": "someday"}, "type_unknown"),
    ],
)
def test_a_row_is_refused_with_a_named_reason(read: Any, row: dict[str, Any], change: dict[str, Any], reason: str):
    read({**row, "type": row.get("type", "realtime")})
    with pytest.raises(Refused) as caught:
        read({**row, **change})
    assert caught.value.reason == reason


def write(data: Path, name: str, text: str) -> None:
    path = data / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def csv(*rows: dict[str, str]) -> str:
    lines = [list(rows[0]), *(list(row.values()) for row in rows)]
    return "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines) + "\n"


def test_every_record_is_counted_as_served_or_refused(tmp_path: Path):
    write(tmp_path, "us_311/boston311-100.csv", csv(BOSTON, {**BOSTON, "case_enquiry_id": "9", "case_status": "?"}))
    leaky = {**BOSTON, "closure_reason": "call 212-555-1234"}
    write(tmp_path, "us_311/boston311-100-with-fake-pii.csv", csv(leaky))
    write(tmp_path, "us_311/NYC311-5.json", json.dumps([{**NEW_YORK, "Unique Key": 2, "Closed Date": None}, 7]))
    write(tmp_path, "us_311/nyc311-describegpt-prompt.csv", "year,cnt\n2010,3\n2011,4\n")
    write(tmp_path, "open311/fixtures/service_requests.json", json.dumps([GEOREPORT]))
    write(tmp_path, "open311/fixtures/requests_single.xml", "<service_requests><request/></service_requests>")
    service = "<service_code>1</service_code><service_name>N</service_name><type>batch</type>"
    giessen = f"<services><service>{service}</service></services>"
    write(tmp_path, "open311/fixtures/services_giessen.xml", giessen)
    seeded = from_data(build_city(today=date(2026, 3, 2)), tmp_path)
    assert seeded.report["served"] == 4
    assert seeded.report["refused"] == {
        "status_unknown": 1,
        "duplicate_id": 1,
        "not_an_object": 1,
        "requested_datetime_missing": 1,
        "count_not_a_complaint": 2,
    }
    notes = [each.note.en for each in seeded.complaints() if each.note]
    assert notes == ["Case Closed. Resolved"], "what was refused is not served"
    assert {each.account for each in seeded.complaints()} == {"100000077"}


def test_a_folder_without_the_files_serves_the_citys_own_categories(tmp_path: Path):
    seeded = from_data(build_city(today=date(2026, 3, 2)), tmp_path)
    assert seeded.report == {"served": 0, "refused": {}, "sources": {}}
    assert seeded.complaints() == []
    assert len(seeded.services) == 14

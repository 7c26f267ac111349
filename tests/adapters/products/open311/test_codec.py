"""Both formats become the same data, and nothing in an XML document reaches beyond it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import BadReply
from adapters.products.open311 import Format, Service, ServiceRequest
from adapters.products.open311.codec import MOST_OBJECTS, fit, read
from adapters.products.open311.wire import ServiceDefinition

REQUEST = b"""<?xml version="1.0" encoding="UTF-8"?>
<service_requests>
  <request>
    <service_request_id>12</service_request_id><status>open</status><service_code> 7 </service_code>
    <requested_datetime>2026-03-01T08:00:00+08:00</requested_datetime><description>&lt;a&gt; &amp; b</description>
    <updated_datetime/><lat>30.5</lat><long>-114</long><media_url></media_url>
  </request>
</service_requests>"""


def requests(body: bytes, written: Format = Format.XML) -> tuple[ServiceRequest, ...]:
    return fit(read(body, written, "service_requests"), tuple[ServiceRequest, ...])


def test_xml_and_json_say_the_same():
    json = b"""[{"service_request_id": 12, "status": "open", "service_code": "7", "lat": "30.5", "long": -114.0,
    "media_url": "",
    "requested_datetime": "2026-03-01T00:00:00Z", "description": "<a> & b", "updated_datetime": null}]"""
    assert requests(REQUEST) == requests(json, Format.JSON)
    (one,) = requests(REQUEST)
    assert one.requested_datetime == datetime(2026, 3, 1, tzinfo=UTC)
    assert (one.lat, one.long, one.description, one.media_url) == (30.5, -114.0, "<a> & b", None)


def test_a_definition_has_its_questions_in_both_formats():
    xml = b"""<service_definition><service_code>noise</service_code><attributes><attribute>
      <variable>true</variable><code>source</code><datatype>singlevaluelist</datatype><required>false</required>
      <values><value><key>124</key><name>Shop</name></value></values></attribute></attributes></service_definition>"""
    json = b"""{"service_code": "noise", "attributes": [{"variable": true, "code": "source", "required": false,
      "datatype": "singlevaluelist", "values": [{"key": 124, "name": "Shop"}]}]}"""
    from_xml = fit(read(xml, Format.XML, "service_definition"), ServiceDefinition)
    assert from_xml == fit(read(json, Format.JSON, "service_definition"), ServiceDefinition)
    assert from_xml.attributes[0].values is not None


@pytest.mark.parametrize(
    "text",
    ["2026-03-01T08:00:00", "20260301", "1772323200", "01/03/2026 08:00:00 AM", "yesterday"],
)
def test_a_time_that_is_not_zoned_iso_is_refused_and_not_repeated(text):
    body = REQUEST.replace(b"2026-03-01T08:00:00+08:00", text.encode())
    with pytest.raises(BadReply) as caught:
        requests(body)
    assert "$[0].requested_datetime" in caught.value.reason
    assert text not in caught.value.reason


@pytest.mark.parametrize("text", ["nan", "inf", "1e400", "30,5", "９", "0x1f", "999", "- 3"])
def test_a_coordinate_that_is_no_number_of_degrees_is_refused(text):
    with pytest.raises(BadReply, match=r"\$\[0\]\.lat"):
        requests(REQUEST.replace(b"<lat>30.5", b"<lat>" + text.encode()))


def test_a_flag_is_true_or_false():
    body = b'[{"service_code":"x","attributes":[]}]'
    assert read(body, Format.JSON, "") == [{"service_code": "x", "attributes": []}]
    with pytest.raises(BadReply, match="required"):
        xml = b"<service_definition><service_code>n</service_code><attributes><attribute><variable>true</variable>"
        xml += b"<code>c</code><datatype>string</datatype><required>maybe</required></attribute></attributes>"
        fit(read(xml + b"</service_definition>", Format.XML, "service_definition"), ServiceDefinition)


def test_a_doctype_is_refused_and_its_file_not_read(tmp_path: Path):
    secret = tmp_path / "secret"
    secret.write_text("s3cret")
    body = f'<!DOCTYPE services [<!ENTITY f SYSTEM "{secret.as_uri()}">]><services><service>&f;</service></services>'
    with pytest.raises(BadReply, match="DOCTYPE") as caught:
        read(body.encode(), Format.XML, "services")
    assert "s3cret" not in str(caught.value)


def test_entities_that_would_fill_the_memory_are_refused():
    levels = "".join(f'<!ENTITY e{at} "{f"&e{at - 1};" * 10}">' for at in range(1, 12))
    body = f'<!DOCTYPE services [<!ENTITY e0 "ha">{levels}]><services>&e11;</services>'
    with pytest.raises(BadReply):
        read(body.encode(), Format.XML, "services")


@pytest.mark.parametrize(
    "body",
    [
        b"<a>" * 100_000,
        b"<services>" + b"<service>" * 300 + b"</service>" * 300 + b"</services>",
        b"<html><body>Welcome</body></html>",
        b"<services><service><x:name/></service></services>",
        b'<?xml version="1.0" encoding="nonsense"?><services/>',
        b"[" * 100_000,
        b"[" * 900 + b"]" * 900,
    ],
)
@pytest.mark.parametrize("written", Format)
def test_what_is_no_list_of_services_is_a_bad_reply(body, written):
    with pytest.raises(BadReply):
        fit(read(body, written, "services"), tuple[Service, ...])


def test_another_encoding_is_read_as_declared():
    body = '<?xml version="1.0" encoding="ISO-8859-1"?><services><service><service_code>1</service_code>'
    body += "<service_name>Straßen</service_name><type>realtime</type></service></services>"
    (service,) = fit(read(body.encode("latin-1"), Format.XML, "services"), tuple[Service, ...])
    assert service.service_name == "Straßen"


@given(st.binary(max_size=200), st.sampled_from(Format))
def test_any_bytes_are_data_or_a_bad_reply(body, written):
    try:
        fit(read(body, written, "services"), tuple[Service, ...])
    except BadReply as exc:
        assert len(body) < 8 or body.decode("latin-1") not in exc.reason


@pytest.mark.parametrize("body", [b"[" + b"[]," * MOST_OBJECTS + b"[]]", b"[" + b"{}," * MOST_OBJECTS + b"{}]"])
def test_very_many_objects_are_refused_before_they_are_made(body: bytes) -> None:
    with pytest.raises(BadReply, match=f"more than {MOST_OBJECTS} objects"):
        read(body, Format.JSON, "services")

"""X-Road identifiers are read strictly and encoded part by part."""

import pytest

from adapters.products.xroad.identifiers import Member, Service


def test_a_member_and_a_subsystem_are_read_back_as_written() -> None:
    assert str(Member.parse("CITY/GOV/1001")) == "CITY/GOV/1001"
    assert Member.parse("CITY/GOV/1001/citygate") == Member("CITY", "GOV", "1001", "citygate")


def test_a_service_has_an_encoded_path_without_its_version() -> None:
    service = Service.parse("CITY/GOV/2001/registration/what?=(now)/v1")
    assert service.version == "v1"
    assert service.path == "CITY/GOV/2001/registration/what%3F%3D%28now%29"


@pytest.mark.parametrize(
    "text", ["", "CITY/GOV", "CITY/GOV//citygate", "CITY/GOV/1001/市", "CITY/GOV/../x", "A/B/C/D/E"]
)
def test_what_is_no_member_is_refused_by_name(text: str) -> None:
    with pytest.raises(ValueError, match=r"an identifier here has|is not made of"):
        Member.parse(text)


@pytest.mark.parametrize("text", ["CITY/GOV/2001/registration", "A/B/C/D/E/F/G", "A/B/C/D/E F"])
def test_what_is_no_service_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"an identifier here has|is not made of"):
        Service.parse(text)

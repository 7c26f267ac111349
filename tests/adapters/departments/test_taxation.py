"""The bureau's options are refused early, and by name."""

import pytest

from adapters.contract.manifest import read_manifest
from adapters.departments.taxation.options import Options
from tests.conformance.cases import DEPARTMENTS

MANIFEST = read_manifest(DEPARTMENTS / "taxation" / "manifest.yaml")
GOOD = {name: option.default or "given" for name, option in MANIFEST.options.items()}


def test_the_manifests_defaults_are_good_and_send_no_test_scenario() -> None:
    chosen = Options.read(GOOD)
    assert (chosen.currency, str(chosen.zone), chosen.test_scenario) == ("CNY", "Asia/Shanghai", None)
    assert MANIFEST.options["client_secret"].secret


def test_a_test_scenario_is_sent_when_it_is_set() -> None:
    assert Options.read(GOOD | {"test_scenario": "NOT_FOUND"}).test_scenario == "NOT_FOUND"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("currency", "yuan"),
        ("certificate", "both"),
        ("recipient", "1234567890123"),
        ("test_scenario", "A\r\nX: y"),
        ("time_zone", "Asia/Wuhan"),
        ("time_zone", "../etc/passwd"),
    ],
)
def test_an_option_of_another_form_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=f"option {name}: "):
        Options.read(GOOD | {name: value})

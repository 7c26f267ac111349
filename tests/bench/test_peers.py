"""What the peers are sent and started with."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from graphql import GraphQLObjectType, build_schema, parse, validate

from bench import city
from bench.departments.hotline import Hotline
from bench.departments.market_regulation import MarketRegulation
from bench.departments.plain import PADDING, Plain, padded
from bench.departments.server import Asked, Department, encoded
from bench.departments.service_centre import ServiceCentre
from bench.peers.install import MANIFESTS, SOURCES, NotInstalled, command
from bench.peers.peer import PEERS
from bench.workloads import WORKLOADS

ROOT = Path(__file__).parents[2]
PERSON = city.person(7)
MEASURED = ("phone-screen", "list-with-join", "list-with-shared-join")
OF = ",".join(each.number for each in city.reports(PERSON, 100))
KINDS = ",".join(each.code for each in city.KINDS)


def asked(path: str, who: str = "", **query: str) -> Asked:
    return Asked(path, query, who, b"")


@pytest.mark.parametrize("rows", [3, 100])
@pytest.mark.parametrize(
    ("plain", "department", "real"),
    [
        (asked("/appointments", person=PERSON), ServiceCentre, asked("/my-appointments/", who=PERSON)),
        (asked("/registrations", person=PERSON), MarketRegulation, asked("/r1/applications", applicantId=PERSON)),
        (asked("/complaints", person=PERSON), Hotline, asked("/requests.json", account_id=PERSON)),
        (asked("/updates", of=OF), Hotline, asked("/servicerequestupdates.json", service_request_id=OF)),
        (asked("/kinds", of=KINDS), MarketRegulation, asked("/r1/services")),
    ],
)
def test_peers_are_sent_as_many_bytes_as_the_gateway(
    rows: int, plain: Asked, department: type[ServiceCentre | MarketRegulation | Hotline], real: Asked
) -> None:
    original: Department = department(rows)
    assert len(encoded(Plain(rows).answer(plain))) == len(encoded(original.answer(real)))


def test_what_is_too_long_is_not_padded() -> None:
    assert encoded(padded([{"a": 1}], 40)) == b'[{"a": 1, "%b": "%b"}]' % (PADDING.encode(), b"x" * 15)
    with pytest.raises(ValueError, match="1 rows take 15 bytes more than the 10"):
        padded([{"a": 1}], 10)


@pytest.mark.parametrize("workload", MEASURED)
def test_the_peers_schema_takes_the_same_operations(workload: str) -> None:
    document = parse(WORKLOADS[workload].query)
    for text in ((SOURCES / "schema.graphql").read_text(), (ROOT / "schema.graphql").read_text()):
        assert not validate(build_schema(text), document)


def test_tailcall_and_the_others_offer_the_same_schema() -> None:
    text = (SOURCES / "tailcall" / "gateway.graphql").read_text().replace("PORT", "1").replace("CACHED", "")
    schemas = [build_schema(each, assume_valid=True) for each in (text, (SOURCES / "schema.graphql").read_text())]
    tailcall, others = (
        {
            name: {field: str(each.type) for field, each in kind.fields.items()}
            for name, kind in schema.type_map.items()
            if isinstance(kind, GraphQLObjectType) and not name.startswith("__")
        }
        for schema in schemas
    )
    assert tailcall == others


@pytest.mark.parametrize("folder", sorted({peer.folder for peer in PEERS.values()}))
def test_a_lock_pins_by_digest_and_names_no_host(folder: str) -> None:
    manifest, lock = (json.loads((SOURCES / folder / name).read_text()) for name in MANIFESTS)
    packages = {name: each for name, each in lock["packages"].items() if name}
    assert all(each.get("integrity") for each in packages.values())
    assert not any("resolved" in each for each in packages.values())
    assert all(packages[f"node_modules/{name}"]["version"] == pin for name, pin in manifest["dependencies"].items())


def test_what_cannot_be_installed_says_why(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled, match="status 3: no such thing"):
        command([sys.executable, "-c", "import sys; sys.stderr.write('no such thing'); sys.exit(3)"], tmp_path)
    with pytest.raises(NotInstalled, match="no-such-program"):
        command(["no-such-program"], tmp_path)

"""The published examples of VAT (MTD) and of attestations, as accounts and certificates of the city."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import yaml

from sandbox.city import City
from sandbox.departments.taxation.accounts import Account, Liability, Obligation, Payment
from sandbox.real import DataError
from sandbox.real.reader import LARGEST_FILE
from sandbox.records import Text

API = Path("uk_hmrc_vat") / "application.yaml"
EXAMPLE_VRN = "123456789"
_MOCKS = Path("fr_api_entreprise_particulier") / "mock_payloads"
ATTESTATIONS = {
    "fiscal": _MOCKS / "api_entreprise_v4_dgfip_attestations_fiscales",
    "social": _MOCKS / "api_entreprise_v4_acoss_attestations_sociales",
}
SERVED = ("obligations", "liabilities", "payments")
"""The resources whose examples are served; the bureau has no other resource that an app asks for."""
Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """An example of a body: the resource it belongs to, the status it comes with (`request` for none)."""

    resource: str
    status: str
    value: Json


@dataclass
class Published:
    """What was read. `served` counts examples by source, `refused` by reason."""

    accounts: dict[str, Account] = field(default_factory=dict)
    attestations: dict[tuple[str, str], tuple[int, Json]] = field(default_factory=dict)
    served: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)

    def report(self) -> dict[str, object]:
        """The answer of `GET /_sandbox/seed`."""
        return {"served": self.served.total(), "refused": dict(self.refused), "sources": dict(self.served)}


def read_published(city: City) -> Published:
    """Reads the examples in the city's data folder. Raises: DataError."""
    assert city.data is not None
    found = Published()
    numbers = [*(person.id for person in city.persons.values() if person.died is None), *city.companies]
    found.accounts = {number: Account() for number in numbers}
    api = _document(city.data / API)
    if api:
        _read_api(api, city, found)
    for kind, folder in ATTESTATIONS.items():
        _read_attestations(kind, city.data / folder, city, found)
    return found


def examples(api: Json) -> Iterator[Example]:
    """Every example of a body in the contract, the repeated ones too."""
    for path, methods in api["paths"].items():
        resource = path.split("/")[4]
        for operation in methods.values():
            bodies = [("request", operation.get("requestBody", {})), *operation["responses"].items()]
            for status, body in bodies:
                for content in body.get("content", {}).values():
                    yield from (Example(resource, status, value) for value in _values(content))


def _values(content: Json) -> Iterator[Json]:
    """A content's examples; one at the schema may hold its value a level deeper, as a named one does."""
    for part in content["schema"].get("allOf", ()):
        if "example" in part:
            example = part["example"]
            yield example["value"] if example.keys() == {"description", "value"} else example
    if "example" in content:
        yield content["example"]
    for named in content.get("examples", {}).values():
        yield named["value"]


def _read_api(api: Json, city: City, found: Published) -> None:
    seen: list[Example] = []
    for example in examples(api):
        if example in seen:
            found.refused["repeats_another_example"] += 1
        elif example.resource not in SERVED:
            found.refused[f"no_port_for_{example.resource.replace('-', '_')}"] += 1
        else:
            found.served[API.name] += 1
        seen.append(example)
    bodies = [each.value for at, each in enumerate(seen) if each.status == "200" and each not in seen[:at]]
    found.accounts[EXAMPLE_VRN] = _account(bodies)
    for at, persona in enumerate(city.personas.values()):
        found.accounts[persona.id] = _account(_share(bodies, at))


def _share(bodies: list[Json], at: int) -> Iterator[Json]:
    """The n-th persona's part: of each resource one example, in turn."""
    for resource in SERVED:
        ours = [body for body in bodies if resource in body]
        if ours:
            yield ours[at % len(ours)]


def _account(bodies: Iterable[Json]) -> Account:
    account = Account()
    for body in bodies:
        account.obligations += [_obligation(raw) for raw in body.get("obligations", ())]
        account.liabilities += [_liability(raw) for raw in body.get("liabilities", ())]
        account.payments += [Payment(_cents(raw["amount"]), raw["received"]) for raw in body.get("payments", ())]
    return account


def _obligation(raw: Json) -> Obligation:
    return Obligation(raw["periodKey"], raw["start"], raw["end"], raw["due"], raw.get("received"))


def _liability(raw: Json) -> Liability:
    return Liability(
        Text(raw["type"], raw["type"]),
        raw["taxPeriod"]["from"],
        raw["taxPeriod"]["to"],
        raw["due"],
        _cents(raw["originalAmount"]),
        _cents(raw["outstandingAmount"]),
    )


def _cents(amount: float) -> int:
    return int(Decimal(str(amount)) * 100)


def _read_attestations(kind: str, folder: Path, city: City, found: Published) -> None:
    answers = []
    for path in sorted(folder.glob("*.yaml")):
        mock = _document(path)
        answer = (int(mock["status"]), json.loads(mock["payload"]))
        found.attestations[kind, mock["params"]["siren"]] = answer
        found.served[folder.name] += 1
        answers.append(answer)
    for at, persona in enumerate(city.personas.values()):
        if answers:
            found.attestations[kind, persona.id] = deepcopy(answers[at % len(answers)])


def _document(path: Path) -> Json:
    """A YAML mapping, empty when the file is missing. Raises: DataError."""
    if not path.exists():
        return {}
    if path.stat().st_size > LARGEST_FILE:
        raise DataError(f"{path}: {path.stat().st_size} bytes, the limit is {LARGEST_FILE}")
    try:
        value = yaml.safe_load(path.read_text("utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as exc:
        raise DataError(f"{path}: not YAML: {exc}") from exc
    if not isinstance(value, dict):
        raise DataError(f"{path}: not a mapping")
    return value

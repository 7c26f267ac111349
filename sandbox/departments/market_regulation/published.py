"""The published examples of the Registration building block, as records of the city."""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sandbox.city import City
from sandbox.departments.market_regulation.files import File, Status
from sandbox.departments.market_regulation.forms import Form
from sandbox.departments.market_regulation.kinds import KINDS, Kind
from sandbox.real import DataError, document
from sandbox.records import Text

FOLDER = "govstack"
API = "registration_GovStack_Registration_BB_API.json"
PAYLOAD = "registration_ExamplePayload.json"
STATISTICS = "registration_GovStack_Registration_BB_API_statistics.json"
SERVED_SCHEMAS = (
    "service",
    "EFormListItem",
    "EForm",
    "applicationFileSubmit",
    "applicationFileResponse",
    "applicantApplicationFileListResponse",
    "statusModel",
    "formData",
)
Json = Mapping[str, Any]


@dataclass
class Published:
    """What was read. `refused` counts by reason."""

    kinds: tuple[Kind, ...] = ()
    statistics: list[dict[str, object]] = field(default_factory=list)
    served: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    originals: list[File] = field(default_factory=list)

    def files(self) -> Iterator[File]:
        """The files, fresh for each start."""
        return (replace(file) for file in self.originals)

    def report(self) -> dict[str, object]:
        """The answer of `GET /_sandbox/seed`."""
        return {"served": self.served.total(), "refused": dict(self.refused), "sources": dict(self.served)}


def read_published(city: City) -> Published:
    """Reads the examples in the city's data folder. Raises: DataError."""
    assert city.data is not None
    folder = city.data / FOLDER
    found = Published()
    api = _mapping(document(folder / API), folder / API)
    if api:
        _read_api(api["components"]["schemas"], city, found)
    payload = _commented(folder / PAYLOAD)
    if payload and found.kinds:
        found.originals.append(_payload_file(payload, found.kinds[0], city))
        found.served[PAYLOAD] += 1
    statistics = _mapping(document(folder / STATISTICS), folder / STATISTICS)
    if statistics:
        found.statistics.append(example_of(statistics["components"]["schemas"], "inline_response_200"))
        found.served[STATISTICS] += 1
    return found


def example_of(schemas: Json, name: str) -> dict[str, Any]:
    """An object of a schema, made of the examples of its properties and of the schemas they refer to."""
    made: dict[str, Any] = {}
    for key, schema in schemas[name].get("properties", {}).items():
        if "example" in schema:
            made[key] = schema["example"]
        elif "$ref" in schema:
            inner = example_of(schemas, schema["$ref"].rsplit("/", 1)[-1])
            if inner:
                made[key] = inner
    return made


def _read_api(schemas: Json, city: City, found: Published) -> None:
    for name in schemas:
        if name in SERVED_SCHEMAS:
            found.served[API] += 1
        else:
            found.refused["example_without_id" if example_of(schemas, name) else "no_example"] += 1
    file = example_of(schemas, "applicantApplicationFileListResponse")
    form = example_of(schemas, "EForm")
    service = example_of(schemas, "service")
    mother_and_child = _kind(service["id"], service["name"], service["version"], form["eFormId"], form)
    post_partum = _kind(file["serviceId"], file["serviceName"], "1", file["eformId"], form)
    found.kinds = (mother_and_child, post_partum, *KINDS)
    found.originals.append(_listed_file(file, post_partum, city))
    found.originals.append(_submitted_file(example_of(schemas, "applicationFileSubmit"), mother_and_child, city))


def _kind(kind_id: str, name: str, version: str, form_id: str, form: Json) -> Kind:
    return Kind(
        kind_id,
        Text(name, name),
        Text(name, name),
        Form(form_id, Text(form["name"], form["name"]), form["version"]),
        version,
    )


def _listed_file(raw: Json, kind: Kind, city: City) -> File:
    """`applicantApplicationFileListResponse` and `applicationFileResponse` are two views of one file."""
    return File(
        id=raw["fileId"],
        kind=kind,
        applicant=city.personas["entrepreneur"].id,
        title=Text(raw["taskTitle"], raw["taskTitle"]),
        status=Status(raw["status"]["code"]),
        created=datetime.fromisoformat(raw["created"]),
        registered=datetime.fromisoformat(raw["registered"]),
        operator=Text(raw["operatorName"], raw["operatorName"]),
        note=Text(raw["description"], raw["description"]),
    )


def _submitted_file(raw: Json, kind: Kind, city: City) -> File:
    name = raw["applicationName"]
    created = datetime.fromisoformat(raw["created"])
    return File(
        id=raw["formData"]["eFormId"],
        kind=kind,
        applicant=city.personas["busy"].id,
        title=Text(name, name),
        status=Status.PENDING,
        created=created,
        registered=None,
    )


def _payload_file(raw: Json, kind: Kind, city: City) -> File:
    """A mother and child file that was sent back; its local time is taken as UTC, for it names no zone."""
    documents = [each["url"] for key, value in raw.items() if key.startswith("template") for each in value]
    title = f"{raw['dossierNumber']} {raw['applicantfullname']}"
    note = raw["problemInspectionRoleBotMessage"]
    return File(
        id=raw["draftFileId"],
        kind=kind,
        applicant=city.personas["parent"].id,
        title=Text(title, title),
        status=Status.SENDBACK,
        created=datetime.fromisoformat(raw["dateTimeNow"]).replace(tzinfo=UTC),
        registered=None,
        data=raw,
        documents=tuple(documents),
        note=Text(note, note),
    )


def _commented(path: Path) -> Json:
    """A JSON object after lines that begin with `#`, which JSON does not know. Raises: DataError."""
    if not path.exists():
        return {}
    lines = path.read_text("utf-8").splitlines()
    try:
        return _mapping(json.loads("\n".join(line for line in lines if not line.startswith("#"))), path)
    except ValueError as exc:
        raise DataError(f"{path}: not JSON after its comment: {exc}") from exc


def _mapping(value: object, path: Path) -> Json:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise DataError(f"{path}: not a JSON object")
    return value

"""The application files that the bureau keeps."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random

from sandbox.city import City
from sandbox.departments.market_regulation.kinds import Kind, stable_id
from sandbox.records import Text

NAME = "market_regulation"
OPERATORS = (Text("孙丽", "Sun Li"), Text("马强", "Ma Qiang"), Text("高翔", "Gao Xiang"))
REGISTRAR = Text("登记员", "Registrar")
_WHERE = "https://files.market-regulation.example/{}/{}.pdf"


class Status(StrEnum):
    """`statusModel.code`."""

    PENDING = "PENDING"
    APPROVED = "APPROVED"
    SENDBACK = "SENDBACK"
    REJECTED = "REJECTED"


TITLES = {
    Status.PENDING: Text("审核中", "Pending"),
    Status.APPROVED: Text("已核准", "Approved"),
    Status.SENDBACK: Text("退回补正", "Sent back"),
    Status.REJECTED: Text("不予登记", "Rejected"),
}
NOTES = {
    Status.PENDING: Text("申请已受理，正在审核。", "The application is being examined."),
    Status.APPROVED: Text("已核准，可领取证照。", "Approved; the licence can be collected."),
    Status.SENDBACK: Text("请补充经营场所使用证明。", "Please add the proof of business premises."),
    Status.REJECTED: Text("名称与已登记企业相同。", "The name is the same as a registered company's."),
}
_SEEDED = (Status.PENDING, Status.APPROVED, Status.SENDBACK, Status.APPROVED, Status.REJECTED)


@dataclass(slots=True)
class File:
    """One application file; without `note` its status says what there is to say."""

    id: str
    kind: Kind
    applicant: str
    title: Text
    status: Status
    created: datetime | None
    registered: datetime | None
    data: Mapping[str, object] = field(default_factory=dict)
    documents: tuple[str, ...] = ()
    operator: Text | None = None
    note: Text | None = None

    def listed(self, locale: str) -> dict[str, object]:
        """`applicantApplicationFileListResponse`; what is not known is not there."""
        operator = {"operatorName": self.operator.get(locale)} if self.operator else {}
        return {
            "fileId": self.id,
            "mainTaskId": self.id,
            "taskTitle": self.title.get(locale),
            "roleName": REGISTRAR.get(locale),
            **operator,
            "status": self.status_model(locale),
            "applicantId": self.applicant,
            **_times(created=self.created, registered=self.registered),
            "description": (self.note or NOTES[self.status]).get(locale),
            "serviceName": self.kind.name.get(locale),
            "serviceId": self.kind.id,
            "eformId": self.kind.form.id,
            "documentUrls": list(self.documents),
        }

    def full(self, locale: str) -> dict[str, object]:
        """`applicationFileResponse`."""
        return {
            "fileId": self.id,
            **_times(registered=self.registered),
            "serviceId": self.kind.id,
            "serviceName": self.kind.name.get(locale),
            "status": self.status_model(locale),
            "ended": self.status in (Status.APPROVED, Status.REJECTED),
            "applicationData": {
                "applicationName": self.title.get(locale),
                "applicantId": self.applicant,
                **_times(created=self.created),
                "formData": {"data": dict(self.data), "eFormId": self.kind.form.id},
                "documentUrls": list(self.documents),
            },
        }

    def status_model(self, locale: str) -> dict[str, str]:
        """`statusModel`."""
        return {"code": self.status.value, "title": TITLES[self.status].get(locale)}


def seeded(city: City, kinds: tuple[Kind, ...]) -> Iterator[File]:
    """The files of all people of the city, the same on every start."""
    for person in city.persons:
        rng = Random(f"{city.seed}:{NAME}:{person}:files")
        companies = city.companies_of(person)
        for number in range(city.entries_of(person, NAME)):
            kind = kinds[(number + rng.randrange(2)) % len(kinds)]
            company = companies[number % len(companies)].name if companies else Text("光谷小店", "Optics Valley Shop")
            title = company if kind.for_companies else city.persons[person].name
            yield _seeded_file(city, person, number, rng, kind, title)


def _seeded_file(city: City, person: str, number: int, rng: Random, kind: Kind, title: Text) -> File:
    status = _SEEDED[number % len(_SEEDED)]
    midnight = datetime(city.today.year, city.today.month, city.today.day, tzinfo=UTC)
    created = midnight - timedelta(days=number * 7 + rng.randrange(1, 7), minutes=rng.randrange(600))
    file_id = stable_id("file", city.seed, person, number)
    return File(
        id=file_id,
        kind=kind,
        applicant=person,
        title=title,
        status=status,
        created=created,
        registered=created + timedelta(minutes=rng.randrange(1, 90)),
        documents=(_WHERE.format(file_id, "application"),) if status is not Status.SENDBACK else (),
        operator=rng.choice(OPERATORS) if status is not Status.PENDING else None,
    )


def instant(moment: datetime) -> str:
    """As the contract writes a moment: UTC with milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _times(**moments: datetime | None) -> dict[str, str]:
    return {name: instant(moment) for name, moment in moments.items() if moment is not None}

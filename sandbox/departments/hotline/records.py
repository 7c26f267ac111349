"""What the hotline keeps: service types with their questions, complaints, and the steps of each."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from sandbox.records import GeoPoint, Text

OPEN = frozenset(
    {
        "open",
        "for_triage",
        "reopen",
        "investigating",
        "in_progress",
        "planned",
        "action_scheduled",
        "internal_referral",
    }
)
ENDED = frozenset({"fixed", "closed", "no_further_action", "duplicate", "not_councils_responsibility", "cancelled"})
STATUSES = OPEN | ENDED


class Kind(StrEnum):
    """How a complaint gets its number: at once, later by a token, or never."""

    REALTIME = "realtime"
    BATCH = "batch"
    BLACKBOX = "blackbox"


@dataclass(frozen=True, slots=True)
class Question:
    """What a service type asks for besides the description; with `choices` one of them is the answer."""

    code: str
    text: Text
    required: bool = False
    choices: tuple[tuple[str, Text], ...] = ()

    @property
    def datatype(self) -> str:
        """As GeoReport names it."""
        return "singlevaluelist" if self.choices else "string"


@dataclass(frozen=True, slots=True)
class ServiceType:
    """A kind of complaint; `body` is competent for it, `days` is what the city promises."""

    code: str
    name: Text
    description: Text | None = None
    group: Text | None = None
    kind: Kind = Kind.REALTIME
    keywords: str = ""
    body: Text | None = None
    days: int = 5
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One update of a complaint; `status` holds from `at` on."""

    id: str
    status: str
    at: datetime
    text: Text | None


@dataclass(slots=True)
class Complaint:
    """A complaint. `bodies` are who may have it, from the nearest up; `at_body` says who has it now.

    `number` is None until `due` for a batch service type (`token` stands for it), and for ever for a blackbox one.
    """

    service: ServiceType
    status: str
    requested: datetime
    number: str | None = None
    token: str | None = None
    due: datetime | None = None
    account: str | None = None
    description: Text | None = None
    note: Text | None = None
    updated: datetime | None = None
    expected: datetime | None = None
    bodies: tuple[Text, ...] = ()
    at_body: int = 0
    address: Text | None = None
    zipcode: str | None = None
    point: GeoPoint | None = None
    media_url: str | None = None
    steps: list[Step] = field(default_factory=list)

    @property
    def agency(self) -> Text | None:
        """The body that has the complaint."""
        return self.bodies[self.at_body] if self.bodies else None

    @property
    def next_body(self) -> Text | None:
        """The body that gets it from the one that has it; the last one keeps it."""
        return self.bodies[min(self.at_body + 1, len(self.bodies) - 1)] if self.bodies else None

    def take(self, step: Step) -> None:
        """Notes a step and what it changes."""
        self.steps.append(step)
        self.status, self.updated, self.note = step.status, step.at, step.text
        if step.status == "internal_referral":
            self.at_body = min(self.at_body + 1, max(len(self.bodies) - 1, 0))

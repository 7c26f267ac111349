"""The centre's offer from public data, in place of the generated one."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.departments.service_centre.berlin import berlin_offer
from sandbox.departments.service_centre.fixtures import Fixtures
from sandbox.departments.service_centre.offer import Offer
from sandbox.departments.service_centre.process import Process
from sandbox.departments.service_centre.tally import Tally


@dataclass
class Published:
    """What was read: `times` are single free times by office, `processes` wait for an owner."""

    offer: Offer
    times: dict[int, list[int]]
    processes: list[Process] = field(default_factory=list)


def read_published(data: Path, tally: Tally) -> Published | None:
    """Everything in a folder of public data; None when it has nothing about offices. Raises: DataError."""
    berlin, fixtures = berlin_offer(data, tally), Fixtures(data, tally)
    munich = fixtures.offer()
    offices = {**munich.offices, **berlin.offices}
    if not offices:
        return None
    offer = Offer(offices, {**munich.services, **berlin.services}, {**munich.relations, **berlin.relations})
    processes = [process for _, process in fixtures.processes() if process is not None]
    return Published(offer, fixtures.times(), processes)

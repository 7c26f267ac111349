"""Complaints of a generated city: whose, where, what, and how far each has come."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from sandbox.city import ZONE, City
from sandbox.departments.hotline.bodies import Bodies
from sandbox.departments.hotline.catalogue import SERVICE_TYPES
from sandbox.departments.hotline.records import Complaint, Kind, Step
from sandbox.departments.hotline.register import Seeded
from sandbox.departments.hotline.stories import SAYINGS, STORIES, text_of
from sandbox.records import Address, GeoPoint, Text

DAYS = 180
_FOLLOWED = tuple(each for each in SERVICE_TYPES if each.kind is not Kind.BLACKBOX)
_PHOTO = "https://photos.hotline.example.org/{number}.jpg"


def from_city(city: City) -> Seeded:
    """The register of a generated city, the same for the same city."""
    generated = {"served": len(_Chronicle(city).complaints()), "refused": {}}
    return Seeded(
        SERVICE_TYPES, lambda: _Chronicle(city).complaints(), {**generated, "sources": {"generated": generated}}
    )


class _Chronicle:
    def __init__(self, city: City) -> None:
        self._city = city
        self._rng = city.rng("hotline")
        self._bodies = Bodies(city.divisions)
        # Companies' doors: a resident's own would tell where they live.
        self._places: Sequence[Address] = [company.address for company in city.companies.values()]
        self._now = datetime.combine(city.today, time(8), ZONE)

    def complaints(self) -> list[Complaint]:
        """Everybody's, numbered in the order in which they came in."""
        accounts = [person for person in self._city.persons for _ in range(self._city.entries_of(person, "hotline"))]
        told = sorted((self._complaint(account) for account in accounts), key=lambda each: each.requested)
        for at, complaint in enumerate(told, start=1):
            complaint.number = f"{complaint.requested:%y}-{at:06d}"
            if self._rng.random() < 0.4:
                complaint.media_url = _PHOTO.format(number=complaint.number)
            self._tell(complaint)
        return told

    def _complaint(self, account: str) -> Complaint:
        rng = self._rng
        service, place = rng.choice(_FOLLOWED), rng.choice(self._places)
        requested = self._now - timedelta(minutes=rng.randint(60, DAYS * 24 * 60))
        return Complaint(
            service=service,
            status="open",
            requested=requested,
            account=account,
            description=rng.choice(SAYINGS[service.code]),
            expected=requested + timedelta(days=service.days),
            bodies=self._bodies.of_community(place.community, service),
            address=Text(f"{place.street.zh}{place.number}号附近", f"near {place.number} {place.street.en}"),
            zipcode=place.postcode,
            point=self._near(place.point),
        )

    def _near(self, point: GeoPoint) -> GeoPoint:
        spread = self._rng.uniform
        return GeoPoint(round(point.lat + spread(-0.001, 0.001), 6), round(point.lon + spread(-0.001, 0.001), 6))

    def _tell(self, complaint: Complaint) -> None:
        """The steps of a story, as far as they can have happened by now."""
        at = complaint.requested
        for index, status in enumerate(self._rng.choice(STORIES)):
            if at > self._now:
                break
            text = text_of(status, complaint.agency, complaint.next_body)
            complaint.take(Step(f"{complaint.number}-{index}", status, at, text))
            at += timedelta(minutes=self._rng.randint(30, 4 * 24 * 60))

"""What the centre offers: offices, services, and which office does what; as the citizen API lists it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sandbox.records import GeoPoint, Opening, Text

SLOT_MINUTES = 10
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A postal address."""

    street: Text
    number: Text
    postcode: str
    city: Text


@dataclass(frozen=True, slots=True)
class Office:
    """An office with its scope, which says how it takes bookings. Durations are in minutes.

    `states_slot` is false for offices that do not say how long a slot is; it is `SLOT_MINUTES` all the same.
    """

    id: int
    name: Text
    openings: tuple[Opening, ...]
    place: Place | None = None
    point: GeoPoint | None = None
    organization: str | None = None
    info: Text | None = None
    email_required: bool = False
    slots_per_appointment: int = 12
    appointments_per_mail: int = 20
    reservation_minutes: int = 15
    activation_minutes: int = 15
    states_slot: bool = True

    def listed(self, locale: str) -> Json:
        """The office in `/offices-and-services/`; PHP writes what has no members as an empty array."""
        return {
            "id": self.id,
            "name": self.name.get(locale),
            "address": self._address(locale) or [],
            "showAlternativeLocations": None,
            "displayNameAlternatives": [],
            "organization": self.organization,
            "organizationUnit": None,
            "slotTimeInMinutes": SLOT_MINUTES if self.states_slot else None,
            "geo": {"lat": str(self.point.lat), "lon": str(self.point.lon)} if self.point else [],
            "disabledByServices": [],
            "priority": 1,
            "scope": self.scope(locale),
            "slotsPerAppointment": str(self.slots_per_appointment),
            "parentId": None,
            "allowDisabledServicesMix": None,
            "sharedBookingOfficeIds": None,
        }

    def scope(self, locale: str) -> Json:
        """`thinnedScope.json`."""
        return {
            "id": self.id,
            "provider": self._provider(locale),
            "shortName": self.name.get(locale),
            "emailFrom": "no-reply@service-centre.example",
            "emailRequired": self.email_required,
            "telephoneActivated": True,
            "telephoneRequired": False,
            "customTextfieldActivated": False,
            "customTextfieldRequired": False,
            "customTextfieldLabel": None,
            "captchaActivatedRequired": False,
            "infoForAppointment": self.info.get(locale) if self.info else None,
            "infoForAllAppointments": None,
            "slotsPerAppointment": str(self.slots_per_appointment),
            "appointmentsPerMail": str(self.appointments_per_mail),
            "whitelistedMails": None,
            "reservationDuration": self.reservation_minutes,
            "activationDuration": self.activation_minutes,
            "hint": None,
        }

    def address_line(self, locale: str) -> str:
        """One line, as a calendar entry has it."""
        place = self.place
        if place is None:
            return self.name.get(locale)
        return f"{self.name.get(locale)}, {place.street.get(locale)} {place.number.get(locale)}"

    def _address(self, locale: str) -> Json | None:
        place = self.place
        if place is None:
            return None
        return {
            "house_number": place.number.get(locale),
            "city": place.city.get(locale),
            "postal_code": place.postcode,
            "street": place.street.get(locale),
            "hint": False,
        }

    def _provider(self, locale: str) -> Json:
        place, name = self.place, self.name.get(locale)
        return {
            "id": self.id,
            "name": name,
            "displayName": name,
            "lat": self.point.lat if self.point else None,
            "lon": self.point.lon if self.point else None,
            "source": "dldb",
            "contact": {
                "city": place.city.get(locale) if place else None,
                "country": None,
                "name": name,
                "postalCode": place.postcode if place else None,
                "region": None,
                "street": place.street.get(locale) if place else None,
                "streetNumber": place.number.get(locale) if place else None,
            },
        }


@dataclass(frozen=True, slots=True)
class Service:
    """A service; `combinable` are the services that fit into one appointment with it."""

    id: int
    name: Text
    max_quantity: int = 1
    combinable: tuple[int, ...] = ()


@dataclass(frozen=True)
class Offer:
    """Everything together; `relations` gives the slots of a service at an office, by (office, service)."""

    offices: Mapping[int, Office]
    services: Mapping[int, Service]
    relations: Mapping[tuple[int, int], int]

    @cached_property
    def services_of(self) -> Mapping[int, tuple[int, ...]]:
        """The services of each office, in order."""
        found: dict[int, list[int]] = {office: [] for office in self.offices}
        for office, service in self.relations:
            found[office].append(service)
        return {office: tuple(services) for office, services in found.items()}

    def offers(self, office: int, services: Iterable[int]) -> bool:
        """Whether an office does all of these services."""
        return all((office, service) in self.relations for service in services)

    def slots(self, office: int, counts: Mapping[int, int]) -> int:
        """How many slots the services take together at an office."""
        return sum(self.relations[office, service] * count for service, count in counts.items())

    def listed(self, locale: str) -> Json:
        """The answer of `GET /offices-and-services/`."""
        return {
            "offices": [office.listed(locale) for office in self.offices.values()],
            "services": [self._service(service, locale) for service in self.services.values()],
            "relations": [
                {"officeId": office, "serviceId": service, "slots": slots, "public": True, "maxQuantity": None}
                for (office, service), slots in self.relations.items()
            ],
        }

    def _service(self, service: Service, locale: str) -> Json:
        combinable = {
            str(at): {str(other): [office for office in self.offices if self.offers(office, (service.id, other))]}
            for at, other in enumerate(service.combinable, 1)
        }
        return {
            "id": service.id,
            "name": service.name.get(locale),
            "maxQuantity": service.max_quantity,
            "combinable": combinable or [],
            "parentId": None,
            "variantId": None,
            "rootParentId": service.id,
            "showOnStartPage": True,
        }

"""Appointments that people of the city have made already: fifty for the busy person, some for the personas."""

import random
from datetime import timedelta

from sandbox.city import City
from sandbox.departments.service_centre.book import Book
from sandbox.departments.service_centre.diary import HORIZON_DAYS
from sandbox.departments.service_centre.offer import Offer, Office
from sandbox.departments.service_centre.process import Status
from sandbox.records import Person

NAME = "service_centre"
_TRIES = 200


def book_seeds(city: City, book: Book) -> None:
    """Confirms appointments in free times of the weeks to come; equal cities give equal ones."""
    rng = city.rng(NAME)
    offices = [office for office in book.offer.offices.values() if book.offer.services_of[office.id]]
    for person in sorted(city.persons):
        for _ in range(city.entries_of(person, NAME) if offices else 0):
            _book_one(rng, city, book, offices, city.persons[person])


def _book_one(rng: random.Random, city: City, book: Book, offices: list[Office], person: Person) -> None:
    for _ in range(_TRIES):
        office = rng.choice(offices)
        counts = _wanted(rng, book.offer, office)
        day = city.today + timedelta(rng.randint(1, HORIZON_DAYS))
        free = book.free(office, counts, day)
        if free:
            _write(rng, book, office, counts, rng.choice(free), person)
            return


def _wanted(rng: random.Random, offer: Offer, office: Office) -> dict[int, int]:
    """One service, sometimes with one that combines with it."""
    first = rng.choice(offer.services_of[office.id])
    counts = {first: 1}
    others = [each for each in offer.services[first].combinable if offer.offers(office.id, (each,))]
    if others and rng.random() < 0.3:
        counts[rng.choice(others)] = 1
    return counts


def _write(rng: random.Random, book: Book, office: Office, counts: dict[int, int], start: int, person: Person) -> None:
    process = book.make(office, counts, start, auth_key=f"{rng.getrandbits(256):064x}")
    process.status, process.citizen = Status.CONFIRMED, person.id
    process.name, process.email = person.name.zh, f"p{person.id}@example.org"
    process.telephone = person.phone

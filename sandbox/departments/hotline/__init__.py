"""Hotline 12345: complaints over Open311 GeoReport v2, in JSON and XML."""

from datetime import UTC, datetime

from sandbox.city import ZONE, City
from sandbox.departments.hotline.bodies import Bodies
from sandbox.departments.hotline.faults import HotlineFaults
from sandbox.departments.hotline.real import from_data
from sandbox.departments.hotline.register import Clock, Register
from sandbox.departments.hotline.seed import from_city
from sandbox.departments.hotline.server import Hotline, not_found
from sandbox.kit import Department


def now() -> datetime:
    """The present time in Wuhan."""
    return datetime.now(UTC).astimezone(ZONE)


def build(city: City, clock: Clock = now) -> Department:
    """The hotline of a city."""
    seeded = from_city(city) if city.data is None else from_data(city, city.data)
    register = Register(seeded, clock)
    return Department(
        name="hotline",
        faults=HotlineFaults(),
        operations=Hotline(register, Bodies(city.divisions), seeded.report).operations(),
        reset=register.reset,
        unmatched=not_found,
    )

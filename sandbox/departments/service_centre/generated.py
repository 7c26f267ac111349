"""The centre's offer as the generated city has it."""

from sandbox.city import City
from sandbox.departments.service_centre.offer import Offer, Office, Place, Service
from sandbox.records import Office as Hall
from sandbox.records import PublicService, Text

CITY_NAME = Text("武汉市", "Wuhan")
_INFO = Text("请提前十分钟取号，并携带身份证。", "Please draw a number ten minutes early and bring your identity card.")


def generated_offer(city: City) -> Offer:
    """The city's halls and services; services of one kind of applicant fit into one appointment."""
    services = {int(each.id): _service(each, city) for each in city.services}
    return Offer(
        offices={int(hall.id): _office(hall) for hall in city.offices},
        services=services,
        relations={
            (int(hall.id), int(each.id)): each.slots
            for hall in city.offices
            for each in city.services
            if each.id in hall.services
        },
    )


def _office(hall: Hall) -> Office:
    address = hall.address
    number = Text(f"{address.number}号", str(address.number))
    return Office(
        id=int(hall.id),
        name=hall.name,
        openings=hall.openings,
        place=Place(address.street, number, address.postcode, CITY_NAME),
        point=address.point,
        organization="Wuhan East Lake High-tech Zone",
        info=_INFO,
    )


def _service(service: PublicService, city: City) -> Service:
    others = (each for each in city.services if each.for_companies == service.for_companies)
    combinable = tuple(int(each.id) for each in others if each.id != service.id)
    return Service(int(service.id), service.name, max_quantity=1 if service.for_companies else 4, combinable=combinable)

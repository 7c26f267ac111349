"""Streets, doors and service halls of Optics Valley."""

import random
from collections.abc import Sequence
from datetime import time

from sandbox.records import Address, Division, GeoPoint, Level, Office, Opening, PublicService, Text

_STREETS = {
    "420111080": ("珞喻路:Luoyu Road", "关山大道:Guanshan Avenue", "民族大道:Minzu Avenue"),
    "420111081": ("花城大道:Huacheng Avenue", "花山大道:Huashan Avenue"),
    "420111082": ("左岭大道:Zuoling Avenue", "科技一路:Keji 1st Road"),
    "420111083": ("高新大道:Gaoxin Avenue", "九峰一路:Jiufeng 1st Road"),
    "420115086": ("光谷大道:Guanggu Avenue", "佛祖岭三路:Fozuling 3rd Road", "流芳大道:Liufang Avenue"),
    "420115087": ("神墩一路:Shendun 1st Road", "高新二路:Gaoxin 2nd Road"),
    "420115088": ("龙泉大道:Longquan Avenue",),
    "420115089": ("滨湖大道:Binhu Avenue",),
}
_POSTCODE = "430074"
_WEEKDAYS = tuple(Opening(day, *hours) for day in range(5) for hours in ((time(9), time(12)), (time(13, 30), time(17))))
_WITH_SATURDAY = (*_WEEKDAYS, Opening(5, time(9, 30), time(12)))
# Neighbourhood, number, which of its streets, name, counters, openings; the first is the main hall.
_HALLS = (
    (
        "420111083",
        777,
        0,
        "东湖高新区政务服务中心:East Lake High-tech Zone Service Centre",
        24,
        _WITH_SATURDAY,
    ),
    ("420111080", 519, 1, "关东街道政务服务中心:Guandong Neighbourhood Service Centre", 8, _WEEKDAYS),
    ("420115086", 58, 0, "佛祖岭街道政务服务中心:Fozuling Neighbourhood Service Centre", 10, _WEEKDAYS),
    ("420115087", 9, 0, "豹澥街道政务服务中心:Baoxie Neighbourhood Service Centre", 6, _WEEKDAYS),
    ("420111082", 1, 0, "左岭街道政务服务中心:Zuoling Neighbourhood Service Centre", 5, _WEEKDAYS),
)


class Doors:
    """Hands out addresses in the neighbourhoods of Optics Valley."""

    def __init__(self, rng: random.Random, divisions: Sequence[Division]) -> None:
        self._rng = rng
        self._neighbourhoods = {each.code: each for each in divisions if each.code in _STREETS}
        self._communities = {
            code: [each.code for each in divisions if each.level is Level.COMMUNITY and each.parent == code]
            for code in _STREETS
        }

    def home(self) -> Address:
        """A flat somewhere."""
        rng = self._rng
        code = rng.choice(list(_STREETS))
        room = f"{rng.randint(1, 18)}-{rng.randint(1, 32)}{rng.randint(1, 4):02d}"
        return self._door(code, rng.choice(_STREETS[code]), number=rng.randint(1, 899), room=room)

    def premises(self) -> Address:
        """A company's floor somewhere."""
        rng = self._rng
        code = rng.choice(list(_STREETS))
        room = f"{rng.randint(2, 28)}{rng.randint(1, 20):02d}"
        return self._door(code, rng.choice(_STREETS[code]), number=rng.randint(1, 899), room=room)

    def hall(self, code: str, street: int, number: int) -> Address:
        """A public building at a known street of a neighbourhood."""
        return self._door(code, _STREETS[code][street], number=number, room="")

    def _door(self, code: str, street: str, *, number: int, room: str) -> Address:
        centre = self._neighbourhoods[code].centre
        assert centre is not None
        spread = self._rng.uniform
        point = GeoPoint(round(centre.lat + spread(-0.012, 0.012), 6), round(centre.lon + spread(-0.014, 0.014), 6))
        community = self._rng.choice(self._communities[code])
        zh, _, en = street.partition(":")
        return Address(Text(zh, en), number, room, community, _POSTCODE, point)


def build_offices(doors: Doors, services: Sequence[PublicService]) -> tuple[Office, ...]:
    """The halls: the main one does everything, the others what persons need."""
    everything = tuple(service.id for service in services)
    for_persons = tuple(service.id for service in services if not service.for_companies)
    offices = []
    for at, (code, number, street, name, counters, openings) in enumerate(_HALLS):
        zh, _, en = name.partition(":")
        offices.append(
            Office(
                id=str(101 + at),
                name=Text(zh, en),
                address=doors.hall(code, street, number),
                phone=f"027-0000010{at + 1}",
                openings=openings,
                counters=counters,
                services=everything if at == 0 else for_persons,
            )
        )
    return tuple(offices)

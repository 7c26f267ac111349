"""Who may have a complaint: community, neighbourhood and district of its place, and the body that is competent."""

from collections.abc import Sequence

from sandbox.departments.hotline.records import ServiceType
from sandbox.records import Division, GeoPoint, Level, Text

_DESK = Text("12345热线运营中心", "Hotline 12345 operations centre")


class Bodies:
    """The city's bodies, from the nearest up."""

    def __init__(self, divisions: Sequence[Division]) -> None:
        self._by_code = {division.code: division for division in divisions}
        self._centres = [(each.code, each.centre) for each in divisions if each.centre]
        self._first_community: dict[str, str] = {}
        for each in divisions:
            if each.level is Level.COMMUNITY and each.parent:
                self._first_community.setdefault(each.parent, each.code)

    def of_community(self, community: str, service: ServiceType) -> tuple[Text, ...]:
        """Those of a community, by its code."""
        nearest = self._by_code[community]
        middle = self._by_code[nearest.parent or ""]
        district = self._by_code[middle.parent or ""]
        levels = (
            Text(f"{nearest.name.zh}居民委员会", f"{nearest.name.en} Residents' Committee"),
            Text(f"{middle.name.zh}办事处", f"{middle.name.en} Office"),
            Text(f"{district.name.zh}热线办", f"{district.name.en} Hotline Desk"),
        )
        return (*levels, service.body) if service.body else levels

    def of_point(self, point: GeoPoint | None, service: ServiceType) -> tuple[Text, ...]:
        """Those of the nearest neighbourhood; without a point, the hotline's own desk finds out."""
        if point is None:
            return (_DESK, service.body) if service.body else (_DESK,)
        nearest, _ = min(self._centres, key=lambda each: _distance(each[1], point))
        return self.of_community(self._first_community[nearest], service)


def _distance(one: GeoPoint, other: GeoPoint) -> float:
    """Good enough to order neighbourhoods by."""
    return (one.lat - other.lat) ** 2 + (one.lon - other.lon) ** 2

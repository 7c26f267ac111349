"""The civil register: a person's record over BRP API Personen."""

from __future__ import annotations

import json

from bench import city
from bench.departments.server import Asked


class CivilAffairs:
    """`POST /personen`; answers name, birth and address lines, and for nobody but who was asked for."""

    who_header = b""
    echo_header = b""
    reply_headers = b""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """The persons with these numbers."""
        if asked.path != "/personen":
            return None
        query = json.loads(asked.body)
        return {"type": query["type"], "personen": [_person(number) for number in query["burgerservicenummer"]]}


def _person(number: str) -> dict[str, object]:
    known = city.civilian(number)
    return {
        "burgerservicenummer": number,
        "naam": {"volledigeNaam": known.name},
        "geboorte": {"datum": {"type": "Datum", "datum": known.born_on, "langFormaat": known.born_on}},
        "adressering": {"adresregel1": known.address[0], "adresregel2": known.address[1]},
    }

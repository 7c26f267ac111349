"""The tax bureau: a person's open obligations over HMRC's VAT (MTD), with a token for all."""

from __future__ import annotations

import re

from bench import city
from bench.departments.server import Asked

_OBLIGATIONS = re.compile("/organisations/vat/([0-9]{9})/obligations")


class Taxation:
    """`POST /oauth/token` and `GET /organisations/vat/{vrn}/obligations`."""

    who_header = b""
    echo_header = b""
    reply_headers = b"x-correlationid: c75f40a6-a3df-4429-a697-471eeec46435\r\n"

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """A token that lives for four hours, or the obligations."""
        if asked.path == "/oauth/token":
            return {"access_token": "bench", "token_type": "bearer", "expires_in": 14400}
        found = _OBLIGATIONS.fullmatch(asked.path)
        if found is None:
            return None
        return {"obligations": [_obligation(each) for each in city.periods(found[1], self._rows)]}


def _obligation(period: city.Period) -> dict[str, str]:
    return {
        "periodKey": period.key,
        "start": period.first,
        "end": period.last,
        "due": period.due,
        "status": "O",
    }

"""The registration hall: a person's files over the GovStack Registration building block behind X-Road REST."""

from __future__ import annotations

from bench import city
from bench.departments.server import Asked


class MarketRegulation:
    """`GET /r1/…/applications?applicantId=`; the message's id comes back."""

    who_header = b""
    echo_header = b"x-road-id"
    reply_headers = b"x-road-request-id: 6b1f6d0c-20e7-4f0c-8a55-0d8f1d6f2b11\r\nx-road-request-hash: aGFzaA==\r\n"

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """The entries of the applicant's list."""
        if not asked.path.startswith("/r1/") or not asked.path.endswith("/applications"):
            return None
        owner = asked.query["applicantId"]
        return [_application(each, owner) for each in city.files(owner, self._rows)]


def _application(file: city.File, owner: str) -> dict[str, object]:
    return {
        "fileId": file.number,
        "serviceId": f"s-{len(file.kind)}",
        "serviceName": file.kind,
        "applicantId": owner,
        "roleName": "Inspector",
        "status": {"code": "PENDING", "title": "Pending"},
        "created": file.created_at.isoformat(),
        "description": file.message,
    }

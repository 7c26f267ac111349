"""The registration hall: a person's files over the GovStack Registration building block behind X-Road REST."""

from __future__ import annotations

from bench import city
from bench.departments.server import Asked


class MarketRegulation:
    """`GET /r1/…/applications?applicantId=` and `GET /r1/…/services`; the message's id comes back."""

    who_header = b""
    echo_header = b"x-road-id"
    reply_headers = b"x-road-request-id: 6b1f6d0c-20e7-4f0c-8a55-0d8f1d6f2b11\r\nx-road-request-hash: aGFzaA==\r\n"

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def answer(self, asked: Asked) -> object | None:
        """The entries of the applicant's list, or all kinds."""
        if not asked.path.startswith("/r1/"):
            return None
        if asked.path.endswith("/applications"):
            owner = asked.query["applicantId"]
            return [_application(each, owner) for each in city.files(owner, self._rows)]
        return [_service(each) for each in city.KINDS] if asked.path.endswith("/services") else None


def _service(kind: city.Kind) -> dict[str, object]:
    return {
        "id": kind.code,
        "name": kind.name,
        "version": "1",
        "type": "Public",
        "description": kind.description,
        "serviceBody": [{"code": "eFormId", "value": f"form-{kind.code}"}],
    }


def _application(file: city.File, owner: str) -> dict[str, object]:
    return {
        "fileId": file.number,
        "serviceId": file.kind.code,
        "serviceName": file.kind.name,
        "applicantId": owner,
        "roleName": "Inspector",
        "status": {"code": "PENDING", "title": "Pending"},
        "created": file.created_at.isoformat(),
        "description": file.message,
    }

"""The city's complaints desk: Hotline 12345 over Open311 GeoReport v2."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.errors import Rejected
from adapters.contract.operations import FieldSet
from adapters.contract.ports.complaints import Complaint, ComplaintCategory, ComplaintUpdate, FileComplaint
from adapters.contract.ports.services import Catalogue
from adapters.contract.records import PersonId
from adapters.contract.transport import Transport, current_call, together
from adapters.departments.hotline import mapping
from adapters.products.open311 import Format, Open311, Service

UPDATES_PER_CALL = 200
"""As many ids as an address of 8 KiB has room for."""


class Hotline:
    """Hotline 12345; what each method raises is said at the port."""

    def __init__(self, open311: Open311) -> None:
        self._open311 = open311

    async def categories(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[ComplaintCategory, ...]]:
        """`GET services`, one call."""
        found = tuple(mapping.to_category(service) for service in await self._open311.services())
        return dict.fromkeys(catalogues, found)

    async def of_person(
        self, persons: Sequence[PersonId], fields: FieldSet = Complaint.personal
    ) -> Mapping[PersonId, tuple[Complaint, ...]]:
        """`GET requests?account_id=`, one call per person."""
        asked = list(dict.fromkeys(persons))
        lists = await together([self._open311.requests_of(person) for person in asked])
        return {person: mapping.to_complaints(found, fields) for person, found in zip(asked, lists, strict=True)}

    async def updates(self, complaints: Sequence[str]) -> Mapping[str, tuple[ComplaintUpdate, ...]]:
        """`GET servicerequestupdates?service_request_id=a,b`; the hotline does not tell an unknown id from one
        without updates, so that both have an empty tuple."""
        ids = list(dict.fromkeys(complaints))
        askable = [each for each in ids if each and "," not in each]
        groups = [askable[at : at + UPDATES_PER_CALL] for at in range(0, len(askable), UPDATES_PER_CALL)]
        replies = await together([self._open311.updates(group) for group in groups])
        return mapping.to_updates(ids, [update for reply in replies for update in reply])

    async def file(self, order: FileComplaint) -> Complaint:
        """`GET services` for the category's name, which the answer lacks, then `POST requests`."""
        service = await self._service(order.category_code)
        reference = order.reference or current_call().id
        try:
            receipt = await self._open311.submit(mapping.to_form(order, reference))
        except Rejected as exc:
            raise mapping.with_paths(exc) from exc
        return mapping.to_filed(order, receipt, service, reference=reference)

    async def _service(self, code: str) -> Service | None:
        """The service of that code; None for an unknown one, which the hotline will refuse with all else."""
        return next((each for each in await self._open311.services() if each.service_code == code), None)


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The department's ports by name. Raises: ValueError for a `format` that is neither json nor xml."""
    written = Format(options["format"])
    return {"complaints": Hotline(Open311(transport, api_key=options["api_key"], written=written))}

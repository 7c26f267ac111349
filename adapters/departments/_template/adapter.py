"""The ports that this department provides, over its own protocol."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from adapters.contract.ports.complaints import ComplaintCategory
from adapters.contract.ports.services import Catalogue
from adapters.contract.transport import Request, Transport, current_call
from adapters.departments._template.mapping import to_category
from adapters.departments._template.wire import Categories
from adapters.products.replies import decode, require


class Desk:
    """A complaints desk that only lists its categories."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def categories(self, catalogues: Sequence[Catalogue]) -> Mapping[Catalogue, tuple[ComplaintCategory, ...]]:
        """What can be complained of; see the port for what is raised."""
        headers = {"accept": "application/json", "accept-language": current_call().locale}
        reply = require(await self._transport.send(Request(method="GET", path="/categories", headers=headers)))
        found = tuple(to_category(raw) for raw in decode(reply.body, Categories).categories)
        return dict.fromkeys(catalogues, found)


def connect(transport: Transport, options: Mapping[str, str]) -> Mapping[str, object]:
    """The department's ports by name."""
    return {"complaints": Desk(transport)}

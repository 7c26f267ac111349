"""For which purposes personal data is used: those that everybody has, and those of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from adapters.contract.manifest import Title
from gateway.graphql.refusal import HTTPRefusal
from gateway.settings import Purpose

HEADER: Final = b"citygate-purpose"
OWN, REPRESENTATION, CHECK = "own_use", "representation", "mandate_check"
BUILT_IN: Final[Mapping[str, Title]] = MappingProxyType(
    {
        OWN: Title(en="The person's own use of a service", zh_cn="本人查询或办理"),
        REPRESENTATION: Title(en="Somebody acts for the person", zh_cn="他人代为查询或办理"),
        CHECK: Title(en="Looking up for whom somebody may act", zh_cn="核验代办资格"),
    }
)
"""Purposes that need no configuration, by code."""


class Purposes:
    """All purposes. `configured` are by code, each with the operations that have it unless the client says another."""

    def __init__(self, configured: Mapping[str, Purpose]) -> None:
        self.titles: Mapping[str, Title] = {**BUILT_IN, **{code: one.title for code, one in configured.items()}}
        self._given = frozenset(configured) | {OWN, REPRESENTATION}
        self._by_operation = {name: code for code, one in configured.items() for name in one.operations}

    def given(self, value: bytes | None) -> str | None:
        """What the header `Citygate-Purpose` says. Raises: HTTPRefusal 400 for a purpose that there is not."""
        if value is None:
            return None
        code = value.decode("latin-1").strip()
        if code not in self._given:
            raise HTTPRefusal(
                400,
                "PURPOSE_UNKNOWN",
                "Citygate-Purpose names no purpose of this gateway.",
                extensions={"purposes": sorted(self._given)},
            )
        return code

    def of(self, operation: str | None, basis: str | None) -> str:
        """The purpose of an operation by its name, on a ground."""
        found = self._by_operation.get(operation) if operation is not None else None
        return found or (OWN if basis is None else REPRESENTATION)

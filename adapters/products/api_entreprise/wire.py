"""The bodies of API Entreprise v4's attestations as they are written, decoded strictly."""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Generic, TypeVar

import msgspec

T = TypeVar("T")
Link = Annotated[str, msgspec.Meta(pattern=r"^https?://[!-~]+$")]
Seconds = Annotated[int, msgspec.Meta(ge=0, le=366 * 86400)]
Code = Annotated[str, msgspec.Meta(pattern="^[0-9]{5}$")]


class Document(msgspec.Struct, Generic[T], frozen=True):
    """A successful reply; `links` and `meta` are empty for attestations."""

    data: T


class FiscalAttestation(msgspec.Struct, frozen=True):
    """`attestation_fiscale`: taxes are declared and paid. Who is not up to date has none."""

    document_url: Link
    document_url_expires_in: Seconds
    date_delivrance_attestation: date
    date_periode_analysee: date


class SocialStatus(Enum):
    """`entity_status.code`: whether social contributions are paid."""

    ISSUED = "ok"
    REFUSED = "refus_de_delivrance"


class EntityStatus(msgspec.Struct, frozen=True):
    """`entity_status`; its texts are in French and not read."""

    code: SocialStatus


class SocialAttestation(msgspec.Struct, frozen=True):
    """`attestation_vigilance`: social contributions are paid; everything but the status is null when refused."""

    entity_status: EntityStatus
    document_url: Link | None
    document_url_expires_in: Seconds | None
    date_debut_validite: date | None
    date_fin_validite: date | None

    def __post_init__(self) -> None:
        issued = self.entity_status.code is SocialStatus.ISSUED
        parts = (self.document_url, self.document_url_expires_in, self.date_debut_validite, self.date_fin_validite)
        if any((part is not None) is not issued for part in parts):
            raise ValueError("the document and its dates do not agree with entity_status.code")


class Fault(msgspec.Struct, frozen=True):
    """An entry of `errors`: two digits of who provides, three of what is wrong."""

    code: Code


class Failure(msgspec.Struct, frozen=True):
    """How the API words a failure."""

    errors: Annotated[tuple[Fault, ...], msgspec.Meta(min_length=1)]

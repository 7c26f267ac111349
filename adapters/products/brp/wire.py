"""What `POST /personen` takes and answers (BRP API Personen 2.7), in the contract's own Dutch names.

Only what the city uses is here; msgspec skips the rest. A `type` that the contract does not have is refused.
"""

from __future__ import annotations

import datetime
from typing import Annotated, Literal

import msgspec

RAADPLEEG = "RaadpleegMetBurgerservicenummer"
MOST_NUMBERS = 20
Burgerservicenummer = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{9}$")]
Jaar = Annotated[int, msgspec.Meta(ge=1, le=9999)]
Maand = Annotated[int, msgspec.Meta(ge=1, le=12)]
Leeftijd = Annotated[int, msgspec.Meta(ge=0, le=150)]


class RaadpleegMetBurgerservicenummer(msgspec.Struct, frozen=True, tag=RAADPLEEG):
    """A query for 1 to 20 persons; `fields` are 1 to 130 paths."""

    burgerservicenummer: tuple[str, ...]
    fields: tuple[str, ...]


class VolledigeDatum(msgspec.Struct, frozen=True, tag="Datum"):
    """A date that is known."""

    datum: datetime.date


class JaarMaandDatum(msgspec.Struct, frozen=True, tag="JaarMaandDatum"):
    """A date without its day."""

    jaar: Jaar
    maand: Maand


class JaarDatum(msgspec.Struct, frozen=True, tag="JaarDatum"):
    """A date of which the year is known."""

    jaar: Jaar


class DatumOnbekend(msgspec.Struct, frozen=True, tag="DatumOnbekend"):
    """There is a date, and nobody knows it."""

    onbekend: bool


Datum = VolledigeDatum | JaarMaandDatum | JaarDatum | DatumOnbekend
InOnderzoek = dict[str, bool | Datum]
"""The shadow of its neighbours: `true` under a neighbour's name while it is doubted, and since when."""


class Waarde(msgspec.Struct, frozen=True):
    """A row of a code table; a place abroad has no code."""

    code: str | None = None
    omschrijving: str | None = None


class Naam(msgspec.Struct, frozen=True):
    """A name; relatives have no `volledigeNaam`."""

    volledigeNaam: str | None = None
    voornamen: str | None = None
    voorvoegsel: str | None = None
    geslachtsnaam: str | None = None
    inOnderzoek: InOnderzoek = {}


class Geboorte(msgspec.Struct, frozen=True):
    """A birth."""

    datum: Datum | None = None
    plaats: Waarde | None = None
    land: Waarde | None = None
    inOnderzoek: InOnderzoek = {}


class Gerelateerde(msgspec.Struct, frozen=True):
    """A child or a parent as the person's own list has them; nothing at all is known of some."""

    burgerservicenummer: Burgerservicenummer | None = None
    naam: Naam | None = None
    geboorte: Geboorte | None = None
    inOnderzoek: InOnderzoek = {}


class Verbintenis(msgspec.Struct, frozen=True):
    """The beginning or the end of a marriage or partnership."""

    datum: Datum | None = None
    plaats: Waarde | None = None
    inOnderzoek: InOnderzoek = {}


class Partner(Gerelateerde, frozen=True):
    """The present partner, or else the latest one."""

    aangaanHuwelijkPartnerschap: Verbintenis | None = None
    ontbindingHuwelijkPartnerschap: Verbintenis | None = None


class Nationaliteit(msgspec.Struct, frozen=True, tag="Nationaliteit"):
    """A nationality of the code table."""

    nationaliteit: Waarde
    inOnderzoek: InOnderzoek = {}


class BijzondereNationaliteit(msgspec.Struct, frozen=True):
    """What stands in place of a nationality; its type says all."""

    inOnderzoek: InOnderzoek = {}


class Staatloos(BijzondereNationaliteit, frozen=True, tag="Staatloos"):
    """No nationality."""


class BehandeldAlsNederlander(BijzondereNationaliteit, frozen=True, tag="BehandeldAlsNederlander"):
    """Treated as a national."""


class VastgesteldNietNederlander(BijzondereNationaliteit, frozen=True, tag="VastgesteldNietNederlander"):
    """Established not to be a national."""


class NationaliteitOnbekend(BijzondereNationaliteit, frozen=True, tag="NationaliteitOnbekend"):
    """Nobody knows."""


EenNationaliteit = (
    Nationaliteit | Staatloos | BehandeldAlsNederlander | VastgesteldNietNederlander | NationaliteitOnbekend
)


class Verblijfadres(msgspec.Struct, frozen=True):
    """The parts of an address that the city asks for: the postal code at home, the country abroad."""

    postcode: str | None = None
    land: Waarde | None = None
    inOnderzoek: InOnderzoek = {}


class EenVerblijfplaats(msgspec.Struct, frozen=True):
    """What the four kinds of residence have in common."""

    datumVan: Datum | None = None
    verblijfadres: Verblijfadres | None = None
    inOnderzoek: InOnderzoek = {}


class Adres(EenVerblijfplaats, frozen=True, tag="Adres"):
    """A street and a number."""


class Locatie(EenVerblijfplaats, frozen=True, tag="Locatie"):
    """A place without a street, in words."""


class VerblijfplaatsBuitenland(EenVerblijfplaats, frozen=True, tag="VerblijfplaatsBuitenland"):
    """A residence abroad."""


class VerblijfplaatsOnbekend(EenVerblijfplaats, frozen=True, tag="VerblijfplaatsOnbekend"):
    """Gone, nobody knows where."""


Verblijfplaats = Adres | Locatie | VerblijfplaatsBuitenland | VerblijfplaatsOnbekend


class Adressering(msgspec.Struct, frozen=True):
    """The address as it is written on an envelope."""

    adresregel1: str | None = None
    adresregel2: str | None = None
    adresregel3: str | None = None
    inOnderzoek: InOnderzoek = {}


class Overlijden(msgspec.Struct, frozen=True):
    """A death."""

    datum: Datum | None = None
    inOnderzoek: InOnderzoek = {}


class Reden(msgspec.Struct, frozen=True):
    """The row of the table of reasons; here the code is not optional."""

    code: str


class OpschortingBijhouding(msgspec.Struct, frozen=True):
    """The record is no longer kept up to date; comes unasked."""

    reden: Reden


class Persoon(msgspec.Struct, frozen=True):
    """A person; what was not asked for, or has no value, is absent."""

    burgerservicenummer: Burgerservicenummer
    naam: Naam | None = None
    geslacht: Waarde | None = None
    leeftijd: Leeftijd | None = None
    geboorte: Geboorte | None = None
    nationaliteiten: tuple[EenNationaliteit, ...] = ()
    verblijfplaats: Verblijfplaats | None = None
    adressering: Adressering | None = None
    gemeenteVanInschrijving: Waarde | None = None
    kinderen: tuple[Gerelateerde, ...] = ()
    ouders: tuple[Gerelateerde, ...] = ()
    partners: tuple[Partner, ...] = ()
    overlijden: Overlijden | None = None
    geheimhoudingPersoonsgegevens: bool = False
    opschortingBijhouding: OpschortingBijhouding | None = None
    inOnderzoek: InOnderzoek = {}


class RaadpleegResponse(msgspec.Struct, frozen=True):
    """The persons who were found, in no order."""

    type: Literal["RaadpleegMetBurgerservicenummer"]
    personen: tuple[Persoon, ...]


class InvalidParam(msgspec.Struct, frozen=True):
    """What is wrong with one parameter: `burgerservicenummer[0]`."""

    name: str
    code: str
    reason: str = ""


class Foutbericht(msgspec.Struct, frozen=True):
    """A failure (RFC 7807 with a code of its own)."""

    code: str
    invalidParams: tuple[InvalidParam, ...] = ()

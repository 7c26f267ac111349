"""What must not be seen in traces, logs and reports: `@sensitive`, declared on the field or the input field."""

from __future__ import annotations

from enum import Enum

import strawberry
from strawberry.schema_directive import Location

from resolvers.common.values import public_enum


class SensitiveKind(Enum):
    """What a value tells about a person."""

    NAME = "name"
    CONTACT = "contact"
    ADDRESS = "address"
    IDENTIFIER = "identifier"
    FAMILY = "family"
    FINANCE = "finance"
    WORDS = "words"
    DOCUMENT = "document"


public_enum(
    SensitiveKind,
    "What a sensitive value tells about a person.",
    {
        "NAME": "What the person is called.",
        "CONTACT": "How the person is reached.",
        "ADDRESS": "Where the person lives, or is.",
        "IDENTIFIER": "A number or a date by which the person is known, such as the birth date.",
        "FAMILY": "Whose child, parent or partner the person is, nationality and standing in the register.",
        "FINANCE": "What the person owes or pays.",
        "WORDS": "What the person wrote, or what was written about the person.",
        "DOCUMENT": "Where a document of the person can be had.",
    },
)


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION, Location.INPUT_FIELD_DEFINITION, Location.ARGUMENT_DEFINITION],
    name="sensitive",
    description="The value, with all that is below it, is about a person and appears in no trace, log or report.",
)
class Sensitive:
    """The schema's `@sensitive`."""

    kind: SensitiveKind = strawberry.directive_field(name="kind")


def _of(kind: SensitiveKind) -> tuple[Sensitive, ...]:
    return (Sensitive(kind=kind),)


NAME = _of(SensitiveKind.NAME)
CONTACT = _of(SensitiveKind.CONTACT)
ADDRESS = _of(SensitiveKind.ADDRESS)
IDENTIFIER = _of(SensitiveKind.IDENTIFIER)
FAMILY = _of(SensitiveKind.FAMILY)
FINANCE = _of(SensitiveKind.FINANCE)
WORDS = _of(SensitiveKind.WORDS)
DOCUMENT = _of(SensitiveKind.DOCUMENT)

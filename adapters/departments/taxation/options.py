"""What the operator sets for the bureau, read and checked once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from adapters.products.api_entreprise.attestations import Asker
from adapters.products.hmrc.oauth import Credentials

NO_SCENARIO = "DEFAULT"
FORMS = {
    "currency": "[A-Z]{3}",
    "certificate": "fiscal|social",
    "recipient": "[0-9]{14}",
    "test_scenario": "[A-Z0-9_]{1,60}",
}


@dataclass(frozen=True, slots=True)
class Options:
    """The options by what they are for; see the manifest for each."""

    credentials: Credentials
    asker: Asker
    currency: str
    zone: ZoneInfo
    certificate: str
    test_scenario: str | None

    @classmethod
    def read(cls, options: Mapping[str, str]) -> Options:
        """Raises: ValueError naming the option and the form that it must have."""
        for name, form in FORMS.items():
            if not re.fullmatch(form, options[name]):
                raise ValueError(f"option {name}: {options[name]!r} is not of the form {form}")
        try:
            zone = ZoneInfo(options["time_zone"])
        except (ZoneInfoNotFoundError, ValueError) as exc:
            raise ValueError(f"option time_zone: {options['time_zone']!r} is not in the tz database") from exc
        scenario = options["test_scenario"]
        return cls(
            credentials=Credentials(options["client_id"], options["client_secret"]),
            asker=Asker(options["recipient"], options["context"], options["purpose"]),
            currency=options["currency"],
            zone=zone,
            certificate=options["certificate"],
            test_scenario=None if scenario == NO_SCENARIO else scenario,
        )

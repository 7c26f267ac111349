"""What the console asks the sandbox's issuer: who can be played, and a token for one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from adapters.contract.errors import AdapterError
from gateway.console.personas import IssuerUnavailable, PersonaUnknown, Sandbox
from gateway.login import LoginService, NotAnswered


def sandbox_of(issuer: str, login: LoginService) -> Sandbox:
    """The sandbox behind an issuer's address."""

    async def list_personas() -> Sequence[Mapping[str, Any]]:
        try:
            return msgspec.json.decode(await login.get(f"{issuer}/_sandbox/personas"), type=list[dict[str, Any]])
        except (AdapterError, TimeoutError, NotAnswered, msgspec.DecodeError) as exc:
            raise IssuerUnavailable from exc

    async def issue_token(persona: str) -> Mapping[str, Any]:
        try:
            return await login.post_form(f"{issuer}/token", {"persona": persona})
        except NotAnswered as exc:
            raise (PersonaUnknown if exc.status == 400 else IssuerUnavailable) from exc
        except (AdapterError, TimeoutError, msgspec.DecodeError) as exc:
            raise IssuerUnavailable from exc

    return Sandbox(list_personas, issue_token)

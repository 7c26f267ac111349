"""From the code of an X-Road failure (`X-Road-Error`, `faultcode`) to an error: the prefix says who failed.

`Client.*` is the caller's message, `Server.ClientProxy.*` the caller's security server, `Server.ServerProxy.*` the
provider's security server, which also speaks for a provider that got the call and gave no answer to pass on
(`…ServiceFailed.*`): that one may have acted.
"""

from __future__ import annotations

import re

from adapters.contract.errors import (
    AdapterError,
    BadReply,
    Interrupted,
    Maintenance,
    NotOffered,
    Rejected,
    TimedOut,
    Unauthorised,
    Unavailable,
)

_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_.]{0,119}")
_BY_NAME: dict[str, type[AdapterError]] = {
    "accessdenied": Unauthorised,
    "sslauthenticationfailed": Unauthorised,
    "invalidclientidentifier": Unauthorised,
    "unknownmember": Unauthorised,
    "unknownservice": NotOffered,
    "servicedisabled": Maintenance,
    "maintenancemode": Maintenance,
    "inconsistentresponse": BadReply,
    "servicefailed": Interrupted,
    "ioerror": Interrupted,
}


def failure(code: str) -> AdapterError:
    """The error that an X-Road failure stands for; its `wire_code` is the code as X-Road wrote it.

    Codes are told apart whatever their case: version 7 writes `AccessDenied`, version 8 `access_denied`.
    """
    if not _CODE.fullmatch(code):
        return BadReply("an X-Road failure has a code that is none")
    names = code.replace("_", "").lower().split(".")
    return _kind(names)("X-Road did not deliver the call", wire_code=code)


def _kind(names: list[str]) -> type[AdapterError]:
    if any("timeout" in name or "timedout" in name for name in names):
        return TimedOut
    for name in reversed(names):
        if name in _BY_NAME:
            return _BY_NAME[name]
    return {"client": Rejected, "server": Unavailable}.get(names[0], BadReply)

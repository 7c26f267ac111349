"""Seals a process's bearer secret into an appointment id that only its own person can use."""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from adapters.contract.errors import NotFound

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


class Handle(NamedTuple):
    """What the API wants to see before it changes an appointment."""

    process_id: int
    auth_key: str


class Seal:
    """Turns a handle into `<processId>.<sealed authKey>` and back (AES-SIV, RFC 5297).

    Equal handles of one person give equal ids, so that an appointment keeps its id between calls. The process id
    and the person are authenticated with the key: another person's id does not open.
    """

    def __init__(self, secret: str) -> None:
        if not secret:
            raise ValueError("the secret that seals appointment ids is empty")
        self._cipher = AESSIV(hashlib.sha512(b"zms appointment id\0" + secret.encode()).digest())

    def close(self, handle: Handle, person: str) -> str:
        """The id for `person`."""
        number = str(handle.process_id)
        sealed = self._cipher.encrypt(handle.auth_key.encode(), _bound(number, person))
        return f"{number}.{binascii.b2a_base64(sealed, newline=False).translate(_URL_SAFE, b'=').decode()}"

    def open(self, appointment_id: str, person: str) -> Handle:
        """The handle in an id. Raises: NotFound when the id was not made here for this person."""
        process_id, _, text = appointment_id.partition(".")
        try:
            sealed = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
            key = self._cipher.decrypt(sealed, _bound(process_id, person)).decode()
            return Handle(int(process_id), key)
        except (InvalidTag, ValueError, binascii.Error) as exc:
            raise NotFound("the person has no appointment with this id") from exc


def _bound(process_id: str, person: str) -> list[bytes]:
    return [process_id.encode(), person.encode()]

"""What the ledger keeps about people is sealed, and found again by keyed digests."""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Hashable, Sequence
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE = 12
NAME = 4
LEAST_SECRET = 16


class Unsealable(Exception):
    """What was sealed does not open: another key, another place, or a change."""


class Sealer(Protocol):
    """Encrypts, and makes digests that tell nothing without the key."""

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt for one place, from which it cannot be moved to another."""
        ...

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for the place. Raises: Unsealable."""
        ...

    def digests(self, *parts: Hashable) -> Sequence[str]:
        """Names of 160 bits, by the newest key first; what was named by an older one is found by the others."""
        ...


class AesGcmSealer:
    """AES-256-GCM with a random nonce. The first secret seals, all of them open: so a key is rotated.

    A sealed value is a name of the key (4 bytes), the nonce and the ciphertext; the place is authenticated with it.
    """

    def __init__(self, secrets: Sequence[bytes]) -> None:
        if not secrets or any(len(secret) < LEAST_SECRET for secret in secrets):
            raise ValueError(f"the ledger needs a secret of at least {LEAST_SECRET} bytes")
        self._ciphers: dict[bytes, AESGCM] = {}
        self._digest_keys: list[bytes] = []
        for secret in secrets:
            cipher, digest = _derive(secret, b"seal"), _derive(secret, b"digest")
            self._ciphers.setdefault(hashlib.sha256(cipher).digest()[:NAME], AESGCM(cipher))
            self._digest_keys.append(digest)
        self._newest = next(iter(self._ciphers))

    def seal(self, plain: bytes, place: str) -> bytes:
        """As the protocol says."""
        nonce = os.urandom(NONCE)
        return self._newest + nonce + self._ciphers[self._newest].encrypt(nonce, plain, place.encode())

    def open(self, sealed: bytes, place: str) -> bytes:
        """As the protocol says."""
        name, nonce, text = sealed[:NAME], sealed[NAME : NAME + NONCE], sealed[NAME + NONCE :]
        cipher = self._ciphers.get(name)
        if cipher is None:
            raise Unsealable(f"{place}: sealed with a key that is not configured (any more)")
        try:
            return cipher.decrypt(nonce, text, place.encode())
        except (InvalidTag, ValueError) as exc:
            raise Unsealable(f"{place}: it does not open") from exc

    def digests(self, *parts: Hashable) -> Sequence[str]:
        """As the protocol says."""
        plain = msgspec.json.encode(parts)
        return [hmac.digest(key, plain, "sha256")[:20].hex() for key in self._digest_keys]


def _derive(secret: bytes, use: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"citygate ledger " + use).derive(secret)

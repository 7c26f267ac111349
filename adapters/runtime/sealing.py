"""What is kept about people outside the process is sealed, and found again by keyed digests."""

from __future__ import annotations

import hashlib
import os
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import NamedTuple, Protocol

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NAME = 4
SALT = 16
NONCE = 12
HEAD = NAME + SALT + NONCE
LEAST_SECRET = 16
MOST_SEALED = 1 << 30
"""Values sealed with one cipher: so two random nonces of it are alike with a probability below 2^-36."""
MOST_CIPHERS = 1024


class Unsealable(Exception):
    """What was sealed does not open: another key, another place, or a change."""


class Sealer(Protocol):
    """Encrypts, and makes digests that tell nothing without the key."""

    @property
    def key_names(self) -> Sequence[str]:
        """What tells the keys apart, the newest first; nothing about a key can be learnt from its name."""
        ...

    def seal(self, plain: bytes, place: str) -> bytes:
        """Encrypt for one place, from which it cannot be moved to another."""
        ...

    def open(self, sealed: bytes, place: str) -> bytes:
        """Decrypt what was sealed for the place. Raises: Unsealable."""
        ...

    def digests(self, *parts: Hashable) -> Sequence[str]:
        """Names of 160 bits, by the newest key first; what was named by an older one is found by the others."""
        ...


class _Key(NamedTuple):
    seal: bytes
    digest: hashlib.blake2b


class AesGcmSealer:
    """AES-256-GCM with a random nonce. The first secret seals, all of them open: so a key is rotated.

    A sealed value is a name of the key (4 bytes), a salt (16), the nonce (12) and the ciphertext; the place is
    authenticated with it. Each process has a salt, and by it a cipher, of its own: however many seal, no cipher comes
    to the number of random nonces beyond which NIST SP 800-38D (8.3) does not let a key go. `use` tells apart what the
    same secret is used for.
    """

    def __init__(self, secrets: Sequence[bytes], use: str) -> None:
        if not secrets or any(len(secret) < LEAST_SECRET for secret in secrets):
            raise ValueError(f"the {use} needs a secret of at least {LEAST_SECRET} bytes")
        self._keys: dict[bytes, _Key] = {}
        for secret in dict.fromkeys(secrets):
            seal, digest = (_derive(secret, f"citygate {use} {what}".encode()) for what in ("seal", "digest"))
            self._keys[hashlib.sha256(seal).digest()[:NAME]] = _Key(seal, hashlib.blake2b(key=digest, digest_size=20))
        self._ciphers: OrderedDict[bytes, AESGCM] = OrderedDict()
        self._left = 0
        self._head = b""

    @property
    def key_names(self) -> Sequence[str]:
        """As the protocol says."""
        return [name.hex() for name in self._keys]

    def seal(self, plain: bytes, place: str) -> bytes:
        """As the protocol says."""
        if not self._left:
            self._head, self._left = next(iter(self._keys)) + os.urandom(SALT), MOST_SEALED
        self._left -= 1
        nonce = os.urandom(NONCE)
        return b"%b%b%b" % (self._head, nonce, self._cipher(self._head).encrypt(nonce, plain, place.encode()))

    def open(self, sealed: bytes, place: str) -> bytes:
        """As the protocol says."""
        head, nonce, text = sealed[: NAME + SALT], sealed[NAME + SALT : HEAD], sealed[HEAD:]
        if head[:NAME] not in self._keys:
            raise Unsealable(f"{place}: sealed with a key that is not configured (any more)")
        try:
            return self._cipher(head).decrypt(nonce, text, place.encode())
        except (InvalidTag, ValueError) as exc:
            raise Unsealable(f"{place}: it does not open") from exc

    def digests(self, *parts: Hashable) -> Sequence[str]:
        """As the protocol says."""
        plain = msgspec.json.encode(parts)
        return [_digest(key.digest.copy(), plain) for key in self._keys.values()]

    def _cipher(self, head: bytes) -> AESGCM:
        found = self._ciphers.get(head)
        if found is None:
            found = AESGCM(_derive(self._keys[head[:NAME]].seal, b"one process", head[NAME:]))
            self._ciphers[head] = found
            if len(self._ciphers) > MOST_CIPHERS:
                self._ciphers.popitem(last=False)
        return found


def _digest(begun: hashlib.blake2b, plain: bytes) -> str:
    begun.update(plain)
    return begun.hexdigest()


def _derive(secret: bytes, info: bytes, salt: bytes | None = None) -> bytes:
    return HKDF(SHA256(), 32, salt=salt, info=info).derive(secret)

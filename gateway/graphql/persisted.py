"""Automatic persisted queries: documents that clients register with their digest and then name by it alone.

The protocol is Apollo's: `extensions.persistedQuery` is `{"version": 1, "sha256Hash": "<64 hexadecimal digits>"}`.
"""

import re
from collections.abc import Mapping
from typing import Any, Protocol

from gateway.graphql.document import ValidDocument, digest_of
from gateway.graphql.memory import Memory
from gateway.graphql.refusal import HTTPRefusal

_DIGEST = re.compile(r"[0-9a-f]{64}")


class SharedDocuments(Protocol):
    """Where processes share what was registered; it may lose or lack anything, and raises nothing."""

    async def get(self, digest: str) -> str | None:
        """The text registered for a digest."""

    async def put(self, digest: str, text: str) -> None:
        """Register a text."""


class PersistedQueries:
    """Texts by digest, in this process and perhaps shared; only of documents that were found valid."""

    def __init__(
        self, shared: SharedDocuments | None = None, *, max_entries: int = 2000, max_bytes: int = 4 * 1024 * 1024
    ) -> None:
        self._shared = shared
        self._memory: Memory[str] = Memory(max_entries, max_bytes)

    async def find(self, digest: str) -> str | None:
        """The text; None when it is not known, or when what is shared is not the text of this digest."""
        text = self._memory.get(digest)
        if text is not None or self._shared is None:
            return text
        text = await self._shared.get(digest)
        return text if text is not None and digest_of(text) == digest else None

    async def register(self, digest: str, document: ValidDocument, *, share: bool) -> None:
        """Keep a document under its digest."""
        if self._memory.get(digest) is not None:
            return
        self._memory.put(digest, document.text, len(document.text.encode()))
        if share and self._shared is not None:
            await self._shared.put(digest, document.text)

    def refuse_mismatch(self, digest: str, text: str) -> None:
        """Raise HTTPRefusal 422 unless the digest is that of the text; computed once while it is remembered."""
        if self._memory.get(digest) != text and digest_of(text) != digest:
            message = "extensions.persistedQuery.sha256Hash is not the SHA-256 of the query in UTF-8."
            raise HTTPRefusal(422, "PERSISTED_QUERY_MISMATCH", message)


def claimed_digest(extensions: Mapping[str, Any] | None) -> str | None:
    """The digest that `extensions.persistedQuery` names; raise HTTPRefusal 422 when it names none."""
    extension = (extensions or {}).get("persistedQuery")
    if extension is None:
        return None
    version, digest = (extension.get("version"), extension.get("sha256Hash")) if isinstance(extension, dict) else (0, 0)
    if type(version) is not int or version != 1:
        raise _malformed("version must be 1")
    if not isinstance(digest, str) or not _DIGEST.fullmatch(digest.lower()):
        raise _malformed("sha256Hash must have 64 hexadecimal digits")
    return digest.lower()


def identified_digest(identifier: str) -> str | None:
    """The digest in a document identifier of the form `sha256:…`; None for any other."""
    prefix, _, payload = identifier.partition(":")
    return payload if prefix == "sha256" and _DIGEST.fullmatch(payload) else None


def _malformed(what: str) -> HTTPRefusal:
    return HTTPRefusal(422, "MALFORMED_REQUEST", f"In extensions.persistedQuery, {what}.")

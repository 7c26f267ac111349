"""Trusted documents: a manifest made when the apps are built, checked as a whole when the gateway starts.

Three shapes of manifest are read, all JSON:

- `{"<id>": "<document>", ...}`, as Relay, GraphQL Code Generator and many others write it;
- Apollo's: `{"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id", "body", ...}, ...]}`.

An id follows the appendix on persisted documents of GraphQL over HTTP: letters, digits and `-._~`, perhaps after a
prefix `x-…:`, or `sha256:` and the digest of the document. 64 hexadecimal digits are taken for the digest, too.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from adapters.contract.yaml_file import ConfigError
from gateway.graphql import strict_json
from gateway.graphql.document import Documents, ValidDocument, digest_of
from gateway.graphql.refusal import HTTPRefusal

APOLLO = "apollo-persisted-query-manifest"
_ID = re.compile(r"(x-[\w.~-]+:|sha256:)?[\w.~-]+", re.ASCII)
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


class TrustedDocuments:
    """Valid documents by each of their names: id, `sha256:` and digest, and text."""

    def __init__(self, documents: Mapping[str, ValidDocument]) -> None:
        self._by_text = {document.text: document for document in documents.values()}
        self._by_id = {f"sha256:{document.digest}": document for document in documents.values()} | dict(documents)

    def __len__(self) -> int:
        return len(self._by_text)

    def with_id(self, identifier: str) -> ValidDocument | None:
        """The document with this id, or `sha256:` and this digest."""
        return self._by_id.get(identifier)

    def with_text(self, text: str) -> ValidDocument | None:
        """The document with exactly this text."""
        return self._by_text.get(text)


def read_manifest(path: Path, documents: Documents) -> TrustedDocuments:
    """The manifest's documents. Raises: ConfigError with line and id for what does not fit; OSError."""
    source = path.read_bytes()
    try:
        manifest = strict_json.decode(source, max_values=len(source))
    except strict_json.MalformedJSON as error:
        raise ConfigError(path, 1, "", f"not strict JSON: {error}") from None
    found: dict[str, ValidDocument] = {}
    for identifier, text in _entries(path, manifest):
        line = _line(source, identifier)
        if identifier in found:
            raise ConfigError(path, line, identifier, "the id is repeated")
        _refuse_id(path, line, identifier, text)
        found[identifier] = _checked(documents, text, ConfigError(path, line, identifier, ""))
    return TrustedDocuments(found)


def _entries(path: Path, manifest: Any) -> Iterator[tuple[str, str]]:
    pairs: Iterable[tuple[Any, Any]] = manifest.items() if isinstance(manifest, dict) else ()
    if isinstance(manifest, dict) and "operations" in manifest:
        if (manifest.get("format"), manifest.get("version")) != (APOLLO, 1):
            raise ConfigError(path, 1, "format", f"must be {APOLLO} of version 1 where there are operations")
        operations = manifest["operations"]
        if not isinstance(operations, list) or not all(isinstance(one, dict) for one in operations):
            raise ConfigError(path, 1, "operations", "must be an array of objects with id and body")
        pairs = [(one.get("id"), one.get("body")) for one in operations]
    elif not isinstance(manifest, dict):
        raise ConfigError(path, 1, "", "must be an object of ids and documents, or Apollo's manifest")
    for identifier, text in pairs:
        if not isinstance(identifier, str) or not isinstance(text, str):
            raise ConfigError(path, 1, str(identifier), "id and document must be strings")
        yield identifier, text


def _refuse_id(path: Path, line: int, identifier: str, text: str) -> None:
    if not _ID.fullmatch(identifier):
        raise ConfigError(path, line, identifier, "an id has letters, digits and -._~, perhaps after x-…: or sha256:")
    digest = _DIGEST.fullmatch(identifier)
    if identifier.startswith("sha256:") and digest is None:
        raise ConfigError(path, line, identifier, "after sha256: come 64 lower-case hexadecimal digits")
    if digest and digest[1] != digest_of(text):
        raise ConfigError(path, line, identifier, f"is not the SHA-256 of its document, which is {digest_of(text)}")


def _checked(documents: Documents, text: str, place: ConfigError) -> ValidDocument:
    try:
        return documents.check(text, suggestions=True)
    except HTTPRefusal as refusal:
        error = refusal.errors[0]
        where = "".join(f" (line {at.line}, column {at.column} of the document)" for at in (error.locations or [])[:1])
        raise ConfigError(place.path, place.line, place.key, f"{refusal.code}: {error.message}{where}") from None


def _line(source: bytes, identifier: str) -> int:
    return source.count(b"\n", 0, max(0, source.find(f'"{identifier}"'.encode()))) + 1

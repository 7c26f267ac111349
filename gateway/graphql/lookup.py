"""Which document a request means: by its text, its digest or its identifier; and whether that is taken here."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from gateway.graphql.document import Documents, ValidDocument
from gateway.graphql.persisted import PersistedQueries, SharedDocuments, claimed_digest, identified_digest
from gateway.graphql.refusal import HTTPRefusal
from gateway.graphql.request import GraphQLRequest
from gateway.graphql.trusted import TrustedDocuments, read_manifest

Accepted = Literal["any", "persisted", "trusted"]
"""Which documents are taken: any; only those that come by id or with their digest; only those of the manifest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Which documents are taken: `accepted` ones, those of a `trusted` manifest, `introspection`.

    `shared` is where processes share what clients register.
    """

    accepted: Accepted = "any"
    trusted: Path | None = None
    introspection: bool = True
    shared: SharedDocuments | None = None


class Lookup:
    """Finds documents, trusted ones first: `find` a request's document, and `keep` it when it may be executed.

    Raises: ConfigError, OSError for a manifest that does not fit.
    """

    def __init__(self, documents: Documents, policy: Policy) -> None:
        self._documents = documents
        self._persisted = PersistedQueries(policy.shared)
        self._trusted = read_manifest(policy.trusted, documents) if policy.trusted else TrustedDocuments({})
        self._accepted = policy.accepted

    async def find(self, request: GraphQLRequest) -> ValidDocument:
        """Return the request's document; raise HTTPRefusal 4xx for one that is unknown, not taken or not valid."""
        digest = _digest(request)
        document = self._find_trusted(request, digest)
        if document is not None:
            return document
        if self._accepted == "trusted":
            raise HTTPRefusal(
                403, "TRUSTED_DOCUMENTS_ONLY", "Only documents that were registered beforehand are taken."
            )
        if request.query is None:
            return await self._documents.take(await self._text(digest))
        if digest is not None:
            self._persisted.refuse_mismatch(digest, request.query)
        elif self._accepted == "persisted":
            message = "Only documents with their digest in extensions.persistedQuery, or by documentId, are taken."
            raise HTTPRefusal(403, "PERSISTED_DOCUMENTS_ONLY", message)
        return await self._documents.take(request.query)

    async def keep(self, request: GraphQLRequest, document: ValidDocument) -> None:
        """Register what `find` has returned if it came with its digest, or remember what other processes shared."""
        digest = _digest(request)
        if digest is not None and self._accepted != "trusted":
            await self._persisted.register(digest, document, share=request.query is not None)

    def _find_trusted(self, request: GraphQLRequest, digest: str | None) -> ValidDocument | None:
        if request.query is not None:
            document = self._trusted.with_text(request.query)
            return document if digest is None or (document and document.digest == digest) else None
        return self._trusted.with_id(request.document_id or f"sha256:{digest}")

    async def _text(self, digest: str | None) -> str:
        text = await self._persisted.find(digest) if digest else None
        if text is None:
            # Clients compare this very message; those of the legacy media type take a failing status for a proxy's.
            refusal = HTTPRefusal(404, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
            refusal.legacy_status = 200
            raise refusal
        return text


def _digest(request: GraphQLRequest) -> str | None:
    digest = claimed_digest(request.extensions)
    if request.document_id is None:
        if request.query is None and digest is None:
            raise HTTPRefusal(422, "MALFORMED_REQUEST", "The request has no parameter 'query'.")
        return digest
    if request.query is not None or digest is not None:
        message = "The request names its document twice: send one of documentId, query and extensions.persistedQuery."
        raise HTTPRefusal(422, "MALFORMED_REQUEST", message)
    return identified_digest(request.document_id)

"""From the text of a document to one that may be executed, and a bounded memory of those."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property, partial
from hashlib import sha256

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
)

from gateway.garbage import COLLECTOR
from gateway.graphql.cost import CostPlan
from gateway.graphql.extent import extent_of
from gateway.graphql.introspection import Introspection
from gateway.graphql.limits import DocumentLimits
from gateway.graphql.memory import Memory
from gateway.graphql.parsing import parse
from gateway.graphql.refusal import HTTPRefusal, document_excess
from gateway.graphql.validation import Validation

OBJECTS_PER_BYTE = 0.35
"""Objects of a parsed document for each byte of its text, as measured."""
MOST_IN_LOOP = 1000
"""Characters of a document that is checked at once; a longer one is checked in a thread."""


@dataclass(frozen=True, eq=False)
class ValidDocument:
    """A parsed document within the limits and valid against the schema; one object per text while remembered."""

    text: str
    node: DocumentNode
    plans: dict[str | None, CostPlan] = field(default_factory=dict, repr=False)
    """What its operations cost, by their names, as far as somebody has asked."""

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text in UTF-8, in hexadecimal."""
        return digest_of(self.text)

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """Return GetOperation() of the GraphQL specification; raise HTTPRefusal 422 without a single answer."""
        operations = [d for d in self.node.definitions if isinstance(d, OperationDefinitionNode)]
        if name is not None:
            operations = [o for o in operations if o.name and o.name.value == name]
        if len(operations) == 1:
            return operations[0]
        if name is not None:
            raise HTTPRefusal(422, "OPERATION_NOT_FOUND", f"The document has no operation named {name!r}.")
        raise HTTPRefusal(
            422,
            "OPERATION_NOT_FOUND",
            f"The document has {len(operations)} operations; operationName must name one of them.",
        )


def digest_of(text: str) -> str:
    """SHA-256 of a document's text in UTF-8, in hexadecimal, as clients compute it."""
    return sha256(text.encode()).hexdigest()


class Documents:
    """Parses and validates against one schema; remembers what passed, by exact text, least recently used last."""

    def __init__(
        self,
        schema: GraphQLSchema,
        limits: DocumentLimits,
        *,
        rules: Sequence[type[ASTValidationRule]] = (),
        suggestions: bool = True,
        introspection: bool = True,
        memory: Memory[ValidDocument] | None = None,
    ) -> None:
        self._limits = limits
        self._validation = Validation(schema, rules)
        self._suggestions = suggestions
        self._introspection = Introspection(schema, allowed=introspection)
        # A parsed document takes about 45 times the memory of its text.
        self._memory = memory or Memory(max_entries=1000, max_bytes=512 * 1024)
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="documents")

    def get(self, text: str) -> ValidDocument:
        """Return the document; raise HTTPRefusal 400 (syntax) or 422 (limits, validation)."""
        return self._memory.get(text) or self._remember(self.check(text, suggestions=self._suggestions))

    async def take(self, text: str) -> ValidDocument:
        """As `get`, but without holding the event loop.

        What may take long is done in one thread, a document after the other: checking a long text that is new,
        and finding what the writer of an invalid one may have meant.
        """
        known = self._memory.get(text)
        if known is not None:
            return known
        self._refuse_text(text)
        if len(text) <= MOST_IN_LOOP:
            try:
                return self._remember(self.check(text))
            except HTTPRefusal as refusal:
                if not self._suggestions or refusal.code != "VALIDATION_FAILED":
                    raise
        async with self._turn:
            return self._memory.get(text) or self._remember(await self._in_thread(text))

    async def _in_thread(self, text: str) -> ValidDocument:
        check = partial(self.check, text, suggestions=self._suggestions)
        return await asyncio.get_running_loop().run_in_executor(self._thread, check)

    def check(self, text: str, *, suggestions: bool = False) -> ValidDocument:
        """As `get`, neither remembered nor remembering."""
        node = self.measure(text)
        self._validation.refuse_invalid(node, suggestions=suggestions)
        return ValidDocument(text, node)

    def measure(self, text: str) -> DocumentNode:
        """Parse and measure; raise HTTPRefusal 400 (syntax), 403 (introspection) or 422 (limits), not for validity."""
        node = self._parsed(text)
        self._refuse_excess(node)
        return node

    def _remember(self, document: ValidDocument) -> ValidDocument:
        size = len(document.text.encode())
        self._memory.put(document.text, document, size)
        COLLECTOR.made(int(OBJECTS_PER_BYTE * size))
        return document

    def _refuse_text(self, text: str) -> None:
        _refuse_more("characters", len(text), self._limits.characters)
        _refuse_more("lines", text.count("\n") + text.count("\r"), self._limits.lines)

    def _parsed(self, text: str) -> DocumentNode:
        limits = self._limits
        self._refuse_text(text)
        try:
            return parse(text, most_tokens=limits.tokens)
        except GraphQLSyntaxError as error:
            if not error.message.endswith("Parsing aborted."):
                raise HTTPRefusal(400, "SYNTAX_ERROR", error.message, errors=[error]) from None
            raise document_excess("tokens", f"more than {limits.tokens}", limits.tokens) from None
        except RecursionError:
            raise document_excess("depth", f"more than {limits.depth}", limits.depth) from None

    def _refuse_excess(self, node: DocumentNode) -> None:
        limits = self._limits
        try:
            extent = extent_of(node)
        except RecursionError:
            raise document_excess("depth", f"more than {limits.depth}", limits.depth) from None
        for name in ("depth", "nesting", "fields", "spreads", "aliases", "root_fields"):
            _refuse_more(name, getattr(extent, name), getattr(limits, name))
        if extent.introspection:
            self._introspection.refuse_excess(node)


def _refuse_more(name: str, value: int, limit: int) -> None:
    if value > limit:
        raise document_excess(name, str(value), limit)

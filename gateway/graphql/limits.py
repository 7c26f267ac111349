"""What one request may ask of the gateway before it is refused."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class HTTPLimits:
    """Sizes in bytes as they arrive, time in seconds."""

    header_bytes: int = 32 * 1024
    url_bytes: int = 16 * 1024
    body_bytes: int = 1024 * 1024
    body_seconds: float = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimits:
    """Counts: `characters` and `tokens` of the text; the others per operation, with its fragments expanded.

    The defaults let the introspection query of GraphiQL pass (depth 15).
    """

    characters: int = 64 * 1024
    tokens: int = 2000
    depth: int = 16
    fields: int = 1000
    aliases: int = 50
    root_fields: int = 25

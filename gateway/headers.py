"""Header fields of an ASGI scope."""

from __future__ import annotations

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> bytes | None:
    """A header's value; several lines are joined by commas (RFC 9110, 5.3), so that two credentials are none."""
    lines = [value for each, value in scope["headers"] if each == name]
    return b", ".join(lines) if lines else None

"""Header fields of an ASGI scope."""

from __future__ import annotations

from starlette.types import Scope


def header(scope: Scope, name: bytes) -> str | None:
    """A header's value; several lines are joined by commas (RFC 9110, 5.3), so that two credentials are none."""
    lines = [value.decode("latin-1") for each, value in scope["headers"] if each == name]
    return ", ".join(lines) if lines else None

"""Public Security Bureau: the household register behind an X-Road security server, in SOAP."""

from sandbox.departments.public_security.server import build

__all__ = ["build"]

"""Tolerant, bounded readers for the public data that a sandbox may be seeded from."""

from sandbox.real.reader import DataError, document, rows

__all__ = ["DataError", "document", "rows"]

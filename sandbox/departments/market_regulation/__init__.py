"""Market Regulation Bureau: a GovStack Registration building block behind an X-Road security server."""

from sandbox.departments.market_regulation.server import build

__all__ = ["build"]

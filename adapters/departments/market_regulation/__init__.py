"""Market Regulation Bureau."""

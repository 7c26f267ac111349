"""Public Security Bureau."""

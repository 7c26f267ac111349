"""Requests that no honest client makes, of every class, against a gateway that serves others at the same time."""

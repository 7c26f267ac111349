"""Deliberate violations, each with the check that must turn red; `entries.py` says how one is written."""

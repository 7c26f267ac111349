"""Hotline 12345: complaints over Open311."""

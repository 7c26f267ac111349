"""Taxation Bureau."""

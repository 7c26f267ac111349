"""Benchmarks and their load, one command each."""

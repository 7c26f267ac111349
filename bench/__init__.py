"""Benchmarks and their load: `python -m bench` measures the real gateway in front of canned departments."""

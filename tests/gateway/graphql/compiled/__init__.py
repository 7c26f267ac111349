"""Tests of the compiled executor."""

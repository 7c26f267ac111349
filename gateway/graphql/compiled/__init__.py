"""Compiles an operation once against the schema, and executes it many times as straight code."""

"""The promise: ports, records, errors, manifest and transport. Imports nothing of ours."""

"""One folder per department. Loaded by name from the configuration, never imported."""

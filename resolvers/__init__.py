"""One package or module per domain of public life. Sees contracts only."""

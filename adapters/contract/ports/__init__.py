"""One module per domain of public life: its records and the port that departments provide."""

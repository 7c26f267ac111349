"""What stands around every request, one concern per file."""

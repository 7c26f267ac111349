"""GovStack building blocks: Registration."""

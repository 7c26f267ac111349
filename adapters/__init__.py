"""Everything between a resolver and a department."""

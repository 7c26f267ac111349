"""What every domain shares: the context, nodes, connections, scalars, problems. Imports no domain."""

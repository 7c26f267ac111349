"""Civil affairs: a person's civil record, household, and extracts from the registers."""

from strawberry.tools import merge_types

from resolvers.civil_affairs import extracts, record
from resolvers.civil_affairs.extracts import NODE_CALLS, NODES, Mutation

Viewer = merge_types("CivilAffairs", (record.Viewer, extracts.Viewer))
CALLS = record.CALLS | extracts.CALLS

__all__ = ["CALLS", "NODES", "NODE_CALLS", "Mutation", "Viewer"]

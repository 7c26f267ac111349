"""Civil affairs: a person's civil record, household, and extracts from the registers."""

from strawberry.tools import merge_types

from resolvers.civil_affairs import extracts, record
from resolvers.civil_affairs.extracts import NODES, Mutation

Viewer = merge_types("CivilAffairs", (record.Viewer, extracts.Viewer))

__all__ = ["NODES", "Mutation", "Viewer"]

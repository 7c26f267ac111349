"""Appointments: offices' free slots, and a person's own appointments."""

from resolvers.appointments import mutations, queries
from resolvers.appointments.mutations import Mutation
from resolvers.appointments.queries import NODE_CALLS, NODES, Query, Viewer

CALLS = queries.CALLS | mutations.CALLS

__all__ = ["CALLS", "NODES", "NODE_CALLS", "Mutation", "Query", "Viewer"]

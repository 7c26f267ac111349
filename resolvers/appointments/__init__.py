"""Appointments: offices' free slots, and a person's own appointments."""

from resolvers.appointments.mutations import Mutation
from resolvers.appointments.queries import NODES, Query, Viewer

__all__ = ["NODES", "Mutation", "Query", "Viewer"]

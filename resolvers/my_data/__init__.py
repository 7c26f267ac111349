"""My data: who used a person's data, by the gateway's own access log and by the registers' own logs."""

from strawberry.tools import merge_types

from resolvers.my_data import registers, usage
from resolvers.my_data.registers import CALLS

Viewer = merge_types("MyData", (usage.Viewer, registers.Viewer))

__all__ = ["CALLS", "Viewer"]

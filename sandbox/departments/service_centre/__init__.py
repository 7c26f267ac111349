"""Administrative Service Centre: the citizen API of ZMS over a calendar that keeps what is booked."""

from sandbox.departments.service_centre.server import build

__all__ = ["build"]

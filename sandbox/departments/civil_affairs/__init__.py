"""Civil Affairs Bureau: the register of persons, a BRP "personen bevragen" 2.7 server."""

from sandbox.departments.civil_affairs.server import build

__all__ = ["build"]

"""How surely the login service knows a person."""

from __future__ import annotations

from enum import IntEnum


class Assurance(IntEnum):
    """Levels of assurance, comparable: those of eIDAS (EU 2015/1502)."""

    LOW = 1
    SUBSTANTIAL = 2
    HIGH = 3

"""All classes of malformed requests."""

from __future__ import annotations

from itertools import chain

from bench.malformed.bodies import bodies, documents, variables
from bench.malformed.names import persisted, tokens
from bench.malformed.request import Malformed
from bench.malformed.wire import requests, wire


def classes(token: str) -> list[Malformed]:
    """Each class once, by a name of its own; `token` is somebody's."""
    return list(chain(wire(), requests(), bodies(), documents(), variables(), tokens(token), persisted()))

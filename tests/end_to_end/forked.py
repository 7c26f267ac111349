"""Gateways that are forked from a process with everything imported: the import is most of what a start costs.

Each is a process of its own with the command line's `serve`, as the workers of `citygate serve` are.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing.connection import Connection

from gateway.__main__ import cli
from gateway.settings import ROOT
from tests.end_to_end.gateway import first_address

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["gateway.app", "gateway.commands.serve", "psycopg", __name__])


class Forked:
    """A running `citygate serve` in an environment, which the caller kills."""

    def __init__(self, environment: Mapping[str, str], *arguments: str) -> None:
        self._prints, says = _context.Pipe(duplex=False)  # open as long as it runs: it may print more
        self._process = _context.Process(target=_serve, args=(dict(environment), arguments, says), daemon=True)
        self._process.start()
        says.close()
        with os.fdopen(os.dup(self._prints.fileno()), "rb") as lines:
            found = first_address(lines)
        assert found, "the process has ended and printed no address"
        self.address = found

    def kill(self) -> None:
        """End it as a power cut would, and wait until it is gone."""
        self._process.kill()
        self._process.join()
        self._prints.close()


def _serve(environment: dict[str, str], arguments: Sequence[str], says: Connection) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    os.dup2(says.fileno(), 1)
    says.close()
    cli(["serve", "--port", "0", *arguments])

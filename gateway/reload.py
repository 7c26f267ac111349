"""What `departments.yaml` says about calls is taken into use while the gateway runs, as soon as the file changes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Protocol

import msgspec

from adapters.contract.manifest import Manifest
from adapters.contract.policy import CallPolicy
from adapters.contract.watched import Watched
from adapters.contract.yaml_file import Misconfigured
from gateway.settings import Department, Settings, load

logger = logging.getLogger(__name__)
Manifests = Mapping[str, Manifest]


def policies_of(departments: Mapping[str, Department], manifests: Manifests) -> dict[str, CallPolicy]:
    """How each department is called; a quota that the operator does not give is the manifest's."""
    return {name: _policy(one.calls, manifests[name]) for name, one in departments.items()}


def _policy(given: CallPolicy, manifest: Manifest) -> CallPolicy:
    return given if given.quota else msgspec.structs.replace(given, quota=manifest.quota)


class Reload:
    """Looks, when it is asked, whether the file was replaced, and hands the new policies on.

    A file that is refused leaves everything as it was, with one line in the log.
    """

    def __init__(
        self, settings: Settings, configure: Callable[[Mapping[str, CallPolicy]], None], manifests: Manifests
    ) -> None:
        self._settings, self._configure, self._manifests = settings, configure, manifests
        self._file = Watched([settings.folder / "departments.yaml"])

    def look(self) -> None:
        """Take new policies into use. Costs a comparison, and once a second a look at the file."""
        if self._file.changed():
            self._read_again()

    def _read_again(self) -> None:
        running = self._settings.departments
        try:
            found = load(self._settings.folder).departments
        except (Misconfigured, OSError) as exc:
            logger.warning("departments.yaml was changed and cannot be used; what it said before goes on: %s", exc)
            return
        known = {name: one for name, one in found.items() if name in running}
        self._configure(policies_of(known, self._manifests))
        logger.info("departments.yaml was changed: calls follow it from now on")
        if _needs_restart(running, found):
            logger.warning("departments.yaml was changed beyond `calls`: the rest is used after a restart (or SIGHUP)")


def _needs_restart(running: Mapping[str, Department], found: Mapping[str, Department]) -> bool:
    return running != {
        name: msgspec.structs.replace(one, calls=running[name].calls) if name in running else one
        for name, one in found.items()
    }


class Looking(Protocol):
    """What looks whether something was replaced."""

    def look(self) -> None:
        """Look, and take it into use."""
        ...


class Looks:
    """All of them, one after the other."""

    def __init__(self, *all_of_them: Looking) -> None:
        self._all = all_of_them

    def look(self) -> None:
        """Let each of them look."""
        for one in self._all:
            one.look()

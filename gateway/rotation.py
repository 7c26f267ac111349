"""Secrets in files that are replaced while the gateway runs: the department is connected again with the new ones."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

from adapters.contract.manifest import Manifest
from adapters.contract.watched import Watched
from adapters.contract.yaml_file import Misconfigured
from gateway.secrets import options_of, secret_files
from gateway.settings import Department

logger = logging.getLogger(__name__)
Options = Mapping[str, str]


@dataclass(frozen=True)
class Rotating:
    """A department some of whose secrets are in `files`; `read` gives its options as the files have them now."""

    files: Watched
    read: Callable[[], Options]


def secrets_in_files(manifests: Iterable[Manifest], departments: Mapping[str, Department]) -> dict[str, Rotating]:
    """The departments that have secrets in files, by name."""
    found: dict[str, Rotating] = {}
    for manifest in manifests:
        given = departments[manifest.name].options
        if files := secret_files(manifest, given):
            found[manifest.name] = Rotating(Watched(files), partial(options_of, manifest, given))
    return found


class Rotation:
    """Looks, when it is asked, whether secrets were replaced; `renew` connects a department with new options.

    What cannot be read, or what the adapter refuses, leaves the department as it was.
    """

    def __init__(self, departments: Mapping[str, Rotating], renew: Callable[[str, Options], None]) -> None:
        self._departments, self._renew = departments, renew

    def look(self) -> None:
        """Take new secrets into use. Costs a comparison, and once a second a look at the files."""
        for name, one in self._departments.items():
            if one.files.changed():
                self._read_again(name, one)

    def _read_again(self, name: str, one: Rotating) -> None:
        try:
            self._renew(name, one.read())
        except Misconfigured as exc:  # which never quotes a secret
            logger.warning("a secret was replaced and cannot be used; the old one goes on: %s", exc)
        else:
            logger.info("%s: a secret was replaced, and is used from now on", name)

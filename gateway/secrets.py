"""Options of departments: known ones only, and secrets by reference only."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from adapters.contract.manifest import Manifest, Option
from adapters.contract.yaml_file import Misconfigured


class OptionError(Misconfigured):
    """An option that is unknown, missing, or a secret in the open; names the department and the option."""


def options_of(manifest: Manifest, given: Mapping[str, str], environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """A department's options with secrets looked up and defaults filled in.

    A secret is `env:NAME`, `file:PATH`, or `plain:VALUE` for what is no secret, as in the sandbox.
    Raises: OptionError.
    """
    unknown = given.keys() - manifest.options.keys()
    if unknown:
        known = ", ".join(sorted(manifest.options)) or "none"
        raise OptionError(f"{manifest.name}: there is no option {min(unknown)!r}; there are {known}")
    found = {
        name: _value(manifest, name, option, given.get(name), environ) for name, option in manifest.options.items()
    }
    return {name: value for name, value in found.items() if value is not None}


def secret_files(manifest: Manifest, given: Mapping[str, str]) -> tuple[str, ...]:
    """The files that hold a department's secrets, which may be replaced while the gateway runs."""
    secrets = [given[name] for name, option in manifest.options.items() if option.secret and name in given]
    return tuple(one.removeprefix("file:") for one in secrets if one.startswith("file:"))


def _value(manifest: Manifest, name: str, option: Option, given: str | None, environ: Mapping[str, str]) -> str | None:
    if given is None:
        if option.required and option.default is None:
            raise OptionError(f"{manifest.name}: the option {name!r} is missing: {option.description}")
        return option.default
    return secret_of(f"{manifest.name}: the option {name!r}", given, environ) if option.secret else given


def secret_of(what: str, reference: str, environ: Mapping[str, str] = os.environ) -> str:
    """The secret behind a reference; `what` names it in a refusal. Raises: OptionError."""
    kind, _, rest = reference.partition(":")
    if kind == "plain":
        found = rest
    elif kind == "env":
        if rest not in environ:
            raise OptionError(f"{what}: the environment variable {rest} is not set")
        found = environ[rest]
    elif kind == "file":
        try:
            found = Path(rest).read_text("utf-8").strip()
        except (OSError, ValueError) as exc:
            raise OptionError(f"{what}: the file {rest} cannot be read") from exc
    else:
        raise OptionError(f"{what} is a secret: give it as env:NAME or file:PATH, not in the open")
    if not found:
        raise OptionError(f"{what}: {reference} is empty")
    return found

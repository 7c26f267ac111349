"""Reads a YAML file into a typed struct, and refuses what does not fit with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
_SEGMENT = re.compile(r"\.([^.\[]+)|\[(\d+|\.\.\.)\]")


class Misconfigured(ValueError):
    """Base of every refusal of a configuration; its text is for the operator."""


class ConfigError(Misconfigured):
    """A file that cannot be used: `path`, `line` (from 1) and `key` (`departments.hotline.address`) say where."""

    def __init__(self, path: Path, line: int, key: str, reason: str) -> None:
        super().__init__(f"{path}:{line}: {key}: {reason}" if key else f"{path}:{line}: {reason}")
        self.path, self.line, self.key, self.reason = path, line, key, reason


def read_yaml(path: Path, into: type[T]) -> T:
    """The file's content as `into` (a msgspec struct or any type that msgspec converts).

    Unknown and repeated keys are errors where the struct forbids unknown fields; nothing is coerced.
    Raises: ConfigError; OSError when the file cannot be read.
    """
    try:
        node = yaml.compose(path.read_text("utf-8"), yaml.SafeLoader)
    except yaml.MarkedYAMLError as exc:
        line = exc.problem_mark.line + 1 if exc.problem_mark else 1
        raise ConfigError(path, line, "", exc.problem or "not YAML") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(path, 1, "", "not UTF-8") from exc
    if node is None:
        raise ConfigError(path, 1, "", "the file is empty")
    _refuse_repeated_keys(path, node)
    data = yaml.SafeLoader("").construct_document(node)
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as exc:
        reason, _, where = str(exc).partition(" - at `")
        steps = list(_steps(data, where.rstrip("`"), into, str(exc)))
        found, keys = _locate(node, steps)
        raise ConfigError(path, found.start_mark.line + 1, ".".join(keys), reason) from exc


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                raise ConfigError(path, key.start_mark.line + 1, str(key.value), "the key is repeated")
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _refuse_repeated_keys(path, item)


def _steps(data: Any, where: str, into: Any, message: str) -> Iterator[str | int]:
    """The path's steps; a mapping's key, which msgspec writes as `[...]`, is found by trying each."""
    trail: list[str | int] = []
    here = data
    for name, index in _SEGMENT.findall(where.removeprefix("key in ").removeprefix("`").removeprefix("$")):
        step: str | int = name or (int(index) if index != "..." else _culprit(data, trail, into, message))
        if (isinstance(here, dict) and step not in here) or (isinstance(here, list) and not isinstance(step, int)):
            return
        here = here[step]
        trail.append(step)
        yield step


def _culprit(data: Any, trail: list[str | int], into: Any, message: str) -> str:
    parent = _follow(data, trail)
    for key in parent:
        try:
            msgspec.convert(_with(data, trail, {key: parent[key]}), into)
        except msgspec.ValidationError as exc:
            if str(exc) == message:
                return str(key)
    return ""


def _follow(data: Any, trail: list[str | int]) -> Any:
    for step in trail:
        data = data[step]
    return data


def _with(data: Any, trail: list[str | int], value: Any) -> Any:
    if not trail:
        return value
    copy = list(data) if isinstance(data, list) else dict(data)
    copy[trail[0]] = _with(data[trail[0]], trail[1:], value)  # type: ignore[index]
    return copy


def _locate(node: yaml.Node, steps: list[str | int]) -> tuple[yaml.Node, list[str]]:
    keys: list[str] = []
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            node = next(value for key, value in node.value if key.value == str(step))
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
        keys.append(str(step))
    return node, keys

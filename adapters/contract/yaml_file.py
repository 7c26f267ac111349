"""Reads a YAML file into a typed struct, and refuses what does not fit with file, line and key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

T = TypeVar("T")
MAX_DEPTH = 32
_UNKNOWN = re.compile("unknown field `(.*)`")
_CONSTRAINT = re.compile(r"Expected `\w+` (matching|[<>]|of length|that's)")
"""What a value of the right type violates: only then is the value shown, for it may be a secret in the wrong place."""
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

    Unknown keys are errors where the struct forbids unknown fields. Refused always: repeated keys, keys that are no
    text, aliases (a few lines of them can stand for gigabytes), tags, deep nesting. Nothing is coerced.
    Raises: ConfigError; OSError when the file cannot be read.
    """
    node = _compose(path)
    data = _construct(path, node)
    try:
        return msgspec.convert(data, into)
    except msgspec.ValidationError as exc:
        reason, _, where = str(exc).partition(" - at `")
        steps = list(_steps(data, where.rstrip("`"), into, str(exc)))
        if unknown := _UNKNOWN.search(reason):
            reason += f"; there are {', '.join(_fields(into, steps))}"
            steps.append(unknown[1])
        elif _CONSTRAINT.match(reason):
            reason += f", not {_follow(data, steps)!r}"
        raise ConfigError(path, _line(node, steps), ".".join(map(str, steps)), reason) from exc


class _Loader(yaml.SafeLoader):
    """YAML without aliases, merges and tags, whose mappings have each key once, as text."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        self.depth += 1
        if isinstance(event, yaml.AliasEvent):
            raise _refusal("an alias stands here: write out what it stands for", event.start_mark)
        if self.depth > MAX_DEPTH:
            raise _refusal(f"nested deeper than {MAX_DEPTH} levels", event.start_mark)
        node = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.MappingNode):
            _refuse_keys(node)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:  # as inherited
        try:
            return super().construct_object(node, deep)
        except ValueError as exc:  # a date or a number that there cannot be
            raise _refusal(f"a value is not what it looks like: {exc}", node.start_mark) from exc


def _refusal(problem: str, mark: Any) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=mark)


def _refuse_keys(node: yaml.MappingNode) -> None:
    seen: set[str] = set()
    for key, _ in node.value:
        if key.tag != "tag:yaml.org,2002:str":
            raise _refusal("a key must be text: put it in quotes", key.start_mark)
        if key.value in seen:
            raise _refusal(f"the key {key.value!r} is repeated", key.start_mark)
        seen.add(key.value)


def _compose(path: Path) -> yaml.Node:
    try:
        node = yaml.compose(path.read_text("utf-8"), _Loader)
    except yaml.MarkedYAMLError as exc:
        raise _located(path, exc) from exc
    except yaml.YAMLError as exc:
        raise ConfigError(path, 1, "", "a character stands in it that no YAML may have") from exc
    except UnicodeDecodeError as exc:
        raise ConfigError(path, 1, "", "not UTF-8") from exc
    if node is None:
        raise ConfigError(path, 1, "", "the file is empty")
    return node


def _construct(path: Path, node: yaml.Node) -> Any:
    try:
        return _Loader("").construct_document(node)
    except yaml.MarkedYAMLError as exc:
        raise _located(path, exc) from exc


def _located(path: Path, exc: yaml.MarkedYAMLError) -> ConfigError:
    return ConfigError(path, exc.problem_mark.line + 1 if exc.problem_mark else 1, "", exc.problem or "not YAML")


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


def _fields(into: Any, steps: list[str | int]) -> list[str]:
    """Names of the fields of the struct at a path of a type."""
    choices: list[Any] = _choices(msgspec.inspect.type_info(into))
    for step in steps:
        choices = [inner for choice in choices for inner in _inside(choice, step)]
    structs = [choice for choice in choices if isinstance(choice, msgspec.inspect.StructType)]
    return [field.encode_name for struct in structs for field in struct.fields]


def _inside(info: Any, step: str | int) -> list[Any]:
    if isinstance(info, msgspec.inspect.StructType):
        found = [field.type for field in info.fields if field.encode_name == step]
    elif isinstance(info, msgspec.inspect.DictType):
        found = [info.value_type]
    else:
        found = [info.item_type] if hasattr(info, "item_type") else []
    return [choice for each in found for choice in _choices(each)]


def _choices(info: Any) -> list[Any]:
    return list(info.types) if isinstance(info, msgspec.inspect.UnionType) else [info]


def _line(node: yaml.Node, steps: list[str | int]) -> int:
    """The line of a key, or of an item of a sequence, counted from 1."""
    mark = node.start_mark
    for step in steps:
        if isinstance(node, yaml.MappingNode):
            key, node = next((key, value) for key, value in node.value if key.value == step)
            mark = key.start_mark
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            mark = node.start_mark
    return int(mark.line) + 1

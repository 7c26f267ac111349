"""A file that does not fit is refused with its place, whatever stands in it, and soon."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract.yaml_file import MAX_DEPTH, ConfigError, read_yaml


class Leaf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    size: Annotated[int, msgspec.Meta(ge=1)] = 1
    mode: Literal["a", "b"] = "a"
    names: tuple[str, ...] = ()


class Tree(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    leaves: dict[str, Leaf] = {}
    rows: list[Leaf] = []
    grid: dict[str, list[dict[str, int]]] = {}
    maybe: Leaf | None = None
    pattern: Annotated[str, msgspec.Meta(pattern="^[a-z]+$")] = "x"


def refusal(tmp_path: Path, text: str | bytes, into: Any = Tree) -> ConfigError:
    path = tmp_path / "some.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(ConfigError) as caught:
        read_yaml(path, into)
    assert str(caught.value).startswith(f"{path}:{caught.value.line}: ")
    return caught.value


def test_a_file_that_fits_is_read(tmp_path: Path) -> None:
    path = tmp_path / "some.yaml"
    path.write_bytes("\ufeffleaves: { one: { size: 2, names: [武汉, '5'] } }\nrows:\n- { mode: b }\n".encode())
    assert read_yaml(path, Tree) == Tree(leaves={"one": Leaf(size=2, names=("武汉", "5"))}, rows=[Leaf(mode="b")])


@pytest.mark.parametrize(
    ("text", "line", "key", "reason"),
    [
        ("leaves:\n  one:\n    size: 0\n", 3, "leaves.one.size", "Expected `int` >= 1, not 0"),
        ("leaves:\n  ok: {}\n  one:\n    size: x\n", 4, "leaves.one.size", "Expected `int`, got `str`"),
        ("leaves:\n  one: null\n", 2, "leaves.one", "Expected `object`, got `null`"),
        ("leaves:\n  a.b:\n    mode: c\n", 3, "leaves.a.b.mode", "Invalid enum value 'c'"),
        ("leaves:\n  one:\n    mode: a\n    size_: 2\n", 4, "leaves.one.size_", "there are size, mode, names"),
        ("rows:\n- {}\n- mode: a\n  size: no\n", 4, "rows.1.size", "Expected `int`, got `bool`"),
        ("rows:\n- names:\n  - a\n  - 5\n", 4, "rows.0.names.1", "Expected `str`, got `int`"),
        ("grid:\n  a:\n  - x: 1\n  - x: 1\n    y: '1'\n", 5, "grid.a.1.y", "Expected `int`, got `str`"),
        ("maybe:\n  nope: 1\n", 2, "maybe.nope", "there are size, mode, names"),
        ("pattern: UPPER\n", 1, "pattern", "matching regex '^[a-z]+$', not 'UPPER'"),
        ("rows: []\nother: 1\n", 2, "other", "there are leaves, rows, grid, maybe, pattern"),
        ("- 1\n", 1, "", "Expected `object`, got `array`"),
    ],
)
def test_what_does_not_fit_is_named_with_its_place(tmp_path: Path, text: str, line: int, key: str, reason: str) -> None:
    error = refusal(tmp_path, text)
    assert (error.line, error.key) == (line, key)
    assert reason in error.reason


def test_a_value_of_the_wrong_type_is_not_shown(tmp_path: Path) -> None:
    """It may be a secret that looks like a number."""
    assert "5500" not in str(refusal(tmp_path, "leaves: { key: { names: 5500 } }"))


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (b"", 1, "the file is empty"),
        (b"# only a comment\n", 1, "the file is empty"),
        (b"rows: []\nleaves: \xff\n", 1, "not UTF-8"),
        (b"rows: []\npattern: \x07\n", 1, "a character stands in it that no YAML may have"),
        ("rows: []\n\tleaves: {}\n", 2, "'\\t'"),
        ("rows: [1\n", 2, "expected ',' or ']'"),
        ("rows: []\n---\nrows: []\n", 2, "another document"),
        ("rows: []\nleaves: {}\nrows: []\n", 3, "the key 'rows' is repeated"),
        ("leaves:\n  one: {}\n  one: {}\n", 3, "the key 'one' is repeated"),
        ("rows:\n- { size: 1, 'size': 2 }\n", 2, "the key 'size' is repeated"),
        ("leaves:\n  on: {}\n", 2, "a key must be text"),
        ("leaves:\n  2024: {}\n", 2, "a key must be text"),
        ("leaves:\n  ~: {}\n", 2, "a key must be text"),
        ("leaves:\n  ? [1, 2]\n  : {}\n", 2, "a key must be text"),
        ("leaves:\n  ? {a: b}\n  : {}\n", 2, "a key must be text"),
        ("leaves:\n  <<: { one: {} }\n", 2, "a key must be text"),
        ("leaves: &all {}\nrows: []\ngrid: *all\n", 3, "an alias"),
        ("leaves: &all\n  one: *all\n", 2, "an alias"),
        ("rows: []\nleaves: !!python/object/apply:os.getcwd []\n", 2, "python/object/apply"),
        ("rows: []\npattern: !secret x\n", 2, "!secret"),
        ("rows: []\npattern: 2024-13-45\n", 2, "month must be in 1..12"),
        ("rows: []\npattern: !!int five\n", 2, "a value is not what it looks like"),
        ("rows:\n" + "[" * (MAX_DEPTH + 1), 2, f"nested deeper than {MAX_DEPTH} levels"),
        ("[" * 100_000, 1, "nested deeper"),
        ("{a: " * 100_000, 1, "nested deeper"),
    ],
)
def test_what_is_not_plain_yaml_is_refused(tmp_path: Path, text: str | bytes, line: int, reason: str) -> None:
    error = refusal(tmp_path, text)
    assert (error.line, reason in error.reason) == (line, True), error


def test_a_bomb_of_aliases_is_refused_before_it_grows(tmp_path: Path) -> None:
    levels = "\n".join(f"k{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30))
    assert "an alias" in str(refusal(tmp_path, f"k0: &a0 [x]\n{levels}\n"))


scalars = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), st.dates(), st.binary(max_size=4)
)
documents = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
)


@settings(max_examples=80, deadline=None)
@given(
    st.one_of(
        documents.map(yaml.safe_dump),
        st.text(max_size=60),
        st.fixed_dictionaries({"leaves": documents, "rows": documents}).map(yaml.safe_dump),
    )
)
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    try:
        assert isinstance(read_yaml(path, Tree), Tree)
    except ConfigError as exc:
        assert 1 <= exc.line <= text.count("\n") + 2

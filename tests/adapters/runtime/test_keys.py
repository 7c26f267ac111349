"""Keys that an operator names, or one beside the file: made once, kept from others, refused when they cannot seal."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import pytest

from adapters.runtime.keys import BadKeys, key_file, require_keys, secrets_of

SECRET = "a secret of enough bytes"


def test_named_keys_are_used_in_their_order(tmp_path: Path) -> None:
    assert secrets_of("store", "store_keys", [SECRET, SECRET[::-1]], tmp_path / "a.db") == [
        SECRET.encode(),
        SECRET[::-1].encode(),
    ]
    assert not key_file(tmp_path / "a.db").exists()


def test_a_file_without_named_keys_has_one_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "data" / "a.db"
    with ThreadPoolExecutor(8) as threads:
        made = list(threads.map(lambda _: secrets_of("store", "store_keys", (), file)[0], range(16)))
    assert len(set(made)) == 1
    assert len(made[0]) > 32
    assert S_IMODE(key_file(file).stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["a.db.key"]


def refusal(keys: list[str], file: Path | None) -> str:
    """What both say, without a key in it."""
    said = set()
    for refuse in (secrets_of, require_keys):
        with pytest.raises(BadKeys) as caught:
            refuse("store", "store_keys", keys, file)
        said.add(str(caught.value))
    (one,) = said
    assert not any(key in one for key in keys)
    return one


def test_what_cannot_seal_is_refused(tmp_path: Path) -> None:
    assert refusal([], None) == "store_keys is empty: gateways that share a store need a key that they share"
    assert refusal([SECRET, "fifteen bytes.."], None) == "a key of store_keys is shorter than 16 bytes"
    file = tmp_path / "a.db"
    file.touch()
    assert f"the store {file} is there, and its key {file}.key is gone" in refusal([], file)
    key_file(file).write_text("short\n")
    with pytest.raises(BadKeys, match="shorter than 16 bytes"):
        secrets_of("store", "store_keys", [], file)


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadKeys, match=r"the store's key .* cannot be made or read"):
        secrets_of("store", "store_keys", [], tmp_path / "file" / "a.db")

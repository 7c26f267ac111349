"""Options of departments: known ones only, and secrets by reference only, never shown."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from adapters.contract.manifest import Manifest, Option
from gateway.secrets import OptionError, options_of
from tests.adapters.runtime.notes import Desk


def manifest(**options: Option) -> Manifest:
    return msgspec.structs.replace(Desk().read().manifest, options=options)


KEY = manifest(key=Option(description="The key", secret=True))


def test_defaults_and_gaps() -> None:
    asked = manifest(
        zone=Option(description="Zone", default="Asia/Shanghai"),
        client=Option(description="Client"),
        extra=Option(description="Extra", required=False),
    )
    assert options_of(asked, {"client": "env:NOT_LOOKED_UP"}, {}) == {
        "zone": "Asia/Shanghai",
        "client": "env:NOT_LOOKED_UP",
    }
    with pytest.raises(OptionError, match="archive: the option 'client' is missing: Client"):
        options_of(asked, {}, {})


def test_an_unknown_option_is_refused_with_the_known_ones() -> None:
    with pytest.raises(OptionError, match=r"archive: there is no option 'kye'; there are key$"):
        options_of(KEY, {"kye": "env:KEY"}, {"KEY": "x"})
    with pytest.raises(OptionError, match="there are none"):
        options_of(manifest(), {"key": "x"}, {})


def test_a_secret_is_looked_up(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("s3cret: ü\n", "utf-8")
    assert options_of(KEY, {"key": f"file:{file}"}, {}) == {"key": "s3cret: ü"}
    assert options_of(KEY, {"key": "env:KEY"}, {"KEY": "a:b"}) == {"key": "a:b"}
    assert options_of(KEY, {"key": "plain:a:b"}, {}) == {"key": "a:b"}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("s3cret", "is a secret: give it as env:NAME or file:PATH"),
        ("", "is a secret: give it as env:NAME or file:PATH"),
        ("s3cret:more", "is a secret: give it as env:NAME or file:PATH"),
        ("ENV:KEY", "is a secret: give it as env:NAME or file:PATH"),
        ("env:ABSENT", "the environment variable ABSENT is not set"),
        ("env:EMPTY", "env:EMPTY is empty"),
        ("plain:", "plain: is empty"),
        ("file:{tmp}/absent", "/absent cannot be read"),
        ("file:{tmp}", "cannot be read"),
        ("file:{tmp}/latin", "/latin cannot be read"),
        ("file:{tmp}/blank", "/blank is empty"),
        ("file:\x00", "cannot be read"),
    ],
)
def test_a_secret_that_is_none_is_refused(tmp_path: Path, reference: str, reason: str) -> None:
    (tmp_path / "latin").write_bytes(b"\xff")
    (tmp_path / "blank").write_text(" \n")
    with pytest.raises(OptionError) as caught:
        options_of(KEY, {"key": reference.format(tmp=tmp_path)}, {"EMPTY": ""})
    assert str(caught.value).startswith("archive: the option 'key'")
    assert reason in str(caught.value)
    assert "s3cret" not in str(caught.value)

"""What is sealed opens in its place and with its key only; digests tell nothing without the key."""

from __future__ import annotations

import pytest

from adapters.runtime.sql.sealing import NAME, NONCE, AesGcmSealer, Unsealable

OLD, NEW = b"an old secret of enough bytes", b"a new secret of enough bytes!"


def test_sealed_in_one_place_it_does_not_open_in_another() -> None:
    sealer = AesGcmSealer([NEW], "tests")
    sealed = sealer.seal(b"plain text", "CG-1/order")
    assert sealer.open(sealed, "CG-1/order") == b"plain text"
    assert b"plain" not in sealed
    for place in ("CG-2/order", "CG-1/outcome"):
        with pytest.raises(Unsealable):
            sealer.open(sealed, place)


def test_any_change_is_noticed() -> None:
    sealer = AesGcmSealer([NEW], "tests")
    sealed = sealer.seal(b"plain text", "p")
    for at in range(len(sealed)):
        changed = bytearray(sealed)
        changed[at] ^= 1
        with pytest.raises(Unsealable):
            sealer.open(bytes(changed), "p")
    for end in range(len(sealed)):
        with pytest.raises(Unsealable):
            sealer.open(sealed[:end], "p")


def test_the_same_is_never_sealed_the_same() -> None:
    sealer = AesGcmSealer([NEW], "tests")
    assert len({sealer.seal(b"x", "p")[NAME : NAME + NONCE] for _ in range(1000)}) == 1000


def test_a_key_is_rotated_by_putting_a_new_one_in_front() -> None:
    before, between, after = (
        AesGcmSealer([OLD], "tests"),
        AesGcmSealer([NEW, OLD], "tests"),
        AesGcmSealer([NEW], "tests"),
    )
    sealed = before.seal(b"x", "p")
    assert between.open(sealed, "p") == b"x"
    assert after.open(between.seal(b"y", "p"), "p") == b"y"
    with pytest.raises(Unsealable, match="not configured"):
        after.open(sealed, "p")
    assert before.digests("a", 1)[0] in between.digests("a", 1)
    assert between.digests("a", 1)[0] == after.digests("a", 1)[0]


def test_digests_are_told_apart_by_parts_and_key() -> None:
    sealer, other = AesGcmSealer([NEW], "tests"), AesGcmSealer([OLD], "tests")
    parts: list[tuple[str | int | None, ...]] = [("a", "b"), ("ab",), ("a", None), ("a", "null"), ("a", 1), ("a", "1")]
    assert len({*(sealer.digests(*each)[0] for each in parts), *(other.digests(*each)[0] for each in parts)}) == 12


@pytest.mark.parametrize("secrets", [[], [b"short"]])
def test_a_weak_secret_is_refused(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        AesGcmSealer(secrets, "tests")


def test_another_use_of_the_same_secret_has_other_keys() -> None:
    one, other = AesGcmSealer([NEW], "one"), AesGcmSealer([NEW], "other")
    assert one.digests("a") != other.digests("a")
    with pytest.raises(Unsealable):
        other.open(one.seal(b"x", "p"), "p")

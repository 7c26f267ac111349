"""What is sealed opens in its place and with its key only; digests tell nothing without the key."""

from __future__ import annotations

import pytest

from adapters.runtime import sealing
from adapters.runtime.sealing import HEAD, NONCE, AesGcmSealer, Unsealable

OLD, NEW = b"an old secret of enough bytes", b"a new secret of enough bytes!"


def test_sealed_in_one_place_it_does_not_open_in_another() -> None:
    sealer = AesGcmSealer([NEW], "ledger")
    sealed = sealer.seal(b"plain text", "CG-1/order")
    assert sealer.open(sealed, "CG-1/order") == b"plain text"
    assert b"plain" not in sealed
    for place in ("CG-2/order", "CG-1/outcome"):
        with pytest.raises(Unsealable):
            sealer.open(sealed, place)


def test_any_change_is_noticed() -> None:
    sealer = AesGcmSealer([NEW], "ledger")
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
    sealer = AesGcmSealer([NEW], "ledger")
    assert len({sealer.seal(b"x", "p")[HEAD - NONCE : HEAD] for _ in range(1000)}) == 1000


def test_a_key_is_rotated_by_putting_a_new_one_in_front() -> None:
    before, between, after = (AesGcmSealer(ring, "ledger") for ring in ([OLD], [NEW, OLD], [NEW]))
    sealed = before.seal(b"x", "p")
    assert between.open(sealed, "p") == b"x"
    assert after.open(between.seal(b"y", "p"), "p") == b"y"
    with pytest.raises(Unsealable, match="not configured"):
        after.open(sealed, "p")
    assert before.digests("a", 1)[0] in between.digests("a", 1)
    assert between.digests("a", 1)[0] == after.digests("a", 1)[0]


def test_digests_are_told_apart_by_parts_and_key() -> None:
    sealer, other = AesGcmSealer([NEW], "ledger"), AesGcmSealer([OLD], "ledger")
    parts: list[tuple[str | int | None, ...]] = [("a", "b"), ("ab",), ("a", None), ("a", "null"), ("a", 1), ("a", "1")]
    assert len({*(sealer.digests(*each)[0] for each in parts), *(other.digests(*each)[0] for each in parts)}) == 12


def test_one_secret_may_serve_several_uses() -> None:
    sealer, other = AesGcmSealer([NEW], "ledger"), AesGcmSealer([NEW], "store")
    with pytest.raises(Unsealable):
        other.open(sealer.seal(b"x", "p"), "p")
    assert sealer.digests("a") != other.digests("a")


def test_no_cipher_seals_more_than_its_nonces_allow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_SEALED", 2)
    sealer, reader = AesGcmSealer([NEW], "ledger"), AesGcmSealer([NEW], "ledger")
    sealed = [sealer.seal(b"x", "p") for _ in range(4)]
    assert len({each[:-NONCE] for each in (one[:HEAD] for one in sealed)}) == 2
    assert {reader.open(each, "p") for each in sealed} == {b"x"}


def test_ciphers_that_were_long_not_used_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "MOST_CIPHERS", 2)
    reader, processes = AesGcmSealer([NEW], "ledger"), [AesGcmSealer([NEW], "ledger") for _ in range(4)]
    for each in [*processes, *processes]:
        assert reader.open(each.seal(b"x", "p"), "p") == b"x"
    assert len(reader._ciphers) == 2


@pytest.mark.parametrize("secrets", [[], [b"short"]])
def test_a_weak_secret_is_refused(secrets: list[bytes]) -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        AesGcmSealer(secrets, "ledger")

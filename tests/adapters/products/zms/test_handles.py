"""An appointment's id opens for its own person only and gives its key away to nobody."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.errors import NotFound
from adapters.products.zms.handles import Handle, Seal

SEAL = Seal("a secret")
HANDLE = Handle(101002, "fb43")
PERSON = "100000011"


@given(st.integers(1, 2**31), st.text(max_size=80), st.text(max_size=12))
def test_an_id_opens_again(process_id: int, auth_key: str, person: str) -> None:
    handle = Handle(process_id, auth_key)
    assert SEAL.open(SEAL.close(handle, person), person) == handle


def test_an_appointment_keeps_its_id() -> None:
    assert Seal("a secret").close(HANDLE, PERSON) == SEAL.close(HANDLE, PERSON)


def test_the_key_is_not_in_the_id() -> None:
    key = "ab" * 32
    sealed = SEAL.close(Handle(7, key), PERSON)
    assert key not in sealed
    assert sealed.partition(".")[2] != SEAL.close(Handle(8, key), PERSON).partition(".")[2]


@pytest.mark.parametrize(
    ("seal", "change", "person"),
    [
        (SEAL, str, "100000022"),
        (Seal("another secret"), str, PERSON),
        (SEAL, lambda text: text.replace("101002", "101003"), PERSON),
        (SEAL, lambda text: text[:-1], PERSON),
        (SEAL, lambda _: "101002.fb43", PERSON),
        (SEAL, lambda _: "101002", PERSON),
        (SEAL, lambda _: "", PERSON),
        (SEAL, lambda _: "x.\N{SNOWMAN}", PERSON),
        (SEAL, lambda text: text + "\x00", "\N{SNOWMAN}"),
    ],
    ids=["person", "secret", "process", "cut", "forged", "bare", "empty", "no base64", "no text"],
)
def test_whatever_was_not_made_here_for_this_person_is_not_found(seal: Seal, change, person: str) -> None:
    with pytest.raises(NotFound):
        seal.open(change(SEAL.close(HANDLE, PERSON)), person)


@given(st.text())
def test_no_text_at_all_breaks_it(text: str) -> None:
    with pytest.raises(NotFound):
        SEAL.open(text, PERSON)


def test_an_empty_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        Seal("")

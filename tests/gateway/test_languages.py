"""`Accept-Language` after RFC 9110, for a city that speaks Chinese and English."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.languages import LONGEST_HEADER, OURS, negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("en", "en"),
        ("EN ; Q=1", "en"),
        ("zh", "zh-CN"),
        ("da, en-gb;q=0.8, en;q=0.7", "en"),  # the example of RFC 9110, 12.5.4
        ("en-US,en;q=0.9,zh-CN;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("zh-TW,en;q=0.9", "zh-CN"),
        ("zh-Hant-HK;q=0.5, en;q=0.6", "en"),
        ("en;q=0.5, zh;q=0.50", "en"),
        ("zh, en", "zh-CN"),
        ("en, zh", "en"),
        ("fr", "zh-CN"),
        ("fr, en;q=0.001", "en"),
        ("english", "zh-CN"),
        # a star covers what is not named
        ("*", "zh-CN"),
        ("fr, *;q=0.5", "zh-CN"),
        ("*;q=0.5, zh;q=0.1", "en"),
        ("*, en;q=0.5", "zh-CN"),
        # what is refused does not win
        ("zh;q=0", "en"),
        ("zh;q=0.000", "en"),
        ("zh-CN;q=0", "en"),
        ("zh;q=0.9, zh-CN;q=0", "en"),
        ("zh;q=0, zh-CN;q=0.1", "zh-CN"),
        ("zh;q=0, *", "en"),
        ("zh;q=0, fr", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=0, zh;q=0.001", "zh-CN"),
        ("*;q=0, en;q=0.001", "en"),
        ("zh-TW;q=0, zh;q=0.5, en;q=0.4", "zh-CN"),
        # all refused: an answer is better than none
        ("*;q=0", "zh-CN"),
        ("zh;q=0, en;q=0", "zh-CN"),
        # what is no weight is passed over
        ("en;q=2, zh;q=0.1", "zh-CN"),
        ("en;q=nan, zh;q=0.1", "zh-CN"),
        ("en;q=inf", "zh-CN"),
        ("en;q=-1", "zh-CN"),
        ("en;q=, zh;q=0.1", "zh-CN"),
        ("en;q=0.8;x=1, zh;q=0.1", "en"),
        (",,;, ;q=1,en", "en"),
    ],
)
def test_negotiation(header: str | None, language: str) -> None:
    assert negotiate(header) == language


words = st.sampled_from(
    ["zh", "en", "zh-CN", "EN-gb", "*", ";", "q=", "0", "1", ".", "0.5", ",", " ", "-", "nan", "\0", "ü"]
)


@given(st.one_of(st.text(max_size=40), st.lists(words, max_size=12).map("".join)))
def test_any_header_gives_one_of_ours(header: str) -> None:
    assert negotiate(header) in OURS


@given(
    st.sampled_from(["zh", "zh-CN", "zh-cn"]), st.lists(st.sampled_from(["fr", "*;q=0.3", "en-GB;q=0.2"]), max_size=3)
)
def test_a_refused_language_never_wins_over_another(refused: str, others: list[str]) -> None:
    assert negotiate(",".join([*others, f"{refused};q=0"])) == "en"


def test_a_long_header_is_cut() -> None:
    assert negotiate(" " * LONGEST_HEADER + ",en") == "zh-CN"
    assert negotiate("en," + "x" * 100_000) == "en"

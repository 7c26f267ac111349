"""XML is written so that it reads back, and read so that it cannot hurt."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.contract.errors import BadReply, Rejected
from adapters.products.xroad.xml import LARGEST, element, needed, needed_text, only, parse, text

BOMB = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>'
OUTSIDE = b'<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>'
FILE = b'<!DOCTYPE a [<!ENTITY f SYSTEM "file:///etc/hostname">]><a>&f;</a>'
UTF_16 = '<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16")


@given(st.text())
def test_a_text_reads_back_as_it_was_or_is_refused(value: str) -> None:
    try:
        written = element("a", value)
    except Rejected:
        assert any(ord(char) < 32 or 0xD800 <= ord(char) <= 0xDFFF or ord(char) in (0xFFFE, 0xFFFF) for char in value)
    else:
        assert (etree.fromstring(written.encode()).text or "") == value


@pytest.mark.parametrize("value", ["a\x00b", "\x0b", "\x1f", "\ud800", "\ufffe"])
def test_what_xml_cannot_carry_is_refused_without_being_named(value: str) -> None:
    with pytest.raises(Rejected) as caught:
        element("a", value)
    assert value not in str(caught.value)


@pytest.mark.parametrize("body", [BOMB, OUTSIDE, FILE, UTF_16, b"<!DOCTYPE a><a/>"])
def test_a_doctype_is_refused(body: bytes) -> None:
    with pytest.raises(BadReply, match=r"DOCTYPE|not XML"):
        parse(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\x00",
        b"<a>",
        b"<a></b>",
        b"<a>\x01</a>",
        b"<a>&x;</a>",
        b"<a>\xff</a>",
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>" * 100_000,
        b'<?xml version="1.0" encoding="nonsense"?><a/>',
    ],
)
def test_what_is_no_xml_or_too_deep_is_refused_at_once(body: bytes) -> None:
    began = time.monotonic()
    with pytest.raises(BadReply, match="not XML"):
        parse(body)
    assert time.monotonic() - began < 1


def test_a_document_may_be_large_but_not_larger() -> None:
    frame = len(b"<a></a>")
    assert parse(b"<a>" + b"x" * (LARGEST - frame) + b"</a>").tag == "a"
    with pytest.raises(BadReply, match=str(LARGEST)):
        parse(b"<a>" + b"x" * (LARGEST - frame + 1) + b"</a>")


def test_a_mark_a_comment_and_cdata_change_nothing() -> None:
    assert text(parse("\ufeff<a><b> x<!-- y --><![CDATA[ & ]]>z </b></a>".encode()), "b") == "x & z"


NIL = b'<a xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><b i:nil="true"/><c i:nil="false">x</c><d/></a>'


def test_nil_and_empty_are_absent() -> None:
    root = parse(NIL)
    assert only(root, "b") is None
    assert (text(root, "b"), text(root, "c"), text(root, "d"), text(root, "e")) == (None, "x", None, None)
    with pytest.raises(BadReply, match="a/b is absent"):
        needed(root, "b")
    with pytest.raises(BadReply, match="a/d is absent or empty"):
        needed_text(root, "d")


def test_what_is_repeated_or_has_elements_is_no_text() -> None:
    with pytest.raises(BadReply, match="a/b is repeated"):
        text(parse(b"<a><b>1</b><b>2</b></a>"), "b")
    with pytest.raises(BadReply, match="b has elements"):
        text(parse(b"<a><b><secret/></b></a>"), "b")

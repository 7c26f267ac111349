"""What is written to departments, byte for byte, and what is not."""

from __future__ import annotations

from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.contract.transport import Request
from adapters.runtime.http.endpoint import Origin
from adapters.runtime.http.request import RequestWriter

PROXY = Origin.of("http://ann:p%40ss@proxy.example:3128")


def written(address: str = "http://archive.example", proxy: Origin | None = None, **request: object) -> bytes:
    asked = Request(**{"method": "GET", "path": "/x", **request})  # type: ignore[arg-type]
    return RequestWriter(Origin.of(address), proxy).write(asked, {})


def test_a_get() -> None:
    assert written(headers={"Accept": "a/b", "X-Api-Key": "k"}, query=(("q", "a b"),)) == (
        b"GET /x?q=a%20b HTTP/1.1\r\n"
        b"host: archive.example\r\n"
        b"user-agent: citygate\r\n"
        b"Accept: a/b\r\n"
        b"X-Api-Key: k\r\n"
        b"\r\n"
    )


@pytest.mark.parametrize(
    ("method", "body", "end"),
    [
        ("POST", b"abc", b"content-length: 3\r\n\r\nabc"),
        ("POST", b"", b"content-length: 0\r\n\r\n"),
        ("POST", None, b"content-length: 0\r\n\r\n"),
        ("PUT", None, b"content-length: 0\r\n\r\n"),
        ("GET", b"abc", b"content-length: 3\r\n\r\nabc"),
        ("GET", None, b"user-agent: citygate\r\n\r\n"),
        ("DELETE", None, b"user-agent: citygate\r\n\r\n"),
        ("HEAD", None, b"user-agent: citygate\r\n\r\n"),
    ],
)
def test_a_body_has_its_length(method: str, body: bytes | None, end: bytes) -> None:
    head = written(method=method, body=body)
    assert head.startswith(method.encode() + b" /x HTTP/1.1\r\n")
    assert head.endswith(end)


@pytest.mark.parametrize(
    ("address", "line", "host"),
    [
        ("http://archive.example:80", "/x", "archive.example"),
        ("http://Archive.Example:8080/", "/x", "archive.example:8080"),
        ("https://archive.example:443/api/", "/api/x", "archive.example"),
        ("https://archive.example:80", "/x", "archive.example:80"),
        ("http://[::1]:8080", "/x", "[::1]:8080"),
        ("https://[2001:DB8::1]", "/x", "[2001:db8::1]"),
        ("http://武汉.example", "/x", "xn--5lwws.example"),
    ],
)
def test_target_and_host(address: str, line: str, host: str) -> None:
    assert written(address).startswith(f"GET {line} HTTP/1.1\r\nhost: {host}\r\n".encode())


def test_a_proxy_gets_the_whole_address_and_who_asks() -> None:
    assert written("http://[::1]:81/base", PROXY).startswith(
        b"GET http://[::1]:81/base/x HTTP/1.1\r\n"
        b"host: [::1]:81\r\n"
        b"user-agent: citygate\r\n"
        b"proxy-authorization: Basic YW5uOnBAc3M=\r\n"
    )
    assert written("http://h", PROXY, path="").startswith(b"GET http://h/ HTTP/1.1\r\n")


def test_what_goes_through_a_tunnel_has_nothing_for_the_proxy() -> None:
    assert written("https://h", PROXY) == b"GET /x HTTP/1.1\r\nhost: h\r\nuser-agent: citygate\r\n\r\n"


@pytest.mark.parametrize(
    ("path", "query", "line"),
    [
        ("", (), "/"),
        ("", (("a", ""),), "/?a="),
        ("/", (), "/"),
        ("//evil.example/", (), "//evil.example/"),
        ("/a/../%2e%2E/b", (), "/a/../%2e%2E/b"),
    ],
)
def test_a_path_stays_as_it_is(path: str, query: tuple[tuple[str, str], ...], line: str) -> None:
    assert written(path=path, query=query).startswith(f"GET {line} HTTP/1.1\r\n".encode())


@given(st.lists(st.tuples(st.text(), st.text())))
def test_queries_are_encoded_as_the_standard_library_does(pairs: list[tuple[str, str]]) -> None:
    pairs = [
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode()) for name, value in pairs
    ]
    writer = RequestWriter(Origin.of("http://h"), None)
    query = writer.target(Request(method="GET", path="/a", query=tuple(pairs))).partition("?")[2]
    assert query == urlencode(pairs, quote_via=quote)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-a", "1\r\nx-evil: 1"),
        ("x-a", "1\n"),
        ("x-a", "\r"),
        ("x-a", "\x00"),
        ("x-a", "\x7f"),
        ("x-a\r\nx-evil", "1"),
        ("x-a: 1\r\nx-evil", "1"),
        ("x a", "1"),
        ("x:a", "1"),
        ("", "1"),
        ("x-ä", "1"),
        ("Host", "evil.example"),
        ("Content-Length", "5"),
        ("transfer-encoding", "chunked"),
        ("Connection", "close"),
        ("Expect", "100-continue"),
        ("Upgrade", "h2c"),
    ],
)
def test_no_field_becomes_another_request(name: str, value: str) -> None:
    with pytest.raises(ValueError, match="header field") as caught:
        written(headers={name: value})
    assert "evil" not in str(caught.value) or "evil" in name


def test_a_value_may_have_what_text_has() -> None:
    assert "x-a: \t武 \xff\r\n".encode() in written(headers={"x-a": "\t武 \xff"})


@pytest.mark.parametrize("method", ["get", "", "GET /evil HTTP/1.1\r\nx:", "CONNECT", "TRACE", "FETCH"])
def test_methods_are_those_of_departments(method: str) -> None:
    with pytest.raises(ValueError, match="is not a method"):
        written(method=method)


TEXT = st.text(st.characters(codec="utf-8"), max_size=12)


@given(st.dictionaries(TEXT, TEXT, max_size=4), TEXT, st.binary(max_size=8))
def test_a_request_is_one_request_whatever_is_in_it(headers: dict[str, str], path: str, body: bytes) -> None:
    try:
        raw = written(method="POST", path=f"/{path}", headers=headers, body=body)
    except ValueError:
        return
    head, _, rest = raw.partition(b"\r\n\r\n")
    line, *fields = head.split(b"\r\n")
    assert rest == body
    assert line.count(b" ") == 2
    assert [each.partition(b":")[0].decode() for each in fields] == ["host", "user-agent", *headers, "content-length"]

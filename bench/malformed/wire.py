"""What is not HTTP, and HTTP that is right for something else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import quote

from bench.malformed.request import GOOD, HEAD, Make, Malformed, always, getting, http, noise, post, word


def wire() -> Iterator[Malformed]:
    """What is not HTTP, or is so in the wrong way."""
    fixed: Mapping[str, bytes] = {
        "HTTP/0.9": b"GET /graphql\r\n\r\n",
        "HTTP/9.9": b"GET /graphql HTTP/9.9\r\nHost: a\r\n\r\n",
        "no version": b"GET /graphql\r\nHost: a\r\n\r\n",
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0",
        "TLS client hello": bytes.fromhex("1603010200010001fc0303") + bytes(120),
        "header without colon": HEAD + b"nonsense\r\n\r\n",
        "header name with blank": HEAD + b"X Y: z\r\n\r\n",
        "header folded": HEAD + b"X: y\r\n z\r\nContent-Length: 2\r\n\r\n{}",
        "NUL in a header": HEAD + b"X: a\0b\r\nContent-Length: 2\r\n\r\n{}",
        "bare line feeds": HEAD.replace(b"\r\n", b"\n") + b"Content-Length: 2\n\n{}",
        "two lengths": HEAD + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
        "negative length": HEAD + b"Content-Length: -1\r\n\r\n{}",
        "length in words": HEAD + b"Content-Length: two\r\n\r\n{}",
        "length beyond all numbers": HEAD + b"Content-Length: 99999999999999999999999\r\n\r\n{}",
        "length and chunks": HEAD + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "unknown transfer encoding": HEAD + b"Transfer-Encoding: cheese\r\nContent-Length: 2\r\n\r\n{}",
        "chunk size in words": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n{}\r\n0\r\n\r\n",
        "chunk size negative": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-2\r\n{}\r\n0\r\n\r\n",
        "request smuggled": HEAD + b"Content-Length: 2\r\n\r\n{}GET /graphql HTTP/1.1\r\nX: y\r\n\r\n",
        "no host": b"POST /graphql HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}",
        "upgrade to a socket": http(
            "GET", "/graphql", {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Key": "x"}
        ),
        "upgrade to HTTP/2": http(
            "GET", "/graphql", {"Upgrade": "h2c", "Connection": "Upgrade", "HTTP2-Settings": "AA"}
        ),
        "impossible expectation": post(GOOD, Expect="the-spanish-inquisition"),
    }
    for name, raw in fixed.items():
        yield Malformed(f"wire: {name}", always(raw))
    yield Malformed("wire: noise", lambda random: noise(random, 400) + b"\r\n\r\n")
    yield Malformed("wire: noise in a head", lambda random: HEAD + noise(random, 60) + b"\r\n\r\n")
    yield Malformed("wire: header very long", lambda random: post(GOOD, X_Long="x" * random.randint(33_000, 60_000)))
    yield Malformed("wire: head without end", lambda _: HEAD + b"X: " + b"y" * 400_000)
    yield Malformed(
        "wire: many headers", lambda random: post(GOOD, **{f"X_{n}": "y" for n in range(random.randint(900, 2500))})
    )
    yield Malformed("wire: method unknown", lambda random: http(word(random).upper(), "/graphql", {}))
    yield Malformed("wire: head cut", lambda random: HEAD[: random.randint(1, len(HEAD) - 1)], whole=False)
    yield Malformed(
        "wire: body cut",
        lambda random: HEAD + b"Content-Length: 5000\r\n\r\n" + GOOD[: random.randint(0, len(GOOD))],
        whole=False,
    )
    yield Malformed("wire: chunks cut", lambda _: HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", whole=False)
    yield Malformed("wire: pipelined and gone", lambda random: post(GOOD) * random.randint(2, 30), whole=False)


def requests() -> Iterator[Malformed]:
    """HTTP that is right, for something else."""
    for method in ("PUT", "PATCH", "DELETE", "TRACE", "OPTIONS", "HEAD", "post", "PROPFIND"):
        yield Malformed(f"method: {method}", always(http(method, "/graphql", {})))
    paths = [
        *("/graphql/", "//graphql", "/graphql/../admin", "/graphql%00", "/%2e%2e/%2e%2e/etc/passwd", "/GRAPHQL", "*"),
        *("/traces/zz", "/traces/../secret", "/console/static/x/../../x", "/sandbox/personas/%ff/token", "/health/x"),
        *("http://elsewhere.example/graphql", "/graphql;x=y"),
    ]
    for path in paths:
        yield Malformed(f"path: {path}", always(http("GET", path, {})))
    yield Malformed(
        "path: long", lambda random: http("GET", "/graphql?query=" + "x" * random.randint(17_000, 40_000), {})
    )
    types = [
        *("", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml"),
        *("application/json; charset=latin-1", "application/json; charset=", "application", ";;,=", "image/png"),
    ]
    for kind in types:
        yield Malformed(f"type: {kind}", always(post(GOOD, Content_Type=kind)))
    for encoding in ("gzip", "br", "deflate, gzip", "cheese"):
        yield Malformed(f"encoding: {encoding}", _encoded(encoding))
    for accept in ("text/html;q=0", "image/png", "application/json;q=2", ";q=", "*/*;q=0"):
        yield Malformed(f"accept: {accept}", always(post(GOOD, Accept=accept)))
    yield Malformed("GET: from a foreign page", lambda _: http("GET", "/graphql?query=%7Bx%7D", {"Accept": "*/*"}))
    yield Malformed("GET: not UTF-8", lambda _: getting(query="%ff%fe"))
    yield Malformed("GET: percent alone", lambda _: getting(query="%", variables="%zz"))
    yield Malformed("GET: parameter twice", always(http("GET", "/graphql?query=%7Bx%7D&query=%7By%7D", {})))
    yield Malformed(
        "GET: variables no JSON", lambda random: getting(query="%7Ba%7D", variables=quote(noise(random, 40)))
    )
    yield Malformed(
        "GET: mutation", lambda _: getting(query=quote("mutation { cancelAppointment { problems { code } } }"))
    )
    yield Malformed("GET: nothing", lambda _: getting())


def _encoded(encoding: str) -> Make:
    return lambda random: post(noise(random, 100), Content_Encoding=encoding)

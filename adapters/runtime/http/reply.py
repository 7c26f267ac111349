"""Makes replies of the bytes of one connection (RFC 9112), within bounds."""

from __future__ import annotations

import zlib

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from adapters.contract.errors import BadReply
from adapters.contract.transport import Reply

LARGEST_HEAD = 64 * 1024
"""Bytes that carry no body: of the head, of interim replies, of a chunk's extensions, of trailers."""
NOT_HTTP = "the department's answer is not HTTP"


class ReplyReader:
    """Reads one reply at a time: `expect`, then `feed` until there is one. What it refuses ends the connection.

    The names that begin with `on_` are httptools' callbacks. `started` is whether anything of the reply has come;
    `reusable`, whether another request may follow on the connection.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._fields: dict[bytes, bytes] = {}
        self.on_header = self._fields.__setitem__  # no frame of Python's for each of them
        self._bodiless = False
        self._parser = HttpResponseParser(self)
        self.expect()

    def expect(self, *, bodiless: bool = False) -> None:
        """Get ready for the next reply, which has no body in any case after HEAD and CONNECT."""
        if self._bodiless:  # the parser does not know, and waits for the body
            self._parser = HttpResponseParser(self)
        self._bodiless = bodiless
        self._body: bytes | bytearray = b""
        self._headers: dict[str, str] | None = None
        self._complete = self.started = self.reusable = False
        self._barren = self._counted = 0

    def feed(self, data: bytes) -> Reply | None:
        """Take what has come; the reply when it is whole. Raises: BadReply."""
        self.started = True
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as exc:
            if not self._complete:
                raise BadReply(NOT_HTTP) from exc
            self.reusable = False  # what follows the reply is not HTTP
        if len(data) > LARGEST_HEAD:
            self._check_head()
        if self._complete:
            return self._reply()
        self._check_progress(len(data))
        return None

    def end(self) -> Reply | None:
        """The department has closed its side: the reply, when this is what ends it. Raises: BadReply."""
        headers = self._headers
        if headers is None or "content-length" in headers or headers.get("transfer-encoding", "").endswith("chunked"):
            return None
        return self._reply()

    def on_message_begin(self) -> None:
        """A reply to a request that nobody has sent spoils the connection."""
        if self._complete:
            self.reusable = False

    def on_headers_complete(self) -> None:
        """Keep the head; further fields will be trailers, which are dropped (RFC 9110, 6.5.1)."""
        if self._complete:
            return
        self._status = self._parser.get_status_code()
        self._headers = {
            name.lower().decode("latin-1"): value.strip().decode("utf-8", "surrogateescape")
            for name, value in self._fields.items()
        }
        self._fields.clear()
        if self._bodiless and self._status >= 200:
            self._finish()

    def on_body(self, body: bytes) -> None:
        """Collect the body, which mostly comes in one piece."""
        if self._complete:
            self.reusable = False
        elif not self._body:
            self._body = body
        elif isinstance(self._body, bytearray):
            self._body += body
        else:
            self._body = bytearray(self._body) + body

    def on_message_complete(self) -> None:
        """An interim reply is not the one that is waited for."""
        self._fields.clear()
        if self._complete:
            return
        if 100 <= self._status < 200:
            self._headers, self._body = None, b""
        else:
            self._finish()

    def _finish(self) -> None:
        self._complete = True
        self.reusable = self._parser.should_keep_alive()

    def _check_head(self) -> None:
        if self._headers and sum(len(name) + len(value) for name, value in self._headers.items()) > LARGEST_HEAD:
            raise BadReply(f"the reply's head is larger than {LARGEST_HEAD} bytes")

    def _check_progress(self, fed: int) -> None:
        size = len(self._body)
        if size == self._counted:
            self._barren += fed
            if self._barren > LARGEST_HEAD:
                raise BadReply(f"the reply has more than {LARGEST_HEAD} bytes beside its body")
        self._counted = size
        self._check_size(max(size, int((self._headers or {}).get("content-length", "0"))))

    def _check_size(self, size: int) -> None:
        if size > self._largest:
            raise BadReply(f"the reply is larger than {self._largest} bytes")

    def _reply(self) -> Reply:
        headers = self._headers
        assert headers is not None, "a reply begins with its head"
        if self._status < 200 or headers.get("transfer-encoding", "chunked").lower() != "chunked":
            raise BadReply(NOT_HTTP)
        body = bytes(self._body)
        if len(body) > self._largest:
            self._check_size(len(body))
        coding = headers.get("content-encoding")
        if coding and body:
            body = unpacked(body, coding.lower(), self._largest)
            self._check_size(len(body))
        return Reply(status=self._status, headers=headers, body=body)


def unpacked(body: bytes, coding: str, largest: int) -> bytes:
    """What a content coding holds, up to a byte more than `largest`. Raises: BadReply."""
    if coding == "identity":
        return body
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise BadReply("the reply has a content coding that nobody asked for")
    bare = coding == "deflate" and body[0] & 0x0F != 8  # some servers leave zlib's wrapping out
    unpacking = zlib.decompressobj(-zlib.MAX_WBITS if bare else zlib.MAX_WBITS | 32)
    try:
        plain = unpacking.decompress(body, largest + 1)
    except zlib.error as exc:
        raise BadReply("the department's answer is not encoded as it says") from exc
    if len(plain) <= largest and (not unpacking.eof or unpacking.unused_data):
        raise BadReply("the department's answer is not encoded as it says")
    return plain

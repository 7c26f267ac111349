"""Replies of a department that are as large as is taken, served over HTTP."""

from __future__ import annotations

import gzip
import json
import socket
import threading
from collections.abc import Mapping


class Answering:
    """Gives every request the same reply, from a thread of its own."""

    def __init__(self, body: bytes, kind: str = "application/json", *, coding: str = "") -> None:
        head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
        head += f"content-encoding: {coding}\r\n" if coding else ""
        self._reply = head.encode() + b"connection: close\r\n\r\n" + body
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            connection, _ = self._listening.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(self._reply)


def _filled(head: str, form: str, between: str, tail: str, *, of: int) -> bytes:
    """As many of a form as there is room for; `%` is the number."""
    room = of - len(head) - len(tail)
    count = room // (len(form.replace("%", "100000")) + len(between))
    return (head + between.join(form.replace("%", str(at)) for at in range(count)) + tail).encode()


_REQUEST = {
    "service_request_id": "%",
    "account_id": "a",
    "status": "open",
    "service_code": "x",
    "requested_datetime": "2026-01-01T00:00:00Z",
}
_SERVICE = {"service_code": "%", "service_name": "n", "type": "realtime", "metadata": "false"}


def _xml(name: str, members: Mapping[str, str]) -> str:
    return f"<{name}>" + "".join(f"<{key}>{value}</{key}>" for key, value in members.items()) + f"</{name}>"


def bodies(limit: int) -> Mapping[str, Answering]:
    """Open311 lists in both formats, and what is none, each of `limit` bytes."""

    def listed(form: str, between: str = ",") -> bytes:
        return _filled("[", form, between, "]", of=limit)

    xml = "<?xml version='1.0'?>"
    requests = _filled(f"{xml}<service_requests>", _xml("request", _REQUEST), "", "</service_requests>", of=limit)
    return {
        "complaints in JSON": Answering(listed(json.dumps(_REQUEST, separators=(",", ":")))),
        "complaints in XML": Answering(requests, "text/xml"),
        "empty lists": Answering(listed("[]")),
        "numbers": Answering(listed("0")),
        "nested lists": Answering(b"[" * (limit // 2) + b"]" * (limit // 2)),
        "empty elements": Answering(
            _filled(f"{xml}<service_requests>", "<a/>", "", "</service_requests>", of=limit), "text/xml"
        ),
        "one text": Answering(b'["' + b"x" * (limit - 4) + b'"]'),
        "compressed": Answering(gzip.compress(listed(json.dumps(_REQUEST))), coding="gzip"),
        "too much, compressed": Answering(gzip.compress(b" " * (16 * limit)), coding="gzip"),
    }

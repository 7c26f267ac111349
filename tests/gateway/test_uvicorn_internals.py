"""What the fast lane rests on in uvicorn, beyond its interface: red when an upgrade touches any of it.

Then read what has changed beside docs/decisions/0016-the-fast-lane.md and `gateway.commands.fast_connections`, and
only then note the new digest here.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from typing import Any

import pytest
from uvicorn.protocols.http import flow_control
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import Server

READ = {
    HttpToolsProtocol.__init__: "905b91f2d5cf4115",
    HttpToolsProtocol.connection_made: "b4322d5141d76aaa",
    HttpToolsProtocol.connection_lost: "d6565d9c5462d195",
    HttpToolsProtocol._unset_keepalive_if_required: "9daed956b86c6e27",
    HttpToolsProtocol.data_received: "b4f9892d120d3dbd",
    HttpToolsProtocol.on_message_begin: "afa5b0b05b0ee2b6",
    HttpToolsProtocol.on_headers_complete: "09d867a0c1322fe0",
    HttpToolsProtocol._start_asgi_task: "dcc5a31fb6b7ca30",
    HttpToolsProtocol.on_body: "9492092df82580ab",
    HttpToolsProtocol.on_message_complete: "656de52940d2e4ff",
    HttpToolsProtocol.on_response_complete: "f6ae4a31a9a633ac",
    HttpToolsProtocol.shutdown: "4c59c260b3d56211",
    HttpToolsProtocol.timeout_keep_alive_handler: "2a83d68a0d0cd8ee",
    RequestResponseCycle.__init__: "80caf3b699f3483b",
    RequestResponseCycle.send: "a5e03b3eaa3d9cea",
    flow_control.FlowControl: "1bc7a53c826e62a5",
    Server.on_tick: "a4d3e9782edde4c3",
}
"""What was read when the lane was built, with the digest of its source; layout does not count."""


@pytest.mark.parametrize("read", READ, ids=lambda read: read.__qualname__)
def test_it_is_as_it_was_read(read: Callable[..., Any] | type) -> None:
    code = " ".join(inspect.getsource(read).split())
    assert hashlib.sha256(code.encode()).hexdigest()[:16] == READ[read]

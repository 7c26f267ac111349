"""Where replies are read."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from adapters.contract.errors import BadReply
from adapters.contract.transport import AT_ONCE, CallInfo, Reply, current_call, read_apart, set_current_call


@pytest.mark.parametrize(("size", "here"), [(0, True), (AT_ONCE, True), (AT_ONCE + 1, False)])
async def test_a_long_reply_is_read_beside_the_event_loop(size: int, here: bool) -> None:
    thread = threading.get_ident()
    read = await read_apart(Reply(status=200, headers={}, body=b"x" * size), lambda _reply: threading.get_ident())
    assert (read == thread) is here


async def test_what_reading_raises_is_raised_and_the_call_is_known() -> None:
    def read(_reply: Reply) -> None:
        raise BadReply(current_call().id)

    at = datetime(2026, 1, 1, tzinfo=UTC)
    set_current_call(CallInfo(id="an id", operation="a.b", subject=None, locale="en", at=at))
    with pytest.raises(BadReply, match="an id"):
        await read_apart(Reply(status=200, headers={}, body=b"x" * (AT_ONCE + 1)), read)

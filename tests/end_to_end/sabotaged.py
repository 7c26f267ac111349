"""`citygate`, with parts that fail in every way that Python has, with what they were given in their texts."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request

from adapters.departments.hotline.adapter import Hotline
from gateway.__main__ import main
from gateway.console.graphiql import GraphiQLPage

SAID: list[str] = []


class Left:
    """Fails when it is collected."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __del__(self) -> None:
        fail(self._what)


def fail(what: str) -> None:
    """Raise, with a cause, and with the text in a local variable."""
    about = f"about {what}"
    try:
        int(about)
    except ValueError as exc:
        raise LookupError(about) from exc


async def of_person(self: Hotline, persons: Sequence[str], fields: Any = ()) -> Any:
    """Instead of the hotline's list: tell everybody."""
    what = f"{persons} {SAID}"
    running = asyncio.create_task(_fail_later(what), name=what)
    await asyncio.wait([running])
    del running
    thread = threading.Thread(target=fail, args=(what,), name=what)
    thread.start()
    thread.join()
    Left(what)
    asyncio.get_running_loop().call_soon(fail, what)
    library = logging.getLogger("library")
    library.warning("it failed for %s", what)
    library.warning(f"it failed for {what}")  # as libraries do
    library.error(ValueError(what))
    try:
        fail(what)
    except LookupError:
        library.exception("it failed")
    fail(what)


async def _fail_later(what: str) -> None:
    await asyncio.sleep(0)
    fail(what)


async def respond(self: GraphiQLPage, request: Request) -> Any:
    """Instead of the page at `/`: remember what was asked, and fail with it."""
    SAID.append(str(request.url))
    fail(str(request.url))


if __name__ == "__main__":
    Hotline.of_person = of_person  # type: ignore[method-assign]
    GraphiQLPage.respond = respond  # type: ignore[method-assign]
    main()

"""A moment at which what a task is at ends, as `asyncio.timeout_at` has it, but without its several calls each time."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self


class Deadline:
    """A context manager: at `when`, by the event loop's clock, what runs inside is cancelled, and TimeoutError raised.

    `expired` says whether it came to that. A cancellation from elsewhere stays one.
    """

    __slots__ = ("_cancelling", "_task", "_timer", "_when", "expired")

    def __init__(self, when: float) -> None:
        self._when = when
        self.expired = False

    @classmethod
    def after(cls, seconds: float) -> Self:
        """The moment in so many seconds."""
        return cls(asyncio.get_running_loop().time() + seconds)

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a deadline is a task's")
        self._task, self._cancelling = task, task.cancelling()
        loop, when = task.get_loop(), self._when
        self._timer = loop.call_at(when, self._end) if when > loop.time() else loop.call_soon(self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self._timer.cancel()
        if self.expired and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def _end(self) -> None:
        self._task.cancel()
        self.expired = True

"""Memory that the processes of one gateway share: each writes a page of its own, and all read all of them."""

from __future__ import annotations

import mmap
from typing import NamedTuple

SIZE = 64 * 1024
"""Bytes of a page. A text may have half of it: it is written beside the one before, which is read until it is whole."""
_HALF = SIZE // 2
_HEAD = 5


class Board:
    """Pages of bytes, made before processes are forked. A page that was never written is empty."""

    def __init__(self, pages: int) -> None:
        self._pages = pages
        self._memory = mmap.mmap(-1, pages * SIZE)

    def write(self, page: int, text: bytes) -> bool:
        """Replace what is on a page, which is one process's alone; False when it is too long, and stays as it was."""
        if len(text) > _HALF - _HEAD:
            return False
        side = 1 - self._memory[page * SIZE]
        start = page * SIZE + side * _HALF + 1
        self._memory[start : start + 4] = len(text).to_bytes(4)
        self._memory[start + 4 : start + 4 + len(text)] = text
        self._memory[page * SIZE] = side
        return True

    def read(self, page: int) -> bytes:
        """What was last written on a page."""
        start = page * SIZE + self._memory[page * SIZE] * _HALF + 1
        length = int.from_bytes(self._memory[start : start + 4])
        return self._memory[start + 4 : start + 4 + length]

    def texts(self) -> list[bytes]:
        """What is on all pages."""
        return [self.read(page) for page in range(self._pages)]


class Page(NamedTuple):
    """One page of a board."""

    board: Board
    number: int

    def write(self, text: bytes) -> bool:
        """As the board's."""
        return self.board.write(self.number, text)

    def read(self) -> bytes:
        """As the board's."""
        return self.board.read(self.number)


def alone() -> Page:
    """The page of a process that has no others beside it."""
    return Page(Board(1), 0)

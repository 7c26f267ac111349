"""Python source of one function under construction, and the constants that it names."""

import builtins
from functools import lru_cache
from types import CodeType
from typing import Any

_MOST_TEXTS = 1000


class Code:
    """Lines of one function; everything that is not our own text is a constant under a name of ours.

    Functions of the same text share their compiled code: only their constants differ.
    """

    def __init__(self) -> None:
        self.constants: dict[str, Any] = {}
        self._lines: list[str] = []
        self._depth = 0

    def line(self, text: str) -> None:
        """Add a line at the present depth."""
        self._lines.append("    " * self._depth + text)

    def block(self, head: str) -> "Code":
        """Add a line that opens a block; use as a context manager."""
        self.line(head)
        return self

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, *_: object) -> None:
        self._depth -= 1

    def constant(self, name: str, value: Any) -> str:
        """Give a value a name of the code's own."""
        self.constants[name] = value
        return name

    @property
    def text(self) -> str:
        """The Python so far."""
        return "\n".join(self._lines) + "\n"

    def function(self, name: str, names: dict[str, Any]) -> Any:
        """The function of this name; `names` is what it may name beside its constants and Python's own."""
        self.constants["__builtins__"] = names
        exec(_compiled(self.text), self.constants)  # noqa: S102  no text but our own
        return self.constants[name]


def with_python(names: dict[str, Any]) -> dict[str, Any]:
    """Names for `function`."""
    return {**vars(builtins), **names}


@lru_cache(_MOST_TEXTS)
def _compiled(text: str) -> CodeType:
    return compile(text, "<compiled operation>", "exec")

"""Python source under construction, and the constants that it names."""

from typing import Any


class Code:
    """Lines of functions; everything that is not our own text is a constant under a name of ours."""

    def __init__(self, constants: dict[str, Any]) -> None:
        self.constants = constants
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
        assert name.isidentifier()
        self.constants[name] = value
        return name

    def take(self) -> str:
        """The text so far; the next begins empty."""
        text = "\n".join(self._lines) + "\n"
        self._lines.clear()
        return text

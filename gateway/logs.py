"""What a process says on standard error: the one door, through which no request's value and no exception's text goes.

Libraries log what they please, exceptions and all. Of an exception its type and its places are written; of a library's
line only what stands in that library's own source.
"""

from __future__ import annotations

import asyncio
import linecache
import logging
import re
import sys
import threading
from types import TracebackType
from typing import Any, Final

from gateway.faults import outline

OWN: Final = frozenset({"gateway", "adapters", "resolvers", "citygate"})
HIDDEN: Final = "…"
LARGEST_NUMBER: Final = 99_999
AROUND: Final = 8
"""Lines of source before and behind the call among which the text of a library's line must stand."""
_CONVERSION = re.compile(r"%(\((?P<key>\w+)\))?[-#0 +]*(\d+)?(\.\d+)?(?P<kind>[diouxXeEfFgGcrsa%])")
_JOINT = re.compile(r"([\"'])\s*f?\1")

logger = logging.getLogger(__name__)


def install() -> None:
    """Let this process speak through this door only: its loggers, and Python itself about what nobody caught."""
    handler = Handler(sys.stderr)
    handler.setFormatter(Formatter())
    logging.getLogger().handlers[:] = [handler]
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable


def on_loop_error(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """An event loop's exception handler; asyncio's own prints the exception, and tasks with their arguments."""
    error = context.get("exception")
    logger.error("%s", outline(error) if isinstance(error, BaseException) else "unexpected event in the event loop")


class Formatter(logging.Formatter):
    """Writes a record as far as nothing of it can be about anybody."""

    def format(self, record: logging.LogRecord) -> str:
        """As logging says."""
        text = _own_text(record) if _is_own(record.name) else _library_text(record)
        error = record.exc_info[1] if record.exc_info else None
        return "\n".join(one.rstrip() for one in (text, outline(error) if error else "") if one)


class Handler(logging.StreamHandler[Any]):
    """Writes to a stream, and tells nothing of a record that it cannot write."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # logging's name
        """As logging says, whose own way is to print the record's arguments."""
        self.stream.write(f"a log line cannot be written: {_place(record)}\n")


def _own_text(record: logging.LogRecord) -> str:
    """What our code says is ours to answer for, and so is the text of an exception of our own; of others the type."""
    if not isinstance(record.args, tuple) or not record.args:
        return record.getMessage()
    return str(record.msg) % tuple(_told(one) for one in record.args)


def _told(argument: object) -> object:
    kind = type(argument)
    hidden = isinstance(argument, BaseException) and not _is_own(kind.__module__)
    return kind.__qualname__ if hidden else argument


def _is_own(name: str) -> bool:
    return name.partition(".")[0] in OWN


def _library_text(record: logging.LogRecord) -> str:
    template = str(record.msg)
    if not _stands_in_source(template, record):
        return f"{record.levelname.lower()} of {record.name}: {_place(record)}"
    return _filled(template, record.args) if record.args else template


def _stands_in_source(text: str, record: logging.LogRecord) -> bool:
    """Whether a text is a literal of the program, so that no value is in it."""
    first = max(record.lineno - 1 - AROUND, 0)
    lines = linecache.getlines(record.pathname)[first : record.lineno + AROUND]
    source = _JOINT.sub("", " ".join(line.strip() for line in lines))
    literal = text.encode("unicode_escape").decode()
    return f'"{literal}"' in source or f"'{literal}'" in source


def _filled(template: str, arguments: Any) -> str:
    """A template with its small numbers; whatever else belongs into it is hidden."""
    values = iter(arguments if isinstance(arguments, tuple) else ())

    def shown(match: re.Match[str]) -> str:
        if match["kind"] == "%":
            return "%"
        value = arguments.get(match["key"]) if isinstance(arguments, dict) else next(values, None)
        is_small = isinstance(value, int | float) and abs(value) <= LARGEST_NUMBER
        return f"{value:g}" if is_small else HIDDEN

    return _CONVERSION.sub(shown, template)


def _place(record: logging.LogRecord) -> str:
    return f"{record.pathname}, line {record.lineno}"


def _uncaught(kind: type[BaseException], error: BaseException, _traceback: TracebackType | None) -> None:
    if not issubclass(kind, KeyboardInterrupt):
        sys.stderr.write(outline(error))


def _uncaught_in_thread(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_value is not None:
        sys.stderr.write(outline(arguments.exc_value))


def _unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    if unraisable.exc_value is not None:
        sys.stderr.write(outline(unraisable.exc_value))

"""What may be told of an exception that nobody foresaw: never its text, which may hold personal data."""

from __future__ import annotations

import traceback
from collections.abc import Iterator

from opentelemetry.trace import format_trace_id, get_current_span

MOST_CAUSES = 5


def outline(error: BaseException) -> str:
    """`unexpected TYPE in trace ID`, and its places, the innermost last: no text, no line of source, no variable."""
    context = get_current_span().get_span_context()
    trace = f" in trace {format_trace_id(context.trace_id)}" if context.is_valid else ""
    causes = "".join(f" from {type(one).__qualname__}" for one in _causes(error))
    return f"unexpected {type(error).__qualname__}{causes}{trace}\n{_places(error)}"


def _places(error: BaseException) -> str:
    return "".join(
        f"  File {frame.f_code.co_filename}, line {line}, in {frame.f_code.co_name}\n"
        for frame, line in traceback.walk_tb(error.__traceback__)
    )  # without the lines themselves: to find them takes as long as some requests


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause = error.__cause__
    for _ in range(MOST_CAUSES):
        if cause is None:
            return
        yield cause
        cause = cause.__cause__

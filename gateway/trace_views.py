"""A kept trace as plain data, for those who show it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from opentelemetry.util.types import AttributeValue


@dataclass(frozen=True, slots=True)
class EventView:
    """Something that happened inside a span, without its message."""

    name: str
    time_ns: int
    attributes: Mapping[str, AttributeValue]


@dataclass(frozen=True, slots=True)
class SpanView:
    """One ended span as plain data: ids in hexadecimal, times in nanoseconds since 1970."""

    span_id: str
    parent_id: str | None
    name: str
    kind: str  # server, client, internal, producer or consumer
    start_ns: int
    end_ns: int
    status: str  # unset, ok or error
    attributes: Mapping[str, AttributeValue]
    events: tuple[EventView, ...]
    links: tuple[str, ...]  # trace ids


@dataclass(frozen=True, slots=True)
class TraceView:
    """What is kept of one request: its spans by start time, and how many were too many to keep."""

    trace_id: str
    spans: tuple[SpanView, ...]
    dropped_spans: int

"""What an operator's monitoring reads: plain numbers that are kept anyway, put into words when somebody asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.board import Page

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Prometheus' text format, https://prometheus.io/docs/instrumenting/exposition_formats/."""
Labels = tuple[tuple[str, str], ...]
Values = Mapping[Labels, float]
_ESCAPES = str.maketrans({"\\": "\\\\", '"': '\\"', "\n": "\\n"})


@dataclass(frozen=True, slots=True)
class Metric:
    """One family of numbers: counters only grow, gauges say how it is now. `read` gives them by their labels."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    read: Callable[[], Values]


def one(value: Callable[[], float]) -> Callable[[], Values]:
    """A family of one number, without labels."""
    return lambda: {(): value()}


def labelled(names: Sequence[str], counts: Mapping[Any, int]) -> Callable[[], Values]:
    """A family of counts by tuples, whose parts are the labels of these names."""
    return lambda: {tuple(zip(names, each, strict=True)): count for each, count in counts.items()}


def exposition(families: Iterable[tuple[Metric, Values]]) -> str:
    """Families and their numbers as text."""
    return "".join(line for metric, values in families for line in _lines(metric, values))


def _lines(metric: Metric, values: Values) -> Iterable[str]:
    yield f"# HELP {metric.name} {metric.help}\n"
    yield f"# TYPE {metric.name} {metric.kind}\n"
    for labels, value in sorted(values.items()):
        named = ",".join(f'{name}="{text.translate(_ESCAPES)}"' for name, text in labels)
        yield f"{metric.name}{f'{{{named}}}' if named else ''} {value:.17g}\n"


def metrics_route(text: Callable[[], str]) -> Route:
    """`/metrics`."""

    async def metrics(_request: Request) -> Response:
        return Response(text(), headers={"content-type": MEDIA_TYPE, "cache-control": "no-store"})

    return Route("/metrics", metrics)


class Exporter:
    """One process's numbers, together with those of the others on a board.

    A counter goes on from what the page's process before this one has counted, so that it never falls.
    """

    def __init__(self, metrics: Sequence[Metric], page: Page) -> None:
        self._metrics, self._page = metrics, page
        self._before = _read(page.read())

    def publish(self, *, ending: bool = False) -> None:
        """Write this process's numbers on its page; when it is ending, no gauges."""
        found = {
            metric.name: _sum([self._before.get(metric.name, {}), metric.read()])
            if metric.kind == "counter"
            else metric.read()
            for metric in self._metrics
            if metric.kind == "counter" or not ending
        }
        self._page.write(msgspec.json.encode([(name, list(values.items())) for name, values in found.items()]))

    def text(self) -> str:
        """All processes' numbers, in Prometheus' format."""
        self.publish()
        pages = [_read(text) for text in self._page.board.texts()]
        return exposition((metric, _sum([page.get(metric.name, {}) for page in pages])) for metric in self._metrics)

    async def keep_published(self) -> None:
        """Publish once a second, for ever, and a last time."""
        try:
            while True:
                self.publish()
                await asyncio.sleep(1.0)
        finally:
            self.publish(ending=True)


def _read(text: bytes) -> Mapping[str, Values]:
    found = msgspec.json.decode(text, type=list[tuple[str, list[tuple[Labels, float]]]]) if text else []
    return {name: dict(values) for name, values in found}


def _sum(parts: Iterable[Values]) -> dict[Labels, float]:
    total: dict[Labels, float] = {}
    for part in parts:
        for labels, value in part.items():
            total[labels] = total.get(labels, 0) + value
    return total

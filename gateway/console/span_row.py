"""One span as a row of the waterfall: its name, what it says in badges, its bar, its details."""

from collections.abc import Callable
from typing import Final

from gateway.console.html import Markup, element, join
from gateway.console.text import Texts
from gateway.console.waterfall import Row, readable_duration
from gateway.trace_views import SpanView

DEEPEST_INDENT: Final = 8
BAR_UNITS: Final = 1000
NARROWEST_BAR: Final = 4


def span_row(row: Row, texts: Texts, *, trace_start_ns: int, title: Callable[[str], str]) -> Markup:
    """Build the list item of one span; `title` turns a department's name into what a person reads."""
    span = row.span
    label = element(
        "div",
        element("span", texts[f"kind.{_kind(span)}"], class_=f"kind {span.kind}"),
        element("span", span.name, class_="name"),
        *_badges(span, texts, title),
        class_="label",
    )
    timing = element("span", readable_duration(span.end_ns - span.start_ns), class_="number")
    line = element("summary", label, element("div", _bar(row), timing, class_="timing"))
    details = _details(span, texts, trace_start_ns)
    indent = min(row.depth, DEEPEST_INDENT)
    return element("li", element("details", line, details), _explanation(span, texts), class_=f"depth-{indent}")


def error_explanation(code: str, texts: Texts) -> str | None:
    """Say in a sentence what an error code like `TAX_TIMED_OUT` means; None for the gateway's own codes."""
    parts = code.split("_")
    candidates = ("_".join(parts[start:]) for start in range(len(parts)))
    return next((text for kind in candidates if (text := texts.get(f"error.{kind}"))), None)


def _badges(span: SpanView, texts: Texts, title: Callable[[str], str]) -> list[Markup]:
    said = span.attributes
    badges = []
    if "citygate.department" in said:
        badges.append(element("span", title(str(said["citygate.department"])), class_="badge department"))
    if "citygate.protocol" in said:
        badges.append(element("span", str(said["citygate.protocol"]), class_="badge protocol"))
    if "citygate.cache" in said:
        state = str(said["citygate.cache"])
        badges.append(element("span", texts[f"cache.{state}"], class_=f"badge cache-{state}"))
    if (code := _error(span)) is not None:
        badges.append(element("span", code, class_="badge error"))
    return badges


def _kind(span: SpanView) -> str:
    return "adapter" if "citygate.operation" in span.attributes else span.kind


def _error(span: SpanView) -> str | None:
    said = span.attributes
    for attribute in ("citygate.error.code", "error.type"):
        if attribute in said:
            return str(said[attribute])
    if span.status != "error":
        return None
    status = said.get("http.response.status_code")
    return f"HTTP {status}" if isinstance(status, int) else "ERROR"


def _explanation(span: SpanView, texts: Texts) -> Markup | None:
    code = span.attributes.get("citygate.error.code")
    explanation = error_explanation(code, texts) if isinstance(code, str) else None
    return element("p", explanation, class_="explanation") if explanation else None


def _bar(row: Row) -> Markup:
    """Draw the bar as SVG: its place is an attribute there, and the page allows no inline style."""
    width = max(round(row.width * BAR_UNITS), NARROWEST_BAR)
    left = min(round(row.offset * BAR_UNITS), BAR_UNITS - width)
    state = "error" if _error(row.span) is not None else row.span.kind
    bar = element("rect", x=left, y=0, width=width, height=10, rx=2, class_=f"bar {state}")
    return element("svg", bar, viewBox=f"0 0 {BAR_UNITS} 10", preserveAspectRatio="none", aria_hidden="true")


def _details(span: SpanView, texts: Texts, trace_start_ns: int) -> Markup:
    facts = [(texts["starts_at"], f"+{readable_duration(span.start_ns - trace_start_ns)}")]
    facts += [(name, str(value)) for name, value in sorted(span.attributes.items())]
    for event in span.events:
        said = ", ".join(str(value) for value in event.attributes.values())
        facts.append((event.name, f"+{readable_duration(event.time_ns - trace_start_ns)} {said}".rstrip()))
    pairs = [element("div", element("dt", name), element("dd", value)) for name, value in facts]
    return join(element("dl", *pairs, class_="details"))

"""HTML built from elements, so that every text is escaped unless it is markup by its type."""

from html import escape
from typing import Final

VOID_ELEMENTS: Final = frozenset({"br", "link", "meta"})


class Markup(str):
    """Text that is HTML already; only this module's functions make it."""

    __slots__ = ()


Child = str | Markup | None


def element(tag: str, /, *children: Child, **attributes: str | int | float | bool | None) -> Markup:
    """Build one element.

    Children are escaped unless they are Markup; None stands for nothing. In attribute names a trailing
    underscore is dropped and others become hyphens; True is a bare attribute, False and None leave it out.
    """
    start = f"<{tag}{''.join(_attribute(*each) for each in attributes.items())}>"
    if tag in VOID_ELEMENTS:
        return Markup(start)
    return Markup(f"{start}{join(*children)}</{tag}>")


def join(*children: Child) -> Markup:
    """Put siblings one after another."""
    return Markup("".join(_text(child) for child in children if child is not None))


def document(*, language: str, head: Markup, body: Markup) -> Markup:
    """Build a whole page."""
    start = join(
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
    )
    page = element("html", element("head", start, head), body, lang=language)
    return Markup(f"<!doctype html>\n{page}\n")


def _text(child: str) -> str:
    return child if isinstance(child, Markup) else escape(child)


def _attribute(name: str, value: str | float | bool | None) -> str:
    if value is None or value is False:
        return ""
    label = name.removesuffix("_").replace("_", "-")
    return f" {label}" if value is True else f' {label}="{escape(str(value))}"'

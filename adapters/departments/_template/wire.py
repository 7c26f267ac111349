"""The department's replies as it writes them, decoded strictly."""

from __future__ import annotations

import msgspec


class Category(msgspec.Struct):
    """One entry of `GET /categories`."""

    code: str
    title: str
    note: str | None = None


class Categories(msgspec.Struct):
    """The reply of `GET /categories`."""

    categories: tuple[Category, ...]

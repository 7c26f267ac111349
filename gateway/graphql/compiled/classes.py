"""Which classes of values need no further look: a fact about a class, learned once."""

from collections.abc import Iterable, Mapping
from types import MemberDescriptorType
from typing import Any

from graphql.pyutils import Undefined

_MOST = 10_000
_MOST_OF_ROWS = 50
_BUILT_IN = (str, int, float, bool, list, tuple, dict)
_TELLING = frozenset({"__await__", "__aiter__", "__call__", "__getattr__", "__getattribute__", "__class__"})
_HEAP_TYPE = 1 << 9

PLAIN: set[type] = set(_BUILT_IN)
"""Classes whose values are neither null, nor awaitable, nor exceptions, nor callable, and hide nothing of that."""

RECORDS: set[type] = {str, int, float, bool, list, tuple}
"""Those of `PLAIN` that are no mappings, so that a field of theirs is an attribute."""

FINAL: frozenset[type] = frozenset({str, int, float, bool})
"""Classes of coerced leaves that are neither null nor awaitable."""


def learn(cls: type) -> bool:
    """Whether a class is plain; remembered when it is."""
    if cls in PLAIN:
        return True
    if not _is_plain(cls):
        return False
    if len(PLAIN) > _MOST:  # classes made at run time must not be kept for ever
        PLAIN.intersection_update(_BUILT_IN)
        RECORDS.intersection_update(_BUILT_IN)
    PLAIN.add(cls)
    if not issubclass(cls, Mapping):
        RECORDS.add(cls)
    return True


def learn_rows(known: set[type], names: Iterable[str], rows: Iterable[Any], only: type | None = None) -> bool:
    """Whether reading these attributes of each row runs no code; the classes for which that is so become `known`.

    With `only`, every row must be of that very class.
    """
    classes = set(map(type, rows))
    if only is not None and classes != {only}:
        return False
    if not all((learn(cls) and cls in RECORDS) and all(_is_stored(cls, name) for name in names) for cls in classes):
        return False
    if len(known) > _MOST_OF_ROWS:
        known.clear()
    known.update(classes)
    return True


def _is_stored(cls: type, name: str) -> bool:
    """Whether an attribute is in a slot, among the instance's own or a constant of the class."""
    for base in cls.__mro__:
        if name in vars(base):
            found = vars(base)[name]
            return isinstance(found, MemberDescriptorType) or not hasattr(type(found), "__get__")
    return True


def reader(source: Any) -> Any:
    """How graphql-core's default resolver reads a source: `get` of a dictionary, None for attributes."""
    cls = type(source)
    if cls is dict:
        return source.get
    if cls in RECORDS or (learn(cls) and cls in RECORDS):
        return None
    return _Slow(source).get


class _Slow:
    """A source that must be asked each time what it is."""

    __slots__ = ("_source",)

    def __init__(self, source: Any) -> None:
        self._source = source

    def get(self, name: str) -> Any:
        source = self._source
        return source.get(name) if isinstance(source, Mapping) else getattr(source, name, None)


def _is_plain(cls: type) -> bool:
    if cls is type(None) or cls is type(Undefined) or issubclass(cls, BaseException | type):
        return False
    return not any(_tells(base) for base in cls.__mro__[:-1])


def _tells(base: type) -> bool:
    """Whether a class may make its values awaitable, callable or otherwise than their class says."""
    telling = _TELLING.intersection(vars(base))
    if not base.__flags__ & _HEAP_TYPE:  # C's own reading of attributes is what everybody has
        telling = telling - {"__getattribute__"}
    return bool(telling)

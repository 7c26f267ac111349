"""Gives of a whole person only what was asked, what comes unasked, and the doubts about what was asked."""

from collections.abc import Iterable, Mapping
from typing import Any

from sandbox.departments.civil_affairs.schema import AUTOMATIC

Asked = dict[str, "Asked"]
Document = Mapping[str, Any]
AT_HOME = ("Adres", "Locatie")
_DOUBTS = "inOnderzoek"
_HOME = "Binnenland"


def answered(person: Document, fields: Iterable[str]) -> dict[str, Any]:
    """The person as answered to `fields`, which are known paths."""
    asked = _tree(_at_home(fields, person))
    unasked = {name: person[name] for name in AUTOMATIC - {_DOUBTS} if name in person}
    return _group(person, asked) | unasked


def _at_home(fields: Iterable[str], person: Document) -> list[str]:
    """`verblijfplaatsBinnenland` is the residence of those who live in the country, and nothing for others."""
    lives_here = person.get("verblijfplaats", {}).get("type") in AT_HOME
    paths = []
    for field in fields:
        root, dot, rest = field.partition(".")
        if not root.endswith(_HOME):
            paths.append(field)
        elif lives_here:
            paths.append(root.removesuffix(_HOME) + dot + rest)
    return paths


def _tree(paths: Iterable[str]) -> Asked:
    tree: Asked = {}
    for path in paths:
        node = tree
        for step in path.split("."):
            node = node.setdefault(step, {})
    return tree


def _group(group: Document, asked: Asked) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, below in asked.items():
        value = _value(group[name], below) if name in group else None
        if value is not None:
            found[name] = value
    if _is_typed(group):
        found = {"type": group["type"]} | found
    if doubts := _doubts(group.get(_DOUBTS, {}), asked):
        found[_DOUBTS] = doubts
    return found


def _value(value: Any, asked: Asked) -> Any:
    """A whole value for a leaf, a table's row or a date; None for a group of which nothing is left."""
    if isinstance(value, list):
        return [_value(each, asked) or {} for each in value]
    if not isinstance(value, dict) or "omschrijving" in value or "code" in value or "langFormaat" in value:
        return value
    return (_group(value, asked) if asked else value) or None


def _doubts(shadow: Document, asked: Asked) -> dict[str, Any]:
    flags = {name: True for name, flag in shadow.items() if flag is True and (name in asked or name == "type")}
    since = {name: when for name, when in shadow.items() if name.startswith("datumIngangOnderzoek")}
    return {**flags, **_since(since, flags)} if flags else {}


def _since(since: Document, flags: Document) -> Document:
    """At the top there is a date for each part of the record; only those for what is flagged are told."""
    about = {"gemeenteVanInschrijving": "Gemeente", "datumInschrijvingInGemeente": "Gemeente"}
    wanted = {about.get(flag, "Persoon") for flag in flags}
    return {
        name: when
        for name, when in since.items()
        if name.removeprefix("datumIngangOnderzoek") in wanted | {"", "Verblijfplaats"}
    }


def _is_typed(group: Document) -> bool:
    return isinstance(group.get("type"), str) and "langFormaat" not in group

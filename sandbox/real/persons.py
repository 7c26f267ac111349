"""Chooses persons of the BRP test set (`nl_brp`) who can stand in for the sandbox's personas."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.real.reader import rows

TEST_SET = Path("nl_brp") / "testset_persoonslijsten_GBA-V.csv"
LONGEST_NAME = 20
# Most numbers of the set; the others are persons with extreme data.
_SERIES = "9999"
_Row = dict[str, str]


@dataclass(frozen=True, slots=True)
class StandIn:
    """A person of the test set: the nine-digit id, the given names, and the surname with its prefix."""

    id: str
    given: str
    surname: str
    gender: str
    birth: str


@dataclass(frozen=True, slots=True)
class _PersonList:
    """A person list of the GBA: its first row is what holds now, further rows add children and history."""

    first: _Row
    all: Sequence[_Row]

    @property
    def children(self) -> int:
        return len({row["09.01.20"] for row in self.all} - {""})

    @property
    def usable(self) -> bool:
        row = self.first
        birth = row["01.03.10"]
        return (
            row["01.01.20"].startswith(_SERIES)
            and not any(each["06.08.10"] or each["07.67.10"] for each in self.all)
            and row["07.70.10"] in {"", "0"}
            and "19600101" <= birth <= "19981231"
            and "00" not in {birth[4:6], birth[6:8]}
            and bool(row["01.02.10"] and row["01.02.40"] and row["08.09.10"])
            and len(row["01.02.10"] + row["01.02.40"]) <= LONGEST_NAME
        )


def choose_stand_ins(data: Path, personas: Sequence[str]) -> dict[str, StandIn]:
    """A living adult with an address for each persona; `parent` has children, `resident` a partner.

    The choice depends on the file alone. Empty when the file is missing or has too few. Raises: DataError.
    """
    lists = sorted(_person_lists(data / TEST_SET), key=lambda each: each.first["01.01.20"])
    free = [each for each in lists if each.usable]
    chosen: dict[str, StandIn] = {}
    for persona in sorted(personas, key=lambda name: name not in _WANTED):
        pick = next((each for each in free if _WANTED.get(persona, _anyone)(each)), None)
        if pick is None:
            return {}
        free.remove(pick)
        chosen[persona] = _stand_in(pick.first)
    return chosen


def _anyone(_: _PersonList) -> bool:
    return True


_WANTED: dict[str, Callable[[_PersonList], bool]] = {
    "parent": lambda each: each.children >= 2 and bool(each.first["05.01.20"]),
    "resident": lambda each: bool(each.first["05.02.40"]),
}


def _person_lists(path: Path) -> list[_PersonList]:
    groups: list[list[_Row]] = []
    for row in rows(path, delimiter=";"):
        if row[""]:
            groups.append([row])
        elif groups:
            groups[-1].append(row)
    return [_PersonList(group[0], group) for group in groups if len(group[0]["01.01.20"]) == 9]


def _stand_in(row: _Row) -> StandIn:
    surname = f"{row['01.02.30']} {row['01.02.40']}".strip()
    return StandIn(row["01.01.20"], row["01.02.10"].strip(), surname, row["01.04.10"], row["01.03.10"])

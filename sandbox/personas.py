"""The people one can be in the sandbox: fixed ids and names, whatever the seed."""

from dataclasses import dataclass
from datetime import date

from sandbox.records import Gender, Text

DECEASED = "100000901"
CONFIDENTIAL = "100000902"
UNDER_INVESTIGATION = "100000903"
OFFICERS_COMPANY = "700000011"
BUSY_COMPANY = "700000077"
_EVERYONE = ("openid", "person")


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone a token can be had for; `id` is the person's id, `children` how many they have."""

    name: str
    id: str
    surname: Text
    given: Text
    gender: Gender
    born: date
    scopes: tuple[str, ...] = _EVERYONE
    assurance: str = "substantial"
    locale: str = "zh-CN"
    married: bool = True
    children: int = 0


PERSONAS = {
    persona.name: persona
    for persona in (
        Persona(
            "entrepreneur",
            "100000011",
            Text("陈", "Chen"),
            Text("静", "Jing"),
            Gender.FEMALE,
            date(1991, 3, 14),
        ),
        Persona(
            "resident",
            "100000022",
            Text("王", "Wang"),
            Text("建国", "Jianguo"),
            Gender.MALE,
            date(1968, 10, 1),
            children=1,
        ),
        Persona(
            "parent",
            "100000033",
            Text("李", "Li"),
            Text("梅", "Mei"),
            Gender.FEMALE,
            date(1989, 6, 2),
            children=2,
            locale="en",
        ),
        Persona(
            "officer",
            "100000044",
            Text("张", "Zhang"),
            Text("伟", "Wei"),
            Gender.MALE,
            date(1979, 12, 24),
            assurance="high",
            children=1,
        ),
        Persona(
            "manager",
            "100000055",
            Text("刘", "Liu"),
            Text("洋", "Yang"),
            Gender.FEMALE,
            date(1982, 8, 19),
            scopes=(*_EVERYONE, "centre:manage"),
            children=1,
        ),
        Persona(
            "operator",
            "100000066",
            Text("赵", "Zhao"),
            Text("敏", "Min"),
            Gender.FEMALE,
            date(1994, 2, 27),
            scopes=(*_EVERYONE, "complaints:operate"),
            married=False,
        ),
        Persona(
            "busy",
            "100000077",
            Text("周", "Zhou"),
            Text("勤", "Qin"),
            Gender.MALE,
            date(1985, 5, 5),
            married=False,
        ),
    )
}

"""The people one can be in the sandbox: fixed ids and names, whatever the seed."""

from dataclasses import dataclass
from datetime import date

from sandbox.records import Gender, Person, Text

DECEASED = "100000901"
CONFIDENTIAL = "100000902"
UNDER_INVESTIGATION = "100000903"
OFFICERS_COMPANY = "700000011"
BUSY_COMPANY = "700000077"
_EVERYONE = ("openid", "person")


@dataclass(frozen=True, slots=True)
class Persona:
    """Someone a token can be had for; `id` is the person's id, `children` how many they have.

    `title` and `about` say in a few words who it is, for a list to choose from.
    """

    name: str
    title: Text
    about: Text
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
            Text("创业者", "Entrepreneur"),
            Text("正在光谷注册一家公司", "Is registering a company in Optics Valley"),
            "100000011",
            Text("陈", "Chen"),
            Text("静", "Jing"),
            Gender.FEMALE,
            date(1991, 3, 14),
        ),
        Persona(
            "resident",
            Text("居民", "Resident"),
            Text("向12345热线反映了几件事", "Has reported a few things to the hotline"),
            "100000022",
            Text("王", "Wang"),
            Text("建国", "Jianguo"),
            Gender.MALE,
            date(1968, 10, 1),
            children=1,
        ),
        Persona(
            "parent",
            Text("家长", "Parent"),
            Text("有两个孩子，常用英语", "Has two children and reads English"),
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
            Text("企业负责人", "Company officer"),
            Text("可代表公司签字", "May sign for a company"),
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
            Text("中心主任", "Centre manager"),
            Text("管理政务服务中心", "Runs the service centre"),
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
            Text("热线坐席", "Hotline operator"),
            Text("处理12345热线的诉求", "Works at the hotline's desk"),
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
            Text("事务繁多的人", "Busy person"),
            Text("每个列表各有五十条", "Has fifty entries in every list"),
            "100000077",
            Text("周", "Zhou"),
            Text("勤", "Qin"),
            Gender.MALE,
            date(1985, 5, 5),
            married=False,
        ),
    )
}


def resident(person: Person) -> Persona:
    """Somebody who is no persona, to have a token for: known well enough for what is personal, and for nothing else."""
    return Persona(
        person.id,
        Text("居民", "Resident"),
        Text("住在这里", "Lives here"),
        person.id,
        person.surname,
        person.given,
        person.gender,
        date(person.birth.year or 1900, person.birth.month or 1, person.birth.day or 1),
    )

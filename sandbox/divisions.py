"""Administrative divisions of Optics Valley; codes and names down to neighbourhoods are the official ones."""

from pathlib import Path

from sandbox.real import rows
from sandbox.records import Division, GeoPoint, Level, Text

WUHAN = "4201"
_DISTRICTS = {
    "420102": Text("江岸区", "Jiang'an District"),
    "420103": Text("江汉区", "Jianghan District"),
    "420104": Text("硚口区", "Qiaokou District"),
    "420105": Text("汉阳区", "Hanyang District"),
    "420106": Text("武昌区", "Wuchang District"),
    "420107": Text("青山区", "Qingshan District"),
    "420111": Text("洪山区", "Hongshan District"),
    "420112": Text("东西湖区", "Dongxihu District"),
    "420113": Text("汉南区", "Hannan District"),
    "420114": Text("蔡甸区", "Caidian District"),
    "420115": Text("江夏区", "Jiangxia District"),
    "420116": Text("黄陂区", "Huangpi District"),
    "420117": Text("新洲区", "Xinzhou District"),
}
_HOME_DISTRICTS = ("420111", "420115")
# The neighbourhoods that the East Lake High-tech zone administers, with the middle of each.
_NEIGHBOURHOODS = {
    "420111080": (Text("关东街道", "Guandong"), GeoPoint(30.4972, 114.4081)),
    "420111081": (Text("花山街道", "Huashan"), GeoPoint(30.5512, 114.5063)),
    "420111082": (Text("左岭街道", "Zuoling"), GeoPoint(30.5481, 114.6280)),
    "420111083": (Text("九峰街道", "Jiufeng"), GeoPoint(30.5153, 114.4892)),
    "420115086": (Text("佛祖岭街道", "Fozuling"), GeoPoint(30.4704, 114.4370)),
    "420115087": (Text("豹澥街道", "Baoxie"), GeoPoint(30.4731, 114.5232)),
    "420115088": (Text("龙泉街道", "Longquan"), GeoPoint(30.3950, 114.5304)),
    "420115089": (Text("滨湖街道", "Binhu"), GeoPoint(30.3602, 114.5105)),
}
_COMMUNITIES = {
    "420111080": "曙光:Shuguang / 关南:Guannan / 新竹:Xinzhu / 保利:Baoli",
    "420111081": "春和:Chunhe / 花城:Huacheng / 白羊山:Baiyangshan",
    "420111082": "左岭新城:Zuoling New Town / 智苑:Zhiyuan / 泉井:Quanjing",
    "420111083": "三星:Sanxing / 新跃:Xinyue / 九峰:Jiufeng",
    "420115086": "佛祖岭A:Fozuling A / 佛祖岭B:Fozuling B / 大谭:Datan / 锦绣龙城:Jinxiu Longcheng",
    "420115087": "豹澥:Baoxie / 玉龙:Yulong / 未来:Weilai",
    "420115088": "龙泉:Longquan / 升华:Shenghua",
    "420115089": "滨湖:Binhu / 磨山:Moshan",
}


def build_divisions(data: Path | None) -> tuple[Division, ...]:
    """Districts, then neighbourhoods, then communities; with `data` all of Wuhan's, from `cn_divisions`."""
    districts = [_district(code) for code in _HOME_DISTRICTS]
    neighbourhoods = [_neighbourhood(code) for code in _NEIGHBOURHOODS]
    if data is not None:
        districts = _merged(districts, [_district(code, name) for code, name, _ in _wuhan(data, "areas")])
        streets = _wuhan(data, "streets")
        neighbourhoods = _merged(neighbourhoods, [_neighbourhood(code, name) for code, name, _ in streets])
    communities = [
        Division(f"{parent}{number:03d}", Level.COMMUNITY, _community(names), parent)
        for parent, listed in _COMMUNITIES.items()
        for number, names in enumerate(_split(listed), start=1)
    ]
    return tuple(districts + neighbourhoods + communities)


def _split(listed: str) -> list[Text]:
    pairs = [pair.partition(":") for pair in listed.split(" / ")]
    return [Text(zh, en) for zh, _, en in pairs]


def _community(name: Text) -> Text:
    return Text(f"{name.zh}社区", f"{name.en} Community")


def _district(code: str, zh: str = "") -> Division:
    return Division(code, Level.DISTRICT, _DISTRICTS.get(code, Text(zh, zh)), None)


def _neighbourhood(code: str, zh: str = "") -> Division:
    known = _NEIGHBOURHOODS.get(code)
    name = Text(known[0].zh, f"{known[0].en} Neighbourhood") if known else Text(zh, zh)
    return Division(code, Level.NEIGHBOURHOOD, name, code[:6], known[1] if known else None)


def _merged(ours: list[Division], read: list[Division]) -> list[Division]:
    by_code = {division.code: division for division in ours} | {division.code: division for division in read}
    return [by_code[code] for code in sorted(by_code)]


def _wuhan(data: Path, kind: str) -> list[tuple[str, str, str]]:
    listed = rows(data / "cn_divisions" / f"{kind}.csv")
    return [(row["code"], row["name"], row["cityCode"]) for row in listed if row["cityCode"] == WUHAN]

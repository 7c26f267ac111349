"""What people say when they complain, how a complaint can go, and what is noted at each step."""

from sandbox.records import Text

STORIES = (
    ("open",),
    ("for_triage", "open"),
    ("open", "investigating"),
    ("open", "internal_referral", "investigating"),
    ("open", "internal_referral", "internal_referral", "in_progress"),
    ("open", "internal_referral", "internal_referral", "internal_referral", "action_scheduled"),
    ("open", "investigating", "planned"),
    ("open", "in_progress", "fixed"),
    ("open", "internal_referral", "internal_referral", "internal_referral", "in_progress", "fixed"),
    ("open", "internal_referral", "in_progress", "closed"),
    ("open", "investigating", "no_further_action"),
    ("open", "duplicate"),
    ("open", "internal_referral", "not_councils_responsibility"),
    ("open", "cancelled"),
    ("open", "in_progress", "fixed", "reopen", "in_progress"),
)
_NOTES = {
    "open": Text("热线已受理", "The hotline has taken the complaint"),
    "for_triage": Text("热线正在研判归属", "The hotline is finding out who is competent"),
    "reopen": Text("市民反映问题未解决，重新办理", "The resident says that it is not solved; taken up again"),
    "investigating": Text("{zh}正在现场核实", "{en} is looking at it on the spot"),
    "in_progress": Text("{zh}已派人处置", "{en} has sent somebody"),
    "planned": Text("{zh}已列入处置计划", "{en} has put it on its plan"),
    "action_scheduled": Text("{zh}已约定处置时间", "{en} has fixed a time"),
    "internal_referral": Text("超出本级权限，转交{zh}", "Beyond this level's powers, passed to {en}"),
    "fixed": Text("{zh}已处置完毕，请您核实", "{en} has dealt with it, please check"),
    "closed": Text("{zh}已办结", "{en} has closed it"),
    "no_further_action": Text("{zh}核实未发现问题", "{en} found nothing to do"),
    "duplicate": Text("与他人诉求重复，合并办理", "Somebody has complained already; dealt with together"),
    "not_councils_responsibility": Text("不属于政府职责范围", "Not for the city to decide"),
    "cancelled": Text("市民已撤回", "Withdrawn by the resident"),
}


def text_of(status: str, holder: Text | None, next_body: Text | None) -> Text:
    """What is noted at a step: it names the body that has the complaint, or the one that gets it."""
    note = _NOTES[status]
    body = (next_body if status == "internal_referral" else holder) or Text("热线", "The hotline")
    return Text(note.zh.format(zh=body.zh), note.en.format(en=body.en))


def _sayings(*both: str) -> tuple[Text, ...]:
    return tuple(Text(zh, en) for zh, _, en in (each.partition(" / ") for each in both))


SAYINGS = {
    "manhole_cover": _sayings(
        "人行道上井盖不见了，晚上很危险 / A manhole cover on the footway is gone, it is dangerous at night",
        "井盖松动，车一压就响 / A manhole cover is loose and bangs under every car",
    ),
    "street_light": _sayings(
        "整条路的路灯都不亮 / No light burns in the whole street",
        "小区门口路灯一直闪 / The light at the estate's gate flickers all night",
    ),
    "road_damage": _sayings(
        "路面有大坑，电动车摔倒过 / There is a deep pothole, a scooter has fallen",
        "盲道地砖缺失 / Tiles of the tactile path are missing",
    ),
    "water_leak": _sayings(
        "自来水管爆了，水流到马路上 / A water main has burst and floods the street",
        "路边水表井一直漏水 / A meter pit by the road leaks day and night",
    ),
    "noise": _sayings(
        "工地凌晨两点还在施工 / The building site works at two in the morning",
        "楼下广场舞音响太大 / The loudspeaker of the dancers downstairs is too loud",
    ),
    "air_pollution": _sayings(
        "餐馆油烟直排到居民楼 / A restaurant blows its fumes at our windows",
        "渣土车经过扬尘很大 / Dump trucks raise clouds of dust",
    ),
    "garbage": _sayings(
        "垃圾三天没有清运，发臭了 / The garbage has not been collected for three days and stinks",
        "建筑垃圾堆在绿化带 / Rubble has been dumped on the green",
    ),
    "illegal_stall": _sayings(
        "地铁口摊贩占道，行人走机动车道 / Stalls block the metro exit, people walk on the road",
        "水果店把货摆到人行道 / The fruit shop puts its goods on the footway",
    ),
    "illegal_parking": _sayings(
        "消防通道被私家车堵住 / Private cars block the fire lane",
        "学校门口双排停车 / Cars double-park at the school gate",
    ),
    "traffic_signal": _sayings(
        "路口红绿灯不亮 / The signal at the crossing is dark",
        "行人绿灯时间太短，老人过不去 / Green is too short for old people to cross",
    ),
    "shared_bikes": _sayings(
        "共享单车堆满了站台 / Shared bikes fill the bus stop",
        "单车倒在盲道上没人管 / Bikes lie on the tactile path and nobody cares",
    ),
    "property_management": _sayings(
        "电梯坏了一周没人修 / The lift has been broken for a week",
        "物业不公示公共收益 / The management does not publish what the common areas earn",
    ),
    "consumer_dispute": _sayings(
        "健身房关门，预付卡不退 / The gym has closed and does not return the prepaid money",
        "网购商品质量差，商家拒绝退款 / The goods are bad and the merchant will not refund",
    ),
}

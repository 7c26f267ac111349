"""What one can complain of in Optics Valley."""

from sandbox.departments.hotline.records import Kind, Question, ServiceType
from sandbox.records import Text

_WORKS = Text("市政设施", "Public works")
_ENVIRONMENT = Text("环境保护", "Environment")
_CLEANING = Text("市容环卫", "Cleanliness")
_TRAFFIC = Text("道路交通", "Traffic")
_HOUSING = Text("住房物业", "Housing")
_MARKET = Text("市场监管", "Consumer affairs")
_ADVICE = Text("咨询建议", "Advice")
_URBAN = Text("城市管理执法局", "Urban Management Bureau")
_WATER = Text("水务和湖泊局", "Water and Lakes Bureau")
_ECOLOGY = Text("生态环境局", "Ecology and Environment Bureau")
_POLICE = Text("交通管理大队", "Traffic Police")
_HOMES = Text("住房和城乡建设局", "Housing and Construction Bureau")
_COMMERCE = Text("市场监督管理局", "Market Regulation Bureau")
_DESK = Text("12345热线运营中心", "Hotline 12345 operations centre")

_SOURCE = Question(
    "source",
    Text("噪声来源", "Where the noise comes from"),
    choices=(
        ("construction", Text("工地施工", "Construction site")),
        ("square_dance", Text("广场舞", "Square dancing")),
        ("shop", Text("商铺", "Shop")),
        ("neighbour", Text("邻里", "Neighbour")),
    ),
)
_PLATE = Question("plate", Text("车牌号码", "Number plate"))
_MERCHANT = Question("merchant", Text("商家名称", "Name of the merchant"), required=True)
_POLE = Question("pole", Text("灯杆编号", "Number on the lamp post"))


def _text(both: str) -> Text:
    zh, _, en = both.partition(" / ")
    return Text(zh, en)


SERVICE_TYPES = (
    ServiceType(
        "manhole_cover",
        _text("井盖缺失破损 / Manhole cover missing"),
        _text("井盖丢失、破损、移位或松动异响 / A manhole cover is lost, broken, moved or loose"),
        group=_WORKS,
        body=_WATER,
        days=1,
    ),
    ServiceType(
        "street_light",
        _text("路灯不亮 / Street light out"),
        _text("路灯不亮、闪烁或白天常亮 / A street light is out, flickers, or burns by day"),
        group=_WORKS,
        body=_URBAN,
        days=3,
        questions=(_POLE,),
    ),
    ServiceType(
        "road_damage",
        _text("道路破损 / Damaged road"),
        _text("路面坑洼、塌陷或人行道破损 / Potholes, subsidence or a broken footway"),
        group=_WORKS,
        body=_URBAN,
        days=7,
    ),
    ServiceType(
        "water_leak",
        _text("供水漏损 / Water leak"),
        _text("自来水管道漏水、爆管或水压不足 / A water main leaks, has burst, or has too little pressure"),
        group=_WORKS,
        body=_WATER,
        days=1,
    ),
    ServiceType(
        "noise",
        _text("噪声扰民 / Noise"),
        _text("施工、商业、社会生活噪声 / Noise of construction, trade or neighbours"),
        group=_ENVIRONMENT,
        body=_ECOLOGY,
        days=3,
        questions=(_SOURCE,),
    ),
    ServiceType(
        "air_pollution",
        _text("油烟扬尘异味 / Fumes, dust or smell"),
        _text("餐饮油烟、工地扬尘、异味 / Kitchen fumes, dust of a building site, a bad smell"),
        group=_ENVIRONMENT,
        body=_ECOLOGY,
    ),
    ServiceType(
        "garbage",
        _text("垃圾清运不及时 / Garbage not collected"),
        _text("垃圾堆放、清运不及时、垃圾桶满溢 / Garbage lies about, is not collected, or bins overflow"),
        group=_CLEANING,
        body=_URBAN,
        days=2,
    ),
    ServiceType(
        "illegal_stall",
        _text("占道经营 / Street trading"),
        _text("流动摊贩占道、店外经营 / Stalls or goods block the footway"),
        group=_CLEANING,
        body=_URBAN,
    ),
    ServiceType(
        "illegal_parking",
        _text("违法停车 / Illegal parking"),
        _text("占用人行道、消防通道或盲道停车 / Parking on a footway, a fire lane or a tactile path"),
        group=_TRAFFIC,
        body=_POLICE,
        days=2,
        questions=(_PLATE,),
    ),
    ServiceType(
        "traffic_signal",
        _text("信号灯故障 / Traffic signal faulty"),
        _text("红绿灯不亮、配时不合理 / A signal is dark, or its timing is wrong"),
        group=_TRAFFIC,
        body=_POLICE,
        days=1,
    ),
    ServiceType(
        "shared_bikes",
        _text("共享单车乱停放 / Shared bikes in the way"),
        _text("共享单车淤积、占用盲道 / Shared bikes pile up or block a tactile path"),
        group=_TRAFFIC,
        body=_URBAN,
        days=2,
        kind=Kind.BATCH,
    ),
    ServiceType(
        "property_management",
        _text("物业管理问题 / Property management"),
        _text("电梯故障、公共区域维护、物业收费 / Lifts, common areas and fees of a housing estate"),
        group=_HOUSING,
        body=_HOMES,
        days=10,
        kind=Kind.BATCH,
    ),
    ServiceType(
        "consumer_dispute",
        _text("消费纠纷 / Consumer dispute"),
        _text("退款、质量、预付卡等消费争议 / Refunds, quality, prepaid cards and the like"),
        group=_MARKET,
        body=_COMMERCE,
        days=10,
        questions=(_MERCHANT,),
    ),
    ServiceType(
        "suggestion",
        _text("意见建议 / Suggestion"),
        _text("对城市管理的意见建议，不回复编号 / An idea for the city; it gets no number and no answer"),
        group=_ADVICE,
        body=_DESK,
        kind=Kind.BLACKBOX,
    ),
)

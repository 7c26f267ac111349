"""What the bureau registers, and the form for each."""

from dataclasses import dataclass
from uuid import NAMESPACE_URL, uuid5

from sandbox.departments.market_regulation.forms import Field, FieldType, Form
from sandbox.records import Text

_NAME = Field("name", Text("名称", "Name"), low=2, high=80)
_ADDRESS = Field("address", Text("住所", "Address"), low=4, high=120)
_CREDIT_CODE = Field(
    "creditCode", Text("统一社会信用代码", "Unified social credit code"), low=18, high=18, pattern=r"[0-9A-Z]{18}"
)
_CAPITAL = Field("capital", Text("注册资本（元）", "Registered capital (yuan)"), FieldType.NUMBER, low=1, high=10**12)
_SCOPE = Field("scope", Text("经营范围", "Business scope"), required=False, high=500)
_TRADE = Field("trade", Text("业态", "Line of trade"), choices=("retail", "catering", "canteen"))
_OPENS = Field("opensOn", Text("开业日期", "Opening date"), FieldType.DATE)
_EMPLOYEES = Field("employees", Text("用工人数", "Number of employees"), FieldType.NUMBER, low=1, high=100_000)
_SEAL = Field("sealType", Text("印章类型", "Type of seal"), choices=("official", "finance", "contract", "invoice"))
_SINCE = Field("residentSince", Text("居住起始日期", "Resident since"), FieldType.DATE)


@dataclass(frozen=True, slots=True)
class Kind:
    """Something that can be registered (`service` in the contract)."""

    id: str
    name: Text
    summary: Text
    form: Form
    version: str = "1"
    promised_days: int = 3
    for_companies: bool = True

    def as_service(self, locale: str) -> dict[str, object]:
        """`service`, with the form that is wanted now among its properties."""
        return {
            "id": self.id,
            "name": self.name.get(locale),
            "version": self.version,
            "type": "Public",
            "isExecutable": True,
            "isClosed": False,
            "description": self.summary.get(locale),
            "serviceBody": [
                {"code": "promisedDays", "value": str(self.promised_days)},
                {"code": "eFormId", "value": self.form.id},
            ],
        }


def stable_id(*parts: object) -> str:
    """A UUID that is the same on every start."""
    return str(uuid5(NAMESPACE_URL, "/".join(map(str, ("market-regulation", *parts)))))


def _kind(code: str, name: Text, summary: Text, *fields: Field, days: int, for_companies: bool = True) -> Kind:
    form = Form(stable_id("form", code), name, "1", fields)
    return Kind(stable_id("service", code), name, summary, form, promised_days=days, for_companies=for_companies)


KINDS = (
    _kind(
        "company",
        Text("公司设立登记", "Company registration"),
        Text("设立有限责任公司，领取营业执照。", "Set up a limited company and receive its business licence."),
        _NAME,
        _ADDRESS,
        _CAPITAL,
        _SCOPE,
        days=1,
    ),
    _kind(
        "trade_licence",
        Text("食品经营许可", "Food trade licence"),
        Text("从事食品销售或餐饮服务前办理。", "Needed before food is sold or served."),
        _NAME,
        _ADDRESS,
        _TRADE,
        _OPENS,
        days=8,
    ),
    _kind(
        "employer",
        Text("用人单位登记", "Employer registration"),
        Text("首次招用员工前办理。", "Needed before the first employee starts."),
        _NAME,
        _CREDIT_CODE,
        _EMPLOYEES,
        days=2,
    ),
    _kind(
        "seal",
        Text("印章备案", "Company seal filing"),
        Text("刻制公章后备案。", "Files a seal after it has been made."),
        _CREDIT_CODE,
        _SEAL,
        days=1,
    ),
    _kind(
        "residence_permit",
        Text("居住证", "Residence permit"),
        Text("在本市居住满半年者办理。", "For people who have lived in the city for half a year."),
        _ADDRESS,
        _SINCE,
        days=15,
        for_companies=False,
    ),
)

"""What the console's pages say, in English and Chinese, and which of the two a request wants."""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request

ENGLISH: Final = "en"
CHINESE: Final = "zh-CN"

TEXTS: Final[Mapping[str, tuple[str, str]]] = {
    "traces": ("Requests", "请求"),
    "graphiql": ("GraphiQL", "GraphiQL"),
    "trace": ("Trace", "链路追踪"),
    "other_language": ("中文", "English"),
    "recent": ("The last requests", "最近的请求"),
    "recent_note": (
        "Kept in this process's memory, without personal data, the latest first.",
        "保存在本进程内存中，不含个人信息，最新的在最前。",
    ),
    "time": ("Time (UTC)", "时间（UTC）"),
    "operation": ("Operation", "操作"),
    "duration": ("Duration", "耗时"),
    "status": ("Status", "状态"),
    "departments": ("Departments", "部门"),
    "ok": ("answered", "已答复"),
    "partial": ("answered in part", "部分答复"),
    "refused": ("refused", "已拒绝"),
    "failed": ("failed", "失败"),
    "nothing_kept": ("No request has been kept yet", "尚无请求记录"),
    "nothing_kept_note": (
        "Run an operation in GraphiQL and come back: it will be listed here.",
        "请先在 GraphiQL 中运行一个操作，再回到此页查看。",
    ),
    "switched_off": ("Requests are not kept here", "此处不保存请求记录"),
    "switched_off_note": (
        "The gateway is configured to keep no traces in memory; look where it exports them to.",
        "网关已配置为不在内存中保存链路，请到其导出目的地查看。",
    ),
    "gone": ("This trace is not here", "找不到这条链路"),
    "gone_note": (
        "It made room for later requests, was not sampled, or ran in another process.",
        "它可能已被较新的请求取代、未被采样，或运行在另一个进程中。",
    ),
    "all_requests": ("All requests", "全部请求"),
    "spans": ("Steps", "步骤"),
    "trace_id": ("Trace id", "链路编号"),
    "follows": ("Asked for by trace", "来自链路"),
    "dropped": ("steps were too many to keep", "个步骤因过多未保存"),
    "anonymous_operation": ("anonymous operation", "匿名操作"),
    "as_json": ("As JSON", "JSON 格式"),
    "starts_at": ("Starts at", "起始于"),
    "cache.hit": ("cache: hit", "缓存：命中"),
    "cache.miss": ("cache: miss", "缓存：未命中"),
    "cache.shared": ("cache: shared flight", "缓存：合并请求"),
    "cache.bypass": ("cache: bypassed", "缓存：绕过"),
    "cache.stale": ("cache: stale", "缓存：过期数据"),
    "kind.server": ("HTTP", "HTTP"),
    "kind.client": ("call", "调用"),
    "kind.adapter": ("adapter", "适配器"),
    "kind.internal": ("step", "步骤"),
    "kind.producer": ("sent", "发送"),
    "kind.consumer": ("received", "接收"),
    "error.UNAVAILABLE": ("The department could not be reached.", "无法连接该部门。"),
    "error.TIMED_OUT": ("The department did not answer in time.", "该部门未在时限内答复。"),
    "error.QUOTA_EXCEEDED": ("The department's limit of calls is used up.", "该部门的调用配额已用尽。"),
    "error.MAINTENANCE": ("The department is closed for maintenance.", "该部门正在维护。"),
    "error.REJECTED": ("The department understood the call and said no.", "该部门处理了请求，但予以拒绝。"),
    "error.NOT_FOUND": ("The department does not know what was asked for.", "该部门没有所查询的内容。"),
    "error.UNAUTHORISED": ("The department refused the gateway's credentials.", "该部门拒绝了网关的凭证。"),
    "error.BAD_REPLY": ("The reply broke the department's own contract.", "答复不符合该部门自身的接口约定。"),
    "error.AMBIGUOUS": ("It is not known whether the department acted.", "无法确认该部门是否已办理。"),
    "error.NOT_OFFERED": ("No department offers this.", "没有部门提供此项服务。"),
    "example": ("Example", "示例"),
    "persona": ("Persona", "身份"),
    "language": ("Language", "语言"),
    "nobody": ("Nobody (no token)", "匿名（无令牌）"),
    "trace_link": ("Trace of this request", "查看本次请求的链路"),
    "no_token": ("No token: ", "未取得令牌："),
    "no_script": ("GraphiQL needs JavaScript.", "GraphiQL 需要 JavaScript。"),
}
GRAPHIQL_TEXTS: Final = ("all_requests", "example", "persona", "language", "nobody", "trace_link", "no_token")


class Texts:
    """The texts of one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = 1 if language == CHINESE else 0

    def __getitem__(self, key: str) -> str:
        return TEXTS[key][self._column]

    def get(self, key: str) -> str | None:
        """Return the text, or None when there is none for this key."""
        return self[key] if key in TEXTS else None


def texts_for(request: Request) -> Texts:
    """Choose by the query parameter `lang`, else by Accept-Language, else English."""
    wanted = request.query_params.get("lang")
    return Texts(_language(wanted) if wanted else accepted_language(request.headers.get("accept-language", "")))


def accepted_language(header: str) -> str:
    """Return the one of our two languages that the Accept-Language header (RFC 9110, 12.5.4) puts first."""
    weighed = [(_weight(parameters), tag.strip()) for tag, _, parameters in _ranges(header)]
    known = [(weight, tag) for weight, tag in weighed if weight > 0 and tag[:2].lower() in {"en", "zh"}]
    return _language(max(known, key=lambda each: each[0])[1]) if known else ENGLISH


def _ranges(header: str) -> list[tuple[str, str, str]]:
    return [part.partition(";") for part in header.split(",")[:32]]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0


def _language(tag: str) -> str:
    return CHINESE if tag[:2].lower() == "zh" else ENGLISH

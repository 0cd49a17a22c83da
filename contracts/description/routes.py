"""Every route of the three public APIs, declared once: what it is for, which token it needs, what goes in and out.

`openapi.py` prints this table; a test holds it against the routes that the services really have.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

from contracts.authority import Kind
from contracts.events import FeedMessage, Outcome, Standing
from contracts.submission import Submitted
from contracts.verdicts import Answer

Service = Literal["ingest", "metrics", "alerts"]
Body = type | str  # a type of the contracts, or a shape: "name name:type name?…" (`shapes.py` reads it)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter; those of the path are read from the path."""

    name: str
    zh: str
    en: str
    schema: dict[str, Any] = field(default_factory=lambda: {"type": "string"})
    required: bool = False


@dataclass(frozen=True, slots=True)
class Route:
    """One operation."""

    service: Service
    method: Literal["get", "post"]
    path: str
    name: str
    zh: str
    en: str
    kinds: tuple[Kind, ...]
    answer: Body
    status: int = 200
    listed: bool = False  # a page {items, next} of the answer, also as CSV and NDJSON
    parameters: tuple[Parameter, ...] = ()
    accepts: dict[str, Body] = field(default_factory=dict)  # media type → what is read
    problems: tuple[int, ...] = ()  # beyond 401, 403, 429 and 503


_FLAG = {"type": "boolean", "default": False}
_DAY = {"type": "string", "format": "date"}
_MOMENT = {"type": "string", "format": "date-time"}
_PAGE = (
    Parameter("after", "游标:上一页的 next", "cursor: the next of the page before"),
    Parameter("limit", "每页条数", "items a page", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 200}),
)
_SERIES = (
    Parameter("indicator", "指标", "indicator"),
    Parameter("district", "区县", "district"),
    Parameter("department", "牵头单位", "leading department"),
)
_CLOCKS = (
    Parameter("as_of", "截至日期(所述时间)", "the date it is true of (rule 2.10)", _DAY),
    Parameter("known_at", "当时已知(知悉时间)", "only what was known by then (rule 2.10)", _MOMENT),
)
_P = "/v1/programmes/{programme}"

_LIGHT = (
    "programme indicator district department? light:colour period? stale:bool since:moment? lag:decimal? lag_text:text "
    "value? expected? target?"
)
_CELL = (
    "programme indicator district period period_end:date due_at:moment? lock_at:moment? live:colour? record:colour? "
    "fixed_at:moment? caught_up:bool lag:decimal? version:int?"
)
_WARNING = (
    "programme warning indicator district period colour:colour state opened_at:moment closed_at:moment? message_id?"
)
_TICKET = (
    "programme ticket rule indicator district department? addressee episode:int state level:int level_text:text "
    "severity run:int opened_at:moment closed_at:moment? timer? timer_at:moment? promised_on:date? cause? plan? "
    "close_code?"
)
_TICKET_EVENT = "position:int at:moment event actor? from_state? to_state? level:int? detail:object?"
_WITH_EVENTS = f"ticket:({_TICKET}) events:[{_TICKET_EVENT}]"
_RECEIPT_ITEM = "source id outcome? code? flags:list indicator district period version:int?"
_COMPLETENESS = "district? department? due:int received:int on_time:int completeness:decimal? timeliness:decimal?"

ROUTES: tuple[Route, ...] = (
    Route(
        "ingest",
        "post",
        "/v1/reports",
        "postReports",
        "报送:一条、一批、NDJSON 或带表头的 CSV;逐条答复",
        "Report one, a batch, NDJSON or CSV with a header; one verdict an item. What became of accepted reports is "
        "told under the receipt's link.",
        ("report", "correct"),
        Answer,
        status=207,
        parameters=(
            Parameter("dry_run", "只检查,不发送", "everything but publishing", _FLAG),
            Parameter("atomic", "一条不通过则全部不发送", "publish nothing when one item is rejected", _FLAG),
        ),
        accepts={
            "application/cloudevents+json": Submitted,
            "application/json": Submitted,
            "application/cloudevents-batch+json": "[Submitted]",
            "application/x-ndjson": "text",
            "text/csv": "text",
        },
        problems=(400, 408, 413, 415),
    ),
    Route(
        "metrics",
        "get",
        "/v1/receipts/{receipt}",
        "getReceipt",
        "按回执查询每条报送的入库结果",
        "What became of the reports published under a receipt. 404 with Retry-After until the first is seen.",
        ("read",),
        f"receipt expected:int recorded:int items:[{_RECEIPT_ITEM}]",
        problems=(404,),
    ),
    Route(
        "metrics",
        "get",
        "/v1/reports",
        "getReport",
        "按 source 和 id 查询报送",
        "The report with this source and id, and its outcome.",
        ("read",),
        Outcome,
        parameters=(
            Parameter("source", "CloudEvents source", "CloudEvents source", required=True),
            Parameter("id", "CloudEvents id", "CloudEvents id", required=True),
        ),
        problems=(400, 404),
    ),
    Route(
        "metrics",
        "get",
        f"{_P}/standings",
        "listStandings",
        "各序列的进度状态",
        "The standing of each series: its newest, or as of a date and as known at a moment.",
        ("read",),
        Standing,
        listed=True,
        parameters=(*_SERIES, *_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "metrics",
        "get",
        f"{_P}/standings/{{indicator}}/{{district}}",
        "getStanding",
        "一个序列的进度状态及全部计算输入",
        "The standing of one series with every input of the calculation and the sentence that explains it.",
        ("read",),
        Standing,
        parameters=_CLOCKS,
        problems=(400, 404),
    ),
    Route(
        "metrics",
        "get",
        f"{_P}/standings/{{indicator}}/{{district}}/history",
        "getStandingHistory",
        "一个序列的历次进度状态",
        "Every version of every standing of one series, in the order in which they became known.",
        ("read",),
        Standing,
        listed=True,
        parameters=(*_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "metrics",
        "get",
        f"{_P}/completeness",
        "getCompleteness",
        "按区县和单位统计报送及时率、完整率",
        "Completeness and timeliness by district and by department.",
        ("read",),
        f"districts:[{_COMPLETENESS}] departments:[{_COMPLETENESS}]",
        parameters=_CLOCKS,
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        "/v1/feed",
        "getFeed",
        "预警信息流,按提交顺序",
        "The feed's messages in commit order; `next` is always given: it is where to go on.",
        ("read",),
        FeedMessage,
        listed=True,
        parameters=_PAGE,
        problems=(400,),
    ),
    Route(
        "alerts",
        "get",
        f"{_P}/lights",
        "listLights",
        "各序列当前的灯",
        "The light each series shows, the worst first by `light`; or as of a date and as known at a moment.",
        ("read",),
        _LIGHT,
        listed=True,
        parameters=(*_SERIES, Parameter("light", "灯色", "colour"), *_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        f"{_P}/lights/{{indicator}}/{{district}}",
        "getLight",
        "一个序列的灯及其各期",
        "The light of one series, and the lights of its cells.",
        ("read",),
        f"series:({_LIGHT}) cells:[{_CELL}]",
        parameters=_CLOCKS,
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        f"{_P}/lights/{{indicator}}/{{district}}/history",
        "getLightHistory",
        "一个序列历次灯色变化",
        "How the lights of one series changed.",
        ("read",),
        "object",
        listed=True,
        parameters=(*_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        f"{_P}/warnings",
        "listWarnings",
        "预警",
        "Warnings: live lights that got worse (rule 6.5).",
        ("read",),
        _WARNING,
        listed=True,
        parameters=(*_SERIES, Parameter("state", "状态", "state"), *_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        f"{_P}/tickets",
        "listTickets",
        "督办单",
        "Tickets (rule 8).",
        ("read",),
        _TICKET,
        listed=True,
        parameters=(*_SERIES, Parameter("state", "状态", "state"), *_CLOCKS, *_PAGE),
        problems=(400, 404),
    ),
    Route(
        "alerts",
        "get",
        "/v1/tickets/{ticket}",
        "getTicket",
        "一张督办单及其全部经过",
        "One ticket with everything that happened to it.",
        ("read",),
        _WITH_EVENTS,
        problems=(404,),
    ),
    Route(
        "alerts",
        "post",
        "/v1/tickets/{ticket}/acts",
        "postAct",
        "对督办单的操作:签收、反馈、复核、升级",
        "Sign and answer (the addressee, kind act), review and escalate (the office, kind review). Done or refused, "
        "never half; 409 in a state that does not take the act.",
        ("act", "review"),
        _WITH_EVENTS,
        accepts={"application/json": "act reason? cause? plan? promised_on:date?"},
        problems=(404, 409, 413, 422),
    ),
    Route(
        "alerts",
        "get",
        "/v1/watermarks",
        "getWatermarks",
        "各分区已判定到的时刻",
        "How far each partition has been judged, and the next moment at which time alone moves something.",
        ("read",),
        "partitions:object next_at:moment?",
    ),
)

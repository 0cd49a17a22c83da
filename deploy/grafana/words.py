"""Which columns of which table show their values as a word, coloured or not. Rules and events are called as on the
desk: out of its texts."""

from collections.abc import Mapping
from pathlib import Path

import yaml

from deploy.grafana.looking import COLOURS, LEVELS, LIGHT, LIGHTS, STATES

_STATE = {"状态 State": STATES}
_LEVEL = {"督办 Level": LEVELS}
AGES = {"陈旧 stale": ("▨ 陈旧 stale", "#4a5568"), "已结束 ended": ("▣ 已结束 ended", "#2d3748")}
ITEM_WORDS = {LIGHT: LIGHTS, "新旧 Age": AGES, **_LEVEL, **_STATE}
TICKET_WORDS = {**_LEVEL, **_STATE, LIGHT: COLOURS}
MESSAGE_WORDS = {LIGHT: COLOURS}


def _desks(page: str, start: str) -> dict[str, str]:
    """The desk's words for codes: `rule_lag` is what it calls the rule `lag`."""
    text = (Path(__file__).parents[2] / f"services/desk/texts/{page}.yaml").read_text("utf-8")
    said: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return {
        name.removeprefix(start): f"{words['zh']} {words['en']}"
        for name, words in said.items()
        if name.startswith(start)
    }


RULES = {"类型 Rule": _desks("tickets", "rule_")}
TICKET_CODES = RULES | {
    "计时 Timer": {"ack": "签收 to acknowledge", "answer": "反馈 to answer", "review": "复核 to review"},
    "结果 Closed as": {
        "passed": "复核通过 review passed", "no_objection": "期满无异议 no objection", "received": "收到补报 reported",
        "excused": "免报 excused", "relapsed": "再次滞后 relapsed", "ended": "到期结案 ended",
        "restated": "数据更正 restated",
    },
}  # fmt: skip
EVENTS = RULES | {
    "事件 Event": _desks("ticket", "event_"),
    "由 From": _desks("tickets", "state_") | {"NONE": "—"},
    "至 To": _desks("tickets", "state_"),
}

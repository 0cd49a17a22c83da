"""Every reason for which intake turns an item down: a stable code and what would be right, in Chinese and English.

The only list of these codes: acceptance raises them, the OpenAPI document prints them, the examples name them. The
texts lie in a room for each kind of item.
"""

from collections.abc import Mapping
from types import MappingProxyType

import msgspec

from contracts.events import Text
from contracts.objections import acts, projects, reports, tables
from contracts.verdicts import Status, Step


class Kind(msgspec.Struct, frozen=True):
    """What an objection of one code means for the item."""

    status: Status
    step: Step
    text: Text
    retryable: bool = False


class Objection(msgspec.Struct, frozen=True):
    """One reason against one item. `args` fill the texts; `pointer` is a JSON pointer into the event."""

    code: str
    pointer: str | None = None
    args: Mapping[str, str] = MappingProxyType({})
    related: tuple[int, ...] = ()

    @property
    def kind(self) -> Kind:
        return OBJECTIONS[self.code]

    @property
    def text(self) -> Text:
        template = self.kind.text
        return Text(template.zh.format_map(self.args), template.en.format_map(self.args))


def _table(
    status: Status, step: Step, texts: Mapping[str, tuple[str, str]], retryable: bool = False
) -> dict[str, Kind]:
    return {code: Kind(status, step, Text(zh, en), retryable) for code, (zh, en) in texts.items()}


_DUPLICATE = {
    "duplicate": ("与本批第 {others} 条完全相同", "the same event as item {others} of this batch"),
}
_PUBLISHING = {
    "broker_unavailable": (
        "{seconds} 秒内未得到消息队列确认，请原样重发(相同 source 和 id 不会重复入库)",
        "not confirmed within {seconds} s; send the same again (one source and id is never recorded twice)",
    ),
}
_ABORTED = {
    "batch_aborted": (
        "整批要求全部成功(atomic)，而第 {others} 条未通过，故未发送",
        "not sent: the batch is atomic and items {others} did not pass",
    ),
}

OBJECTIONS: Mapping[str, Kind] = MappingProxyType(
    _table("rejected", "decoding", reports.DECODING | tables.DECODING)
    | _table("rejected", "validating", reports.VALIDATING)
    | _table("rejected", "authorising", reports.AUTHORISING)
    | _table("rejected", "validating", acts.VALIDATING | acts.OF_SEVERAL)
    | _table("rejected", "authorising", acts.AUTHORISING)
    | _table("rejected", "validating", projects.VALIDATING)
    | _table("rejected", "authorising", projects.AUTHORISING)
    | _table("duplicate", "validating", _DUPLICATE)
    | _table("failed", "publishing", _PUBLISHING, retryable=True)
    | _table("aborted", "publishing", _ABORTED, retryable=True)
)
OF_ACTS = frozenset({*acts.VALIDATING, *acts.AUTHORISING, *acts.OF_SEVERAL})  # never said of a report
OF_PROJECTS = frozenset({*projects.VALIDATING, *projects.AUTHORISING, "invalid_date"})  # never said of a report
OF_TABLES = frozenset(tables.DECODING)  # only said of a cell of a table

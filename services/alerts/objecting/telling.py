"""The feed's messages of objections (rule 9): one that a unit objects, one with the office's answer, or that the unit
takes it back. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.events import Text
from contracts.feed_events import FeedMessage
from contracts.periods import Period, parse
from contracts.programme import Lookup
from contracts.quoting import quoted
from services.alerts import naming, texts
from services.alerts.feed import Links
from services.alerts.words import LIGHTS

About = Literal["light", "target"]
Ruling = Literal["upheld", "dismissed"]
Ending = Ruling | Literal["withdrawn"]  # what ends an objection: the office's answer, or its unit
SAID = 120  # characters of a reason that a message repeats; the page has all of it


@dataclass(frozen=True, slots=True)
class Objection:
    """What a unit disputes: a light of record (`which` is its period) or a target (its year)."""

    id: str
    indicator: str
    district: str
    about: About
    which: str
    unit: str
    author: str
    reason: str
    at: datetime
    light: Literal["green", "yellow", "red", "grey"] | None = None  # of record, where it is about that

    @property
    def period(self) -> Period:
        """The light's, or the target's year."""
        return parse(self.which)


@dataclass(frozen=True, slots=True)
class Reply:
    """The office's answer, or the word of the unit that takes it back."""

    ruling: Ending
    author: str
    reason: str
    at: datetime


def message_id(objection: str, which: str) -> str:
    """Of the objection (`objected`), its answer or its withdrawal."""
    return naming.message(f"objection|{objection}", which)


def message(
    seq: int, objection: Objection, reply: Reply | None, through: datetime, lookup: Lookup, links: Links
) -> FeedMessage:
    """`reply` None: the objection itself."""
    programme, first = lookup.programme.id, message_id(objection.id, "objected")
    said, step = _said(objection, reply, lookup), _step(reply)
    at = objection.at if reply is None else reply.at
    reason = "objected" if reply is None else f"objection_{reply.ruling}"
    item = f"{links.metrics}/v1/programmes/{programme}/standings/{objection.indicator}/{objection.district}"
    board = f"{links.boards}/d/liangshai-district?var-programme={programme}&var-district={objection.district}"
    return FeedMessage(
        seq=seq,
        message_id=first if reply is None else message_id(objection.id, reason),
        msg_type="Alert" if reply is None else "Cancel" if reply.ruling == "withdrawn" else "Update",
        references=() if reply is None else (first,),
        sent=at,
        version="1",
        rule="lag",
        kind="objection",
        ticket_id=None,
        notification_reason=reason,
        group_key=naming.group_key(objection.district, objection.which),
        fingerprint=naming.fingerprint("objection", programme, objection.indicator, objection.district),
        episode=None,
        severity="red" if objection.light == "red" else "yellow",
        ticket_level=None,
        certainty="observed",
        starts_at=objection.at,
        ends_at=None if reply is None else reply.at,
        labels={
            "programme": programme,
            "indicator": objection.indicator,
            "district": objection.district,
            "department": lookup.indicators[objection.indicator].lead,
            "addressee": objection.unit,
            "objection": objection.id,
        },
        annotations={
            "summary_zh": said.zh,
            "summary_en": said.en,
            "lag_text_zh": "",
            "lag_text_en": "",
            "next_step_zh": step.zh,
            "next_step_en": step.en,
        },
        inputs={"expected": None, "actual": None, "target": None},
        reason_code=objection.about,
        period=objection.which,
        as_of=objection.period.end,
        data_cutoff=min(at, through),
        links={"item": item, "board": board}
        | links.page(f"items/{objection.indicator}/{objection.district}#objection-{objection.id}"),
    )


def _said(objection: Objection, reply: Reply | None, lookup: Lookup) -> Text:
    what, who = _what(objection, lookup), _name(objection.unit, lookup)
    if reply is None:
        reason = _short(objection.reason)
        return Text(f"异议：{who.zh}对{what.zh}有异议：{reason}", f"{who.en} objects to {what.en}: {reason}")
    reason = _short(reply.reason)
    if reply.ruling == "withdrawn":
        zh = f"撤回异议：{who.zh}撤回对{what.zh}的异议：{reason}"
        return Text(zh, f"{who.en} takes back its objection to {what.en}: {reason}")
    zh, en = ("成立", "upheld") if reply.ruling == "upheld" else ("不成立", "dismissed")
    return Text(
        f"异议答复：{who.zh}对{what.zh}的异议{zh}：{reason}",
        f"The objection of {who.en} to {what.en} is {en}: {reason}",
    )


def _what(objection: Objection, lookup: Lookup) -> Text:
    indicator, place = lookup.indicators[objection.indicator].name, _name(objection.district, lookup)
    when = texts.period(objection.period)
    if objection.about == "target":
        zh = f"{place.zh}{quoted(indicator.zh)}{when.zh}目标"
        return Text(zh, f"the target of {when.en} of {indicator.en}, {place.en}")
    light = LIGHTS[objection.light or "grey"]
    zh = f"{place.zh}{quoted(indicator.zh)}{when.zh}定格的{light.zh}"
    return Text(zh, f"the light of record ({light.en}) of {when.en} of {indicator.en}, {place.en}")


def _step(reply: Reply | None) -> Text:
    if reply is None:
        return Text("请专班办公室答复", "the office answers")
    if reply.ruling == "upheld":
        return Text(
            "更正数据、修改目录等由相应操作完成", "what follows (a correction, another target) is an act of its own"
        )
    return Text("灯和目标不变", "light and target stay")


def _name(unit: str, lookup: Lookup) -> Text:
    found = lookup.departments.get(unit) or lookup.districts.get(unit)
    return Text(unit, unit) if found is None else found.name


def _short(reason: str) -> str:
    words = " ".join(reason.split())
    return words if len(words) <= SAID else f"{words[: SAID - 1]}…"

"""Feed messages about projects and red lines (rules 9 and 12), Chinese first, English beside. Pure.

A red line is said at once: kind `warning`, red, reason_code `red_line`; its closing updates that message.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from contracts.events import Text
from contracts.feed_events import FeedMessage
from contracts.periods import SHANGHAI, Frequency, ending, parse
from contracts.programme import Lookup
from contracts.project_events import ProjectStanding, RedLineState
from contracts.project_words import lag_text
from contracts.projects import RED_LINES
from contracts.quoting import quoted
from services.alerts import naming, texts
from services.alerts.feed import Links, msg_type
from services.alerts.projects.lights import month_at
from services.alerts.projects.loading import RULE, Loaded, message_id, ticket_id
from services.alerts.projects.supervision import Message
from services.alerts.words import LEVELS, LIGHTS

# What each message says happened; {light} and {level} are filled in.
_HAPPENED: Mapping[str, Text] = {
    "first": Text("亮{light}，立督办单（{level}）", "{light} of record, ticket opened ({level})"),
    "worsened": Text("转为{light}，督办升级为{level}", "worsened to {light}, raised to {level}"),
    "escalated": Text("仍为{light}，督办升级为{level}", "still {light}, escalated to {level}"),
    "reminder": Text("仍为{light}，请尽快落实（{level}）", "still {light}, reminder ({level})"),
    "acknowledged": Text("责任单位已签收（{level}）", "acknowledged ({level})"),
    "answered": Text("责任单位已反馈（{level}）", "answered ({level})"),
    "recovered": Text("恢复绿灯，待复核", "green again, awaiting review"),
    "objected": Text("责任单位提出异议，待专班办公室答复（{level}）", "the unit objects ({level})"),
    "objection_upheld": Text("专班办公室答复：异议成立（{level}）", "objection upheld ({level})"),
    "objection_dismissed": Text("专班办公室答复：异议不成立（{level}）", "objection dismissed ({level})"),
    "objection_withdrawn": Text("责任单位撤回异议（{level}）", "the unit takes its objection back ({level})"),
    "reopened": Text("复核未通过，重新督办（{level}）", "review refused, open again ({level})"),
    "closed": Text("督办单销号", "ticket closed"),
    "cancelled": Text("数据更正后不再滞后，督办单撤销", "no lag left after correction, ticket cancelled"),
    "restated": Text("数据更正，督办级别不变（{level}）", "restated, level kept ({level})"),
    "suppressed": Text("暂缓督办", "suppressed"),
}
_CLOSED = {
    "relapsed": Text("督办单结案，复核前再次滞后", "ticket closed: it fell back before the review"),
    "no_objection": Text("督办单销号，复核期满无异议", "ticket closed: no objection within the review period"),
    "ended": Text("督办单结案，项目已完成或退出清单", "ticket closed: the project was completed or left the list"),
}


def of_ticket(seq: int, each: Loaded, message: Message, lookup: Lookup, links: Links) -> FeedMessage:
    """One message about a project's ticket."""
    standing, ticket = each.project.standing, message.ticket
    assert standing is not None
    cell, plan = each.project.cells[message.cell], standing.plan
    month = month_at(standing, cell)
    earlier = tuple(each.told.get(ticket.episode, ()))
    far, said = lag_text(standing, month), _summary(message, standing, lookup, cell.period.text)
    references: Sequence[str] = earlier if message.reason == "cancelled" else earlier[-1:]
    return FeedMessage(
        seq=seq,
        message_id=message_id(each, message),
        msg_type=msg_type(message.reason),
        references=tuple(references),
        sent=message.at,
        version="1",
        rule="project",
        kind="ticket",
        ticket_id=ticket_id(each, ticket),
        notification_reason=message.reason,
        group_key=naming.group_key(plan.district, cell.period.text),
        fingerprint=naming.fingerprint(RULE, each.programme, each.id, plan.district),
        episode=ticket.episode,
        severity=ticket.severity,
        ticket_level=ticket.level,
        certainty="observed",
        starts_at=ticket.opened_at or message.at,
        ends_at=ticket.closed_at,
        labels=_labels(each.programme, plan.district, plan.department, project=each.id, addressee=plan.writer),
        annotations={"summary_zh": said.zh, "summary_en": said.en, "lag_text_zh": far.zh, "lag_text_en": far.en},
        inputs={
            "expected": None if month is None else month.due,
            "actual": None if month is None else month.done,
            "target": "100",
        },
        reason_code=message.code,
        period=cell.period.text,
        as_of=cell.period.end,
        data_cutoff=message.through,
        links=_links(each.programme, f"projects/{each.id}", plan.district, links, f"tickets/{ticket_id(each, ticket)}")
        | {"ticket": f"{links.alerts}/v1/tickets/{ticket_id(each, ticket)}"},
    )


def of_red_line(
    seq: int, line: RedLineState, raised: str | None, at: datetime, lookup: Lookup,
    standing: ProjectStanding | None, links: Links,
) -> FeedMessage:  # fmt: skip
    """A red line that was raised, or (`raised` names the message that said so) closed."""
    reason = "early" if raised is None else "closed"
    what, when = RED_LINES[line.red_line], line.raised_on if line.closed_at is None else line.closed_at.date()
    district = lookup.districts[line.district].name
    name = _subject(line, lookup, standing)
    if raised is None:
        said = Text(
            f"红线预警：{district.zh}{quoted(name.zh)}触碰{what.zh}——{line.text}。",
            f"Red line: {district.en}, {name.en}: {what.en} touched. {line.text}",
        )
    else:
        said = Text(
            f"红线销号：{district.zh}{quoted(name.zh)}{what.zh}——{line.reason}。",
            f"Red line closed: {district.en}, {name.en}: {what.en}. {line.reason}",
        )
    department = _department(line, lookup, standing)
    named = {line.kind: line.name}
    period = ending(Frequency.MONTHLY, when)
    return FeedMessage(
        seq=seq,
        message_id=raised_message(line) if raised is None else naming.message(line.key, reason),
        msg_type=msg_type(reason),
        references=() if raised is None else (raised,),
        sent=at,
        version="1",
        rule="project",
        kind="warning",
        ticket_id=None,
        notification_reason=reason,
        group_key=naming.group_key(line.district, period.text),
        fingerprint=naming.fingerprint(f"{RULE}.{line.red_line}", line.programme, line.name, line.district),
        episode=line.episode,
        severity="red",
        ticket_level=None,
        certainty="observed",
        starts_at=line.raised_at.astimezone(SHANGHAI),
        ends_at=None if line.closed_at is None else line.closed_at.astimezone(SHANGHAI),
        labels=_labels(line.programme, line.district, department, red_line=line.red_line, **named),
        annotations={"summary_zh": said.zh, "summary_en": said.en, "lag_text_zh": what.zh, "lag_text_en": what.en},
        inputs={"expected": None, "actual": None, "target": None},
        reason_code="red_line",
        period=period.text,
        as_of=when,
        data_cutoff=at,
        links=_links(
            line.programme,
            f"projects/{line.name}" if line.kind == "project" else "red-lines",
            line.district,
            links,
            f"projects/{line.name}#red-lines" if line.kind == "project" else f"items/{line.name}/{line.district}",
        ),
    )


def raised_message(line: RedLineState) -> str:
    """The name of the message that said that a red line was raised."""
    return naming.message(line.key, "early")


def _summary(message: Message, standing: ProjectStanding, lookup: Lookup, period: str) -> Text:
    """One message in one sentence: which project, which month, what happened, how far behind."""
    plan, ticket = standing.plan, message.ticket
    happened = _CLOSED.get(message.code or "", _HAPPENED[message.reason])
    light, level = LIGHTS[ticket.severity], LEVELS.get(ticket.level, Text("", ""))
    zh = happened.zh.format(light=light.zh, level=level.zh)
    en = happened.en.format(light=light.en, level=level.en)
    when, district = texts.period(parse(period)), lookup.districts[plan.district].name
    month = next((each for each in standing.months if each.period == period), None)
    far = lag_text(standing, month)
    contact = f"市级联系人{plan.contact.name}（{plan.contact.role}）"
    zh = f"{district.zh}重大项目{quoted(plan.name.zh)}{when.zh}{zh}：{far.zh}，{contact}。"
    return Text(zh, f"{district.en}, project {plan.name.en}, {when.en}: {en}; {far.en}.")


def _subject(line: RedLineState, lookup: Lookup, standing: ProjectStanding | None) -> Text:
    if line.kind == "indicator":
        return lookup.indicators[line.name].name
    return Text(line.name, line.name) if standing is None else standing.plan.name


def _department(line: RedLineState, lookup: Lookup, standing: ProjectStanding | None) -> str:
    if line.kind == "indicator":
        return lookup.indicators[line.name].lead
    return "" if standing is None else standing.plan.department


def _labels(programme: str, district: str, department: str, **named: str) -> dict[str, str]:
    """`indicator` is there for every message of the feed: of a project it is its id, so that filters find it."""
    labels = {"programme": programme, "indicator": named.get("project", named.get("indicator", ""))}
    return labels | {"district": district, "department": department} | named


def _links(programme: str, item: str, district: str, links: Links, page: str) -> dict[str, str]:
    return {
        "item": f"{links.metrics}/v1/programmes/{programme}/{item}",
        "board": f"{links.boards}/d/liangshai-district?var-programme={programme}&var-district={district}",
    } | links.page(page)

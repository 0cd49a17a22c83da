"""Feed messages (预警信息流, rule 9): from what is due to be said to the document that every receiver gets. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from contracts.events import Standing, Text
from contracts.feed_events import FeedMessage
from contracts.periods import parse
from contracts.programme import CITY, Lookup
from contracts.responsibility import writer
from services.alerts import naming, texts
from services.alerts.changes import Message
from services.alerts.next_steps import Today, next_step
from services.alerts.supervision import Series
from services.alerts.table import Rule
from services.alerts.tickets import Ticket

MsgType = Literal["Alert", "Update", "Cancel"]


@dataclass(frozen=True, slots=True)
class Links:
    """Where the links of a message lead: the public addresses of metrics and alerts, of the boards and of the desk."""

    metrics: str = ""
    alerts: str = ""
    boards: str = ""
    desk: str = ""

    def page(self, path: str) -> dict[str, str]:
        """The page of officials that a message is about, where there is a desk."""
        return {"page": f"{self.desk}/{path}"} if self.desk else {}


@dataclass(frozen=True, slots=True)
class Chain:
    """The earlier messages of an episode, oldest first."""

    ticket_id: str
    message_ids: Sequence[str] = ()


def msg_type(reason: str) -> MsgType:
    """Alert begins, Cancel takes back, everything else updates (CAP 1.2)."""
    return {"early": "Alert", "first": "Alert", "withdrawn": "Cancel", "cancelled": "Cancel"}.get(reason, "Update")  # type: ignore[return-value] # the values are MsgTypes


def addressee(lookup: Lookup, indicator: str, district: str, rule: Rule = "lag", period: str | None = None) -> str:
    """Who answers a ticket: the district of its series, the lead department of the city's; for a report that is
    missing the unit that writes the cell of that period (rule 2.4)."""
    if rule == "reporting":
        return writer(lookup, indicator, district, parse(period) if period else None)
    return lookup.indicators[indicator].lead if district == CITY else district


def build(
    seq: int,
    message: Message,
    series: Series,
    standing: Standing | None,
    chain: Chain | None,
    lookup: Lookup,
    links: Links,
) -> FeedMessage:
    """One message; `standing` is that of its cell, `chain` the ticket's messages before it."""
    name, period = series.name, series.cells[message.cell].period
    indicator, ticket, warning = lookup.indicators[name.indicator], message.ticket, message.warning
    rule: Rule = "lag" if ticket is None else ticket.rule
    severity = ticket.severity if ticket is not None else warning.colour if warning is not None else "yellow"
    said = texts.summary(
        message.reason, message.code, severity, ticket, indicator, lookup.districts[name.district], period, standing,
    )  # fmt: skip
    far = Text("", "") if standing is None else texts.lag(standing, indicator)
    return FeedMessage(
        seq=seq,
        message_id=message_id(message, chain),
        msg_type=msg_type(message.reason),
        references=_references(message, chain),
        sent=message.at,
        version="1",
        rule=rule,
        kind="warning" if ticket is None else "ticket",
        ticket_id=chain.ticket_id if chain is not None else None,
        notification_reason=message.reason,
        group_key=naming.group_key(name.district, period.text),
        fingerprint=naming.fingerprint(rule, name.programme, name.indicator, name.district),
        episode=ticket.episode if ticket is not None else None,
        severity=severity,
        ticket_level=ticket.level if ticket is not None else None,
        certainty="forecast" if rule == "forecast" else "observed",
        starts_at=_starts(message),
        ends_at=_ends(message),
        labels={
            "programme": name.programme,
            "indicator": name.indicator,
            "district": name.district,
            "department": indicator.lead,
            "addressee": addressee(lookup, indicator.id, name.district, rule, ticket.last_period if ticket else None),
        },
        annotations={
            "summary_zh": said.zh,
            "summary_en": said.en,
            "lag_text_zh": far.zh,
            "lag_text_en": far.en,
            **_next(ticket, Today(message.at, series.calendar)),
        },
        inputs={
            "expected": None if standing is None else standing.expected,
            "actual": None if standing is None else standing.value,
            "target": None if standing is None else standing.target,
        },
        reason_code=message.code,
        period=period.text,
        as_of=period.end,
        data_cutoff=_cutoff(message),
        links=_links(series, chain, links),
    )


def _next(ticket: Ticket | None, today: Today) -> dict[str, str]:
    """What follows and by when; a warning obliges nobody."""
    if ticket is None:
        return {}
    step = next_step(
        ticket.rule, ticket.state, ticket.level, today,
        timer_at=ticket.timer_at, promised_on=ticket.promised_on, suppressed_until=ticket.suppressed_until,
    )  # fmt: skip
    return {"next_step_zh": step.zh, "next_step_en": step.en}


def message_id(message: Message, chain: Chain | None) -> str:
    if chain is not None:
        return naming.message(chain.ticket_id, len(chain.message_ids) + 1)
    assert message.warning is not None
    return naming.message(message.warning.id, message.reason)


def _references(message: Message, chain: Chain | None) -> tuple[str, ...]:
    """The previous message of the episode; of a Cancel all of them; of a first one the warnings it confirms."""
    if message.warning is not None:
        return (message.warning.message_id,) if message.reason == "withdrawn" else ()
    earlier = tuple(chain.message_ids) if chain is not None else ()
    return message.names if not earlier else earlier if message.reason == "cancelled" else earlier[-1:]


def _starts(message: Message) -> datetime:
    if message.warning is not None:
        return message.warning.opened_at
    return message.ticket.opened_at if message.ticket is not None and message.ticket.opened_at else message.at


def _ends(message: Message) -> datetime | None:
    if message.warning is not None:
        return message.at if message.reason == "withdrawn" else None
    return message.ticket.closed_at if message.ticket is not None else None


def _cutoff(message: Message) -> datetime:
    """Everything received before it is in the numbers."""
    return message.at if message.through is None else message.through


def _links(series: Series, chain: Chain | None, links: Links) -> dict[str, str]:
    name = series.name
    item = f"{links.metrics}/v1/programmes/{name.programme}/standings/{name.indicator}/{name.district}"
    board = f"{links.boards}/d/liangshai-district?var-programme={name.programme}&var-district={name.district}"
    found = {"item": item, "board": board}
    if chain is not None:
        found["ticket"] = f"{links.alerts}/v1/tickets/{chain.ticket_id}"
    page = f"items/{name.indicator}/{name.district}" if chain is None else f"tickets/{chain.ticket_id}"
    return found | links.page(page)


def ticket_id(series: Series, ticket: Ticket) -> str:
    name = series.name
    return naming.ticket(ticket.lane, name.programme, name.indicator, name.district, ticket.episode)

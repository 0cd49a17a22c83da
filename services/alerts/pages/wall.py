"""The city wall as a document: who is behind, worst first, by how much and what was sent about it.

Pure: rows of the database and the catalogue's words in, one document out; `page.py` draws it, /wall.json serves it.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

import msgspec

from contracts.events import Text
from contracts.feed_events import FeedMessage
from contracts.numbers import UNITS
from contracts.periods import SHANGHAI
from contracts.programme import Indicator, Lookup
from services.alerts.lives import Key
from services.alerts.pages.shapes import (
    Choice,
    Counts,
    Facts,
    Item,
    Message,
    OpenTicket,
    Row,
    TicketMark,
    WallDocument,
)
from services.alerts.views import SeriesLight
from services.alerts.words import LEVELS, LIGHTS, TICKET_STATES, WORST_FIRST, said

_NONE = Decimal(0)
NO_VERDICT = Text("不作判定", "shown, not judged")
NO_REPORT = Text("尚无可判定的数据", "nothing to judge yet")


def document(
    lookup: Lookup,
    facts: Facts,
    ended: frozenset[Key],
    *,
    choice: Choice,
    now: datetime,
    driven: bool,
    stale: bool,
) -> WallDocument:
    """The wall at `now`. Series that nothing was said about yet stand on it too, grey; those that ended come last."""
    every = complete(lookup, facts.series)
    chosen = [each for each in every if _chosen(each, choice)]
    tickets = {(t.indicator, t.district): t for t in facts.tickets}
    shown = worst_first(chosen, ended)[: choice.rows]
    drawn = WallDocument(
        version="",
        programme=lookup.programme.id,
        name=lookup.programme.name,
        now=now,
        driven=driven,
        as_of=facts.as_of,
        through=facts.through.astimezone(SHANGHAI) if facts.through else None,
        stale=stale,
        simulated=facts.simulated,
        counts=_counts(chosen, ended),
        ended=_number(chosen, ended),
        districts=_by_district(lookup, every, ended),
        total=len(chosen),
        items=[_item(lookup, each, tickets.get(_key(each)), over=_key(each) in ended) for each in shown],
        feed=[_message(each) for each in facts.feed],
        red_lines=[_message(each) for each in facts.red_lines],
    )
    return msgspec.structs.replace(drawn, version=_version(drawn))


def complete(lookup: Lookup, series: Iterable[SeriesLight]) -> list[SeriesLight]:
    """Every series of the programme in the plan's order; without a row of its own: grey."""
    known = {(each.indicator, each.district): each for each in series}
    return [known.get((i.id, district)) or _unknown(lookup, i, district) for i, district in lookup.series]


def worst_first(series: Iterable[SeriesLight], ended: frozenset[Key]) -> list[SeriesLight]:
    """Red, yellow, grey, green; within a colour the largest lag first, those without one last; then what ended."""

    def place(each: SeriesLight) -> tuple[bool, int, bool, Decimal]:
        return _key(each) in ended, WORST_FIRST.index(each.light), each.lag is None, -(each.lag or _NONE)

    return sorted(series, key=place)


def _key(series: SeriesLight) -> Key:
    return series.indicator, series.district


def _unknown(lookup: Lookup, indicator: Indicator, district: str) -> SeriesLight:
    return SeriesLight(
        programme=lookup.programme.id,
        indicator=indicator.id,
        district=district,
        department=indicator.lead,
        light="grey",
        period=None,
        stale=False,
        forecast=False,
        override=None,
        override_until=None,
        red_lines=0,
        since=None,
        lag=None,
        lag_text=NO_REPORT,
        value=None,
        expected=None,
        target=None,
    )


def _chosen(series: SeriesLight, choice: Choice) -> bool:
    return (choice.district is None or series.district == choice.district) and (
        choice.department is None or series.department == choice.department
    )


def _number(series: Iterable[SeriesLight], ended: frozenset[Key]) -> int:
    return sum(1 for each in series if _key(each) in ended)


def _counts(series: Iterable[SeriesLight], ended: frozenset[Key]) -> Counts:
    found = Counter(each.light for each in series if _key(each) not in ended)
    return Counts(red=found["red"], yellow=found["yellow"], grey=found["grey"], green=found["green"])


def _by_district(lookup: Lookup, series: list[SeriesLight], ended: frozenset[Key]) -> list[Row]:
    """The districts that have series, in the plan's order, the city among them."""
    groups: dict[str, list[SeriesLight]] = {each.id: [] for each in lookup.programme.districts}
    for each in series:
        groups.setdefault(each.district, []).append(each)
    return [
        Row(
            id=district,
            name=_name(lookup.districts, district),
            counts=_counts(members, ended),
            ended=_number(members, ended),
        )
        for district, members in groups.items()
        if members
    ]


def _item(lookup: Lookup, series: SeriesLight, ticket: OpenTicket | None, *, over: bool) -> Item:
    indicator = lookup.indicators.get(series.indicator)
    department = series.department or (indicator.lead if indicator else "")
    return Item(
        light=series.light,
        light_text=LIGHTS[series.light],
        stale=series.stale and not over,
        forecast=series.forecast and not over,
        override=None if over else series.override,
        ended=over,
        indicator=series.indicator,
        name=indicator.name if indicator else Text(series.indicator, series.indicator),
        district=series.district,
        district_name=_name(lookup.districts, series.district),
        department=department,
        department_name=_name(lookup.departments, department),
        period=series.period,
        lag=str(series.lag) if series.lag is not None else None,
        lag_text=series.lag_text if series.lag_text.zh else NO_REPORT if series.period is None else NO_VERDICT,
        value=series.value,
        expected=series.expected,
        target=series.target,
        unit=UNITS[indicator.unit].id if indicator else "",
        unit_zh=indicator.unit_zh if indicator else "",
        since=series.since.astimezone(SHANGHAI) if series.since else None,
        ticket=_mark(ticket) if ticket else None,
    )


def _mark(ticket: OpenTicket) -> TicketMark:
    return TicketMark(
        rule=ticket.rule,
        suppressed=ticket.suppressed,
        level=ticket.level,
        level_text=LEVELS[ticket.level],
        state=ticket.state,
        state_text=said(TICKET_STATES, ticket.state),
    )


def _message(message: FeedMessage) -> Message:
    return Message(
        seq=message.seq,
        sent=message.sent.astimezone(SHANGHAI),
        severity=message.severity,
        reason=message.notification_reason,
        summary=Text(message.annotations.get("summary_zh", ""), message.annotations.get("summary_en", "")),
    )


def _name(named: Mapping[str, object], key: str) -> Text:
    found = getattr(named.get(key), "name", None)
    return found if isinstance(found, Text) else Text(key, key)


def _version(drawn: WallDocument) -> str:
    still = msgspec.structs.replace(drawn, now=datetime.min, through=None)
    return hashlib.sha256(msgspec.json.encode(still)).hexdigest()[:16]

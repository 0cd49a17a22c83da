"""From series that were moved to all that is written of them: rows by table, and the feed messages in order. Pure.

How stored light changes map to messages: every change of a stored light is one row of alerts.light_change, with the
colour last `said` before it and `worse` when it is redder than that. Each worse one names its one message by `seq`
(live: the warning `early`; record: the ticket's `first`, `worsened`, or whatever else the table of rule 8 says of it),
or the reason why none was due:
  late           a value known after its due date makes no early warning; its light of record speaks
  outdated       its due date had passed on the platform's clock when it was judged: likewise
  came_and_went  it was judged together with the correction that took it back
  level_kept     the ticket's level covers it: the table says nothing (rule 8, row `floor <= level`)
  earlier_period a restated light with a later verdict after it; the message about the newest one tells it
  not_binding    effort wording: a light, no ticket (rule 4.11)
  ended          the stretch was over before it became known
The reverse: each `early`, `first` and `worsened` is named by exactly one such row. Both are the view alerts.unmatched,
which must be empty.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.events import FeedMessage, Standing, Watermark
from contracts.programme import Lookup
from services.alerts import feed, texts
from services.alerts.judgement import WORSE
from services.alerts.loading import TICKET_COLUMNS, Loaded, Told
from services.alerts.supervision import Change, Message, Series
from services.alerts.tickets import Transition

Rows = list[dict[str, Any]]


@dataclass(slots=True)
class Settlement:
    """Everything one transaction writes, by table."""

    standing: Rows = field(default_factory=list)
    light: Rows = field(default_factory=list)
    series: Rows = field(default_factory=list)
    shown: Rows = field(default_factory=list)  # what a series shows of its standing
    warning: Rows = field(default_factory=list)
    ticket: Rows = field(default_factory=list)
    ticket_event: Rows = field(default_factory=list)
    light_change: Rows = field(default_factory=list)
    feed: Rows = field(default_factory=list)
    watermark: Rows = field(default_factory=list)


def drop_passing(loaded: Sequence[Loaded], said: list[tuple[Loaded, Message]]) -> list[tuple[Loaded, Message]]:
    """Warnings that came and went in what is settled together are not sent (rule 6.5)."""
    gone: set[str] = set()
    for each in loaded:
        series = each.series
        early = {m.warning.id for m in series.messages if m.reason == "early" and m.warning is not None}
        passing = {w.id for w in series.resolved if w.state == "withdrawn" and w.id in early}
        series.resolved = [w for w in series.resolved if w.id not in passing]
        gone |= passing
    return [(each, m) for each, m in said if m.warning is None or m.warning.id not in gone]


def settle(
    loaded: Sequence[Loaded],
    said: Sequence[tuple[Loaded, Message]],
    seq: int,
    standings: Callable[[Series, int], Standing | None],
    lookup: Lookup,
    links: feed.Links,
) -> Settlement:
    """All rows; the messages get the numbers after `seq`. `standings` finds the document a cell had before."""
    out = Settlement()
    numbers: dict[int, int] = {}
    for number, (each, message) in enumerate(said, seq + 1):
        numbers[id(message)] = number
        out.feed.append(_feed(_message(number, each, message, standings, lookup, links), message))
    for each in loaded:
        _standings(out, each)
        _lights(out, each)
        _series(out, each, standings, lookup)
        _warnings(out, each, numbers)
        _tickets(out, each, lookup)
        out.light_change += [_change(each, change, numbers) for change in each.series.changes]
    return out


def moved(each: Loaded) -> bool:
    """Whether the series shows another period than before."""
    at = each.series.lights.at
    return bool(each.row["light_period"] != (None if at is None else each.series.cells[at].period.text))


def watermarks(marks: Sequence[Watermark]) -> Rows:
    return [{"partition": m.partition, "through": m.through, "position": m.position} for m in marks]


def _key(each: Loaded) -> dict[str, Any]:
    name = each.series.name
    return {"programme": name.programme, "indicator": name.indicator, "district": name.district}


def _message(
    number: int,
    each: Loaded,
    message: Message,
    standings: Callable[[Series, int], Standing | None],
    lookup: Lookup,
    links: feed.Links,
) -> FeedMessage:
    standing = message.standing or standings(each.series, message.cell)
    if message.ticket is None:
        return feed.build(number, message, each.series, standing, None, lookup, links)
    told = each.told.setdefault(message.ticket.episode, Told())
    chain = feed.Chain(feed.ticket_id(each.series, message.ticket), tuple(told.message_ids))
    built = feed.build(number, message, each.series, standing, chain, lookup, links)
    told.message_ids.append(built.message_id)
    return built


def _feed(message: FeedMessage, of: Message) -> dict[str, Any]:
    named = ("seq", "message_id", "sent", "rule", "kind", "notification_reason", "severity", "period")
    labels = {name: message.labels[name] for name in ("programme", "indicator", "district")}
    return (
        {name: getattr(message, name) for name in named}
        | labels
        | {
            "ticket": message.ticket_id,
            "warning": None if of.warning is None else of.warning.id,
            "document": message,
        }
    )


def _standings(out: Settlement, each: Loaded) -> None:
    for standing in each.series.standings.values():
        cell = {"period": standing.period, "version": standing.version, "document": standing}
        out.standing.append(_key(each) | cell)


def _lights(out: Settlement, each: Loaded) -> None:
    """The cells whose light or standing changed."""
    series = each.series
    for i, (cell, judgement, light) in enumerate(
        zip(series.cells, series.judgements, series.lights.cells, strict=True)
    ):
        before, version = each.lights[i], 0 if judgement is None else judgement.version
        same = (before.live, before.record, before.caught_up) == (light.live, light.record, light.caught_up)
        if same and version == each.versions[i]:
            continue
        standing = series.standings.get(i)
        row = _key(each) | {
            "period": cell.period.text,
            "period_end": cell.period.end,
            "due_at": cell.record_at,
            "lock_at": cell.lock_at,
            "live": light.live,
            "record": light.record,
            "fixed_at": series.fixed.get(i),
            "caught_up": light.caught_up,
            "lag": standing.lag if standing is not None else None,
            "version": version,
        }
        if judgement is not None:
            row |= {
                "after": judgement.after,
                "owed_period": judgement.owed_period,
                "stretch": judgement.stretch,
                "known_at": judgement.known_at,
            }
        row |= {"quota": judgement is not None and judgement.quota, "binding": judgement is None or judgement.binding}
        out.light.append(row)


def _series(out: Settlement, each: Loaded, standings: Callable[[Series, int], Standing | None], lookup: Lookup) -> None:
    series, lights = each.series, each.series.lights
    period = None if lights.at is None else series.cells[lights.at].period.text
    colours = [w.colour for open_ in series.warnings.values() for w in open_]
    row = {
        "light": lights.light,
        "light_period": period,
        "stale": lights.stale,
        "since": series.since or each.row["since"],
        "next_at": series.next_at,
        "warned": max(colours, key=lambda colour: WORSE[colour], default=None),
    }
    if any(row[name] != each.row[name] for name in row):
        out.series.append(_key(each) | row)
    if moved(each) or lights.at in series.standings:
        at = lights.at
        standing = None if at is None else series.standings.get(at) or standings(series, at)
        out.shown.append(_key(each) | _shown(standing, lookup))


def _shown(standing: Standing | None, lookup: Lookup) -> dict[str, Any]:
    if standing is None:
        names = ("mode", "lag", "lag_text_zh", "lag_text_en", "value", "expected", "target")
        return dict.fromkeys(names)
    said = texts.lag(standing, lookup.indicators[standing.indicator])
    return {
        "mode": standing.mode,
        "lag": standing.lag,
        "lag_text_zh": said.zh,
        "lag_text_en": said.en,
        "value": standing.value,
        "expected": standing.expected,
        "target": standing.target,
    }


def _warnings(out: Settlement, each: Loaded, numbers: dict[int, int]) -> None:
    """New ones that were sent, and those that were resolved: the last state of each."""
    new = [m.warning for m in each.series.messages if m.reason == "early" and id(m) in numbers and m.warning]
    last = {warning.id: warning for warning in (*new, *each.series.resolved)}
    for warning in last.values():
        named = ("period", "colour", "state", "opened_at", "closed_at", "message_id")
        out.warning.append(_key(each) | {"warning": warning.id} | {name: getattr(warning, name) for name in named})


def _tickets(out: Settlement, each: Loaded, lookup: Lookup) -> None:
    for transition in each.series.transitions:
        out.ticket_event.append(_event(each, transition))
    indicator = lookup.indicators[each.series.name.indicator]
    moved_ = {transition.after.episode for transition in each.series.transitions}
    for ticket in each.series.episodes:
        if ticket.episode not in moved_:
            continue
        ids = each.told.setdefault(ticket.episode, Told()).message_ids
        out.ticket.append(
            _key(each)
            | {name: getattr(ticket, name) for name in TICKET_COLUMNS}
            | {
                "ticket": feed.ticket_id(each.series, ticket),
                "rule": feed.RULE,
                "department": indicator.lead,
                "addressee": feed.addressee(indicator, each.series.name.district),
                "message_ids": ids,
                "last_message_id": ids[-1] if ids else None,
            }
        )


def _event(each: Loaded, transition: Transition) -> dict[str, Any]:
    told = each.told.setdefault(transition.after.episode, Told())
    told.events += 1
    event = transition.event
    detail = {
        "colour": event.colour,
        "period": event.period or None,
        "says": transition.says,
        "code": transition.code,
        "reason": event.reason,
        "cause": event.cause,
        "plan": event.plan,
        "promised_on": event.promised_on,
    }
    return {
        "ticket": feed.ticket_id(each.series, transition.after),
        "position": told.events,
        "at": event.at,
        "event": transition.row,
        "actor": event.actor,
        "from_state": transition.before.state,
        "to_state": transition.after.state,
        "level": transition.after.level,
        "detail": {name: value for name, value in detail.items() if value is not None},
    }


def _change(each: Loaded, change: Change, numbers: dict[int, int]) -> dict[str, Any]:
    seq = None if change.message is None else numbers.get(id(change.message))
    dropped = change.message is not None and seq is None
    return _key(each) | {
        "period": each.series.cells[change.cell].period.text,
        "kind": change.kind,
        "before": change.before,
        "after": change.after,
        "said": change.said,
        "worse": change.worse,
        "at": change.at,
        "seq": seq,
        "reason": "came_and_went" if dropped else change.reason,
    }

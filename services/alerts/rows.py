"""The rows that are written of a moved series, one function a table; `numbers` are the messages' places in the feed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from contracts.events import Standing
from contracts.feed_events import FeedMessage
from contracts.programme import Lookup
from services.alerts import feed, redlines, texts
from services.alerts.changes import Change, Message
from services.alerts.judgement import WORSE, Judgement
from services.alerts.loading import TICKET_COLUMNS, Loaded
from services.alerts.redlines import RedLine, open_ones
from services.alerts.supervision import Series
from services.alerts.tickets import Transition

Row: TypeAlias = dict[str, Any]
Find: TypeAlias = Callable[[Series, int], Standing | None]  # the document a cell had before


def key_of(each: Loaded) -> Row:
    name = each.series.name
    return {"programme": name.programme, "indicator": name.indicator, "district": name.district}


def feed_row(message: FeedMessage, of: Message, groups: Sequence[str]) -> Row:
    """`groups`: for whom it is by the catalogue's routing."""
    named = ("seq", "message_id", "sent", "rule", "kind", "notification_reason", "severity", "period")
    labels = {name: message.labels[name] for name in ("programme", "indicator", "district")}
    return (
        {name: getattr(message, name) for name in named}
        | labels
        | {
            "ticket": message.ticket_id,
            "warning": None if of.warning is None else of.warning.id,
            "groups": groups,
            "document": message,
        }
    )


def standing_rows(each: Loaded) -> Iterator[Row]:
    for standing in each.series.standings.values():
        yield key_of(each) | {"period": standing.period, "version": standing.version, "document": standing}


def replaced_rows(each: Loaded) -> Iterator[Row]:
    """Versions that were followed and are not the last of their cell: the store has never seen them."""
    last = {standing.period: standing.version for standing in each.series.standings.values()}
    for standing in (version.standing for version in each.series.versions):
        if standing.version < last[standing.period]:
            yield key_of(each) | {"period": standing.period, "version": standing.version, "document": standing}


_KEPT = "version", "known_at", "published_at", "stretch", "excused", "received", "misses"


def past_rows(each: Loaded, lookup: Lookup) -> Iterator[Row]:
    """What each version said of its cell, for whoever asks what was known (rule 2.10)."""
    for version in each.series.versions:
        standing, judgement = version.standing, version.judgement
        said = texts.lag(standing, lookup.indicators[standing.indicator])
        yield (
            key_of(each)
            | {name: getattr(standing, name) for name in ("period", "lag", "value", "expected", "target")}
            | {name: getattr(judgement, name) for name in _KEPT}
            | {"lock_at": version.cell.lock_at, "due_at": version.cell.record_at, "derived": standing.derived}
            | {"said_zh": said.zh, "said_en": said.en}
        )


def turn_rows(each: Loaded) -> Iterator[Row]:
    """When the light that the series shows changed."""
    return (key_of(each) | {"at": at} for at in each.series.turns)


def light_rows(each: Loaded) -> Iterator[Row]:
    """The cells whose light or standing changed."""
    series = each.series
    for i, (cell, judgement, light) in enumerate(
        zip(series.cells, series.judgements, series.lights.cells, strict=True)
    ):
        before, version = each.lights[i], 0 if judgement is None else judgement.version
        same = (before.live, before.record, before.caught_up) == (light.live, light.record, light.caught_up)
        by_hand = series.worsened.get(i), series.inhibited.get(i)
        if same and version == each.versions[i] and by_hand == each.by_hand[i]:
            continue
        standing = series.standings.get(i)
        yield (
            key_of(each)
            | _judged(judgement)
            | {
                "period": cell.period.text,
                "period_end": cell.period.end,
                "due_at": cell.record_at,
                "lock_at": series.lock_at(i),
                "live": light.live,
                "record": light.record,
                "fixed_at": series.fixed.get(i),
                "caught_up": light.caught_up,
                "lag": standing.lag if standing is not None else None,
                "version": version,
                "override": by_hand[0],
                "inhibited": by_hand[1],
            }
        )


def _judged(judgement: Judgement | None) -> Row:
    """What a later fold needs of the standing."""
    if judgement is None:
        return {"quota": False, "binding": True, "excused": False, "received": False, "misses": False}
    named = (
        *("after", "owed_period", "stretch", "known_at", "quota", "binding"),
        *("excused", "excused_until", "received", "published_at", "misses"),
    )
    return {name: getattr(judgement, name) for name in named}


def series_rows(each: Loaded) -> Iterator[Row]:
    """The light a series shows and when it is to be looked at again, where that changed."""
    series, lights = each.series, each.series.lights
    colours = [w.colour for open_ in series.warnings.values() for w in open_]
    row = {
        "light": "red" if open_ones(series.lines) else lights.light,
        "computed": lights.light,
        "red_lines": len(open_ones(series.lines)),
        "light_period": shown_period(each),
        "stale": lights.stale,
        "forecast": lights.forecast,
        "override": None if series.override is None else series.override.colour,
        "override_until": None if series.override is None else series.override.until,
        "since": series.turns[-1] if series.turns else each.row["since"],
        "next_at": series.next_at,
        "warned": max(colours, key=lambda colour: WORSE[colour], default=None),
    }
    if any(row[name] != each.row[name] for name in row):
        yield key_of(each) | row


def shown_rows(each: Loaded, standing: Find, lookup: Lookup) -> Iterator[Row]:
    """The numbers and the words of what it shows, where that changed."""
    at = each.series.lights.at
    if retold(each) or at in each.series.standings:
        found = None if at is None else each.series.standings.get(at) or standing(each.series, at)
        yield key_of(each) | _shown(found, lookup, open_ones(each.series.lines))


def shown_period(each: Loaded) -> str | None:
    at = each.series.lights.at
    return None if at is None else each.series.cells[at].period.text


def retold(each: Loaded) -> bool:
    """Whether the series shows another period than before, or other red lines."""
    return bool(
        each.row["light_period"] != shown_period(each) or each.row["red_lines"] != len(open_ones(each.series.lines))
    )


def _shown(standing: Standing | None, lookup: Lookup, lines: Sequence[RedLine]) -> Row:
    far = None if standing is None else texts.lag(standing, lookup.indicators[standing.indicator])
    said = redlines.said([line.kind for line in lines], far)
    numbers = {name: getattr(standing, name, None) for name in ("mode", "lag", "value", "expected", "target")}
    return numbers | {"lag_text_zh": said and said.zh, "lag_text_en": said and said.en}


def warning_rows(each: Loaded, numbers: Mapping[int, int]) -> Iterator[Row]:
    """New ones that were sent, and those that were resolved: the last state of each."""
    new = [m.warning for m in each.series.messages if m.reason == "early" and id(m) in numbers and m.warning]
    last = {warning.id: warning for warning in (*new, *each.series.resolved)}
    named = ("period", "colour", "state", "opened_at", "closed_at", "message_id")
    for warning in last.values():
        yield key_of(each) | {"warning": warning.id} | {name: getattr(warning, name) for name in named}


def ticket_rows(each: Loaded, lookup: Lookup) -> Iterator[Row]:
    """Every episode that something happened to, with the messages it has sent."""
    name, indicator = each.series.name, lookup.indicators[each.series.name.indicator]
    happened = {(t.after.lane, t.after.episode) for t in each.series.tickets.transitions}
    for ticket in (ticket for ticket in each.series.tickets if (ticket.lane, ticket.episode) in happened):
        ids = each.told_of(ticket).message_ids
        yield (
            key_of(each)
            | {column: getattr(ticket, column) for column in TICKET_COLUMNS}
            | {
                "ticket": feed.ticket_id(each.series, ticket),
                "department": indicator.lead,
                "addressee": feed.addressee(lookup, indicator.id, name.district, ticket.rule, ticket.last_period),
                "message_ids": ids,
                "last_message_id": ids[-1] if ids else None,
            }
        )


def override_rows(each: Loaded) -> Iterator[Row]:
    """The last state of each override that began or ended."""
    last = {override.id: override for override in each.series.overrides}
    named = ("colour", "author", "reason", "at", "until", "period", "ended_at", "ended_by", "end_reason")
    for override in last.values():
        yield key_of(each) | {"override": override.id} | {name: getattr(override, name) for name in named}


def event_rows(each: Loaded, lookup: Lookup) -> Iterator[Row]:
    """What happened to its tickets, and how each was left."""
    for transition in each.series.tickets.transitions:
        yield _event(each, transition, lookup)


def _event(each: Loaded, transition: Transition, lookup: Lookup) -> Row:
    ticket, indicator = transition.after, lookup.indicators[each.series.name.indicator]
    after = {column: getattr(ticket, column) for column in TICKET_COLUMNS} | {
        "department": indicator.lead,
        "addressee": feed.addressee(lookup, indicator.id, each.series.name.district, ticket.rule, ticket.last_period),
    }
    told = each.told_of(transition.after)
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
        "approver": event.approver,
        "until": event.until,
        "about": event.about,
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
        "after": after,
        "detail": {name: value for name, value in detail.items() if value is not None},
    }


def change_row(each: Loaded, change: Change, numbers: Mapping[int, int]) -> Row:
    seq = None if change.message is None else numbers.get(id(change.message))
    dropped = change.message is not None and seq is None
    return key_of(each) | {
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

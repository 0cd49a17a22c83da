"""From series that were moved to all that is written of them: rows by table, and the feed messages in order. Pure."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from contracts.events import Watermark
from contracts.feed_events import FeedMessage
from contracts.programme import Lookup
from services.alerts import feed, rows
from services.alerts.changes import Message
from services.alerts.inhibition import Silence
from services.alerts.loading import Loaded

Rows = list[rows.Row]


@dataclass(slots=True)
class Settlement:
    """Everything one transaction writes, by table."""

    standing: Rows = field(default_factory=list)
    standing_past: Rows = field(default_factory=list)  # those that were replaced in what is settled together
    light: Rows = field(default_factory=list)
    light_past: Rows = field(default_factory=list)
    series: Rows = field(default_factory=list)
    shown: Rows = field(default_factory=list)  # what a series shows of its standing
    shown_change: Rows = field(default_factory=list)  # when the light that it shows changed
    warning: Rows = field(default_factory=list)
    override: Rows = field(default_factory=list)
    inhibition: Rows = field(default_factory=list)  # districts that did not report
    ticket: Rows = field(default_factory=list)
    ticket_event: Rows = field(default_factory=list)
    light_change: Rows = field(default_factory=list)
    feed: Rows = field(default_factory=list)
    watermark: Rows = field(default_factory=list)


def drop_passing(loaded: Sequence[Loaded], said: list[tuple[Loaded, Message]]) -> list[tuple[Loaded, Message]]:
    """Warnings that came and went while alerts was away, at several moments that are settled together, are not sent."""
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
    standing: rows.Find,
    lookup: Lookup,
    links: feed.Links,
) -> Settlement:
    """All rows; the messages get the numbers after `seq`. `standing` finds the document a cell had before."""
    out = Settlement()
    numbers: dict[int, int] = {}
    for number, (each, message) in enumerate(said, seq + 1):
        numbers[id(message)] = number
        built = _message(number, each, message, standing, lookup, links)
        out.feed.append(rows.feed_row(built, message, lookup.programme.routing.groups_of(built)))
    for each in loaded:
        out.standing += rows.standing_rows(each)
        out.standing_past += rows.replaced_rows(each)
        out.light += rows.light_rows(each)
        out.light_past += rows.past_rows(each, lookup)
        out.series += rows.series_rows(each)
        out.shown_change += rows.turn_rows(each)
        out.shown += rows.shown_rows(each, standing, lookup)
        out.warning += rows.warning_rows(each, numbers)
        out.override += rows.override_rows(each)
        out.ticket += rows.ticket_rows(each, lookup)
        out.ticket_event += rows.event_rows(each, lookup)
        out.light_change += [rows.change_row(each, change, numbers) for change in each.series.changes]
    return out


def inhibitions(programme: str, found: Sequence[Silence]) -> Rows:
    return [{"programme": programme} | asdict(each) for each in found]


def watermarks(marks: Sequence[Watermark]) -> Rows:
    return [{"partition": m.partition, "through": m.through, "position": m.position} for m in marks]


def _message(
    number: int,
    each: Loaded,
    message: Message,
    find: rows.Find,
    lookup: Lookup,
    links: feed.Links,
) -> FeedMessage:
    standing = message.standing or find(each.series, message.cell)
    if message.ticket is None:
        return feed.build(number, message, each.series, standing, None, lookup, links)
    told = each.told_of(message.ticket)
    chain = feed.Chain(feed.ticket_id(each.series, message.ticket), tuple(told.message_ids))
    built = feed.build(number, message, each.series, standing, chain, lookup, links)
    told.message_ids.append(built.message_id)
    return built

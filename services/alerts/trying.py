"""A rule tried before it is adopted: what would have differed in lights of record and tickets, by unit. Pure.

`compared` holds two replays of one series (replaying.py) against each other, `Tally` adds them up by district and by
leading department, and the worst differences are told in words.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest

import msgspec

from contracts.events import Colour, Text
from contracts.periods import parse
from contracts.programme import Lookup
from contracts.quoting import quoted
from services.alerts import texts
from services.alerts.judgement import WORSE, Judgement
from services.alerts.placing import Moved
from services.alerts.replaying import Episode, Judged, Recorded, Rules, episodes, judged
from services.alerts.words import LEVELS, LIGHTS

EXAMPLES = 10
COLOURS = ("green", "yellow", "red")


class LightMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A light of record that differs: under the present rules, and under those on trial."""

    indicator: str
    district: str
    period: str
    now: Colour | None
    then: Colour | None


class TicketMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that differs; the level it reached, or null where it is not opened."""

    indicator: str
    district: str
    first_period: str
    now: int | None
    then: int | None
    cancelled_now: bool = False
    cancelled_then: bool = False


class Both(msgspec.Struct, kw_only=True):
    """A count under the present rules and under those on trial."""

    now: int = 0
    then: int = 0


class Tally(msgspec.Struct, kw_only=True):
    """What differs for one unit."""

    lights: int = 0  # of record, that were compared
    worse: int = 0
    better: int = 0
    opened: Both = msgspec.field(default_factory=Both)
    letters: Both = msgspec.field(default_factory=Both)  # 督办函 or more
    summonses: Both = msgspec.field(default_factory=Both)  # 约谈
    cancelled: Both = msgspec.field(default_factory=Both)


@dataclass(slots=True)
class Compared:
    """One series under both rules."""

    name: tuple[str, str]
    lights: list[LightMoved] = field(default_factory=list)
    tickets: list[TicketMoved] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    checked: int = 0
    deviations: list[LightMoved] = field(default_factory=list)  # stored (now) and replayed (then) by the present rules
    checked_tickets: int = 0
    ticket_deviations: list[TicketMoved] = field(default_factory=list)  # likewise
    binding: list[Moved] = field(default_factory=list)  # lights that differ and count for process points


@dataclass(frozen=True, slots=True)
class Span:
    """The periods that are looked at, by their ends; history before them is replayed all the same."""

    first: date = date.min
    last: date = date.max

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def compared(recorded: Recorded, present: Rules, trial: Rules, span: Span) -> Compared:
    """Replay one series on both sides; its tickets only where there can be any."""
    now, then = judged(recorded, present), judged(recorded, trial)
    out = Compared((recorded.name.indicator, recorded.name.district))
    _check(recorded, now, out)
    _lights(now, then, span, out)
    same = trial.same_time and trial.inhibits is present.inhibits and _judgements(now) == _judgements(then)
    before = _episodes(recorded, now, present)
    after = before if same else _episodes(recorded, then, trial)
    _check_tickets(recorded, before, out)
    ends = {cell.period.text: cell.period.end for cell in (*now.cells, *then.cells)}
    one, other = ([e for e in found if span.holds(ends[e.first_period])] for found in (before, after))
    _tickets(one, other, out)
    return out


def _check(recorded: Recorded, now: Judged, out: Compared) -> None:
    """The present rules must give what is stored: otherwise the difference is not the rule's alone."""
    for cell, record in zip(now.cells, now.records, strict=True):
        stored = recorded.records.get(cell.period.text)
        out.checked += 1
        if record != stored:
            out.deviations.append(_moved(out.name, cell.period.text, stored, record))


def _judgements(of: Judged) -> list[Judgement]:
    return [receipt.judgement for receipt in of.receipts]


def _episodes(recorded: Recorded, found: Judged, rules: Rules) -> list[Episode]:
    """Its tickets, where lights, forecasts, a hand or a red line can have opened any; versions that were replaced may
    have, whatever their cells show now."""
    by_hand = recorded.overrides or recorded.lines or recorded.replaced
    lagging = any(record in ("yellow", "red") for record in found.records)
    foreseen = any(each is not None and each.misses for each in found.judgements)
    return episodes(recorded, found, rules) if by_hand or lagging or foreseen else []


def _check_tickets(recorded: Recorded, now: Sequence[Episode], out: Compared) -> None:
    """The same of tickets: each stored one is replayed, as far up and to the same state, and no other."""
    out.checked_tickets += len(recorded.tickets)
    for stored, replayed in zip_longest(recorded.tickets, now):
        if stored != replayed:
            out.ticket_deviations.append(_ticket_moved(out.name, stored, replayed))


def _lights(now: Judged, then: Judged, span: Span, out: Compared) -> None:
    after = {cell.period.text: record for cell, record in zip(then.cells, then.records, strict=True)}
    for cell, before, judgement in zip(now.cells, now.records, now.judgements, strict=True):
        period = cell.period.text
        if not span.holds(cell.period.end) or (before is None and after.get(period) is None):
            continue
        other = after.get(period)
        out.tally.lights += 1
        if before != other:
            out.lights.append(_moved(out.name, period, before, other))
            out.tally.worse += WORSE[other] > WORSE[before]
            out.tally.better += WORSE[other] < WORSE[before]
            if judgement is not None and judgement.binding:
                out.binding.append((out.name, cell.period, before, other))


def _moved(name: tuple[str, str], period: str, now: Colour | None, then: Colour | None) -> LightMoved:
    return LightMoved(indicator=name[0], district=name[1], period=period, now=now, then=then)


def _tickets(now: Sequence[Episode], then: Sequence[Episode], out: Compared) -> None:
    for side, found in (("now", now), ("then", then)):
        for episode in found:
            _count(out.tally.opened, side, True)
            _count(out.tally.letters, side, episode.level >= 2)
            _count(out.tally.summonses, side, episode.level >= 3)
            _count(out.tally.cancelled, side, episode.state == "CANCELLED")
    before, after = {e.first_period: e for e in now}, {e.first_period: e for e in then}
    for period in sorted(before.keys() | after.keys()):
        moved = _ticket_moved(out.name, before.get(period), after.get(period))
        if (moved.now, moved.cancelled_now) != (moved.then, moved.cancelled_then):
            out.tickets.append(moved)


def _ticket_moved(name: tuple[str, str], one: Episode | None, other: Episode | None) -> TicketMoved:
    either = one or other
    assert either is not None
    return TicketMoved(
        indicator=name[0],
        district=name[1],
        first_period=either.first_period,
        now=one.level if one else None,
        then=other.level if other else None,
        cancelled_now=one is not None and one.state == "CANCELLED",
        cancelled_then=other is not None and other.state == "CANCELLED",
    )


def _count(both: Both, side: str, counts: bool) -> None:
    setattr(both, side, getattr(both, side) + counts)


def add(to: Tally, more: Tally) -> None:
    """Add one series to its unit."""
    to.lights, to.worse, to.better = to.lights + more.lights, to.worse + more.worse, to.better + more.better
    for name in ("opened", "letters", "summonses", "cancelled"):
        both, other = getattr(to, name), getattr(more, name)
        both.now, both.then = both.now + other.now, both.then + other.then


def examples(found: Iterable[Compared], lookup: Lookup) -> list[Text]:
    """The worst differences in words: lights by how far they move, then tickets by their levels."""
    every = list(found)
    lights = sorted((m for each in every for m in each.lights), key=_distance, reverse=True)
    tickets = sorted((m for each in every for m in each.tickets), key=_levels, reverse=True)
    half = EXAMPLES // 2
    return [light_text(m, lookup) for m in lights[:half]] + [ticket_text(m, lookup) for m in tickets[:half]]


def _distance(moved: LightMoved) -> tuple[int, str]:
    return abs(WORSE[moved.then] - WORSE[moved.now]), moved.period


def _levels(moved: TicketMoved) -> tuple[int, str]:
    return abs((moved.then or 0) - (moved.now or 0)), moved.first_period


def light_text(moved: LightMoved, lookup: Lookup) -> Text:
    """德清县“…”2023年6月：现行规则黄灯，试行规则红灯。"""
    zh, en = _item(moved.indicator, moved.district, moved.period, lookup)
    now, then = _light(moved.now), _light(moved.then)
    return Text(
        f"{zh}：现行规则{now.zh}，试行规则{then.zh}。", f"{en}: {now.en} by the present rules, {then.en} on trial."
    )


def ticket_text(moved: TicketMoved, lookup: Lookup) -> Text:
    """德清县“…”2023年6月：现行规则立督办单，最高至督办函；试行规则不立督办单。"""
    zh, en = _item(moved.indicator, moved.district, moved.first_period, lookup)
    now, then = _ticket(moved.now, moved.cancelled_now), _ticket(moved.then, moved.cancelled_then)
    return Text(
        f"{zh}：现行规则{now.zh}；试行规则{then.zh}。", f"{en}: {now.en} by the present rules, {then.en} on trial."
    )


def _item(indicator: str, district: str, period: str, lookup: Lookup) -> tuple[str, str]:
    name, place = lookup.indicators[indicator].name, lookup.districts[district].name
    when = texts.period(parse(period))
    return f"{place.zh}{quoted(name.zh)}{when.zh}", f"{place.en}, {name.en}, {when.en}"


def _light(colour: Colour | None) -> Text:
    return LIGHTS[colour] if colour is not None else Text("尚未定灯", "not fixed yet")


def _ticket(level: int | None, cancelled: bool) -> Text:
    if level is None:
        return Text("不立督办单", "no ticket")
    zh, en = LEVELS[level].zh, LEVELS[level].en
    if cancelled:
        return Text(f"立督办单（最高至{zh}，后撤销）", f"a ticket up to {en}, cancelled later")
    return Text(f"立督办单，最高至{zh}", f"a ticket up to {en}")

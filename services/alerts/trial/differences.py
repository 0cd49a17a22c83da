"""What differs between two replays of the same history: lights of record and tickets, and how they are counted by unit.
Pure; `trying.py` finds the differences of a series, `projects/trying.py` those of a project.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import zip_longest
from typing import Literal

import msgspec

from contracts.events import Colour
from services.alerts.judgement import WORSE
from services.alerts.trial.placing import Moved
from services.alerts.trial.replaying import Episode

Kind = Literal["lag", "reporting", "project"]  # of a ticket; lag: also one that a forecast opened


class LightMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A light of record that differs, of an indicator's series or of a project: under the present rules, and under
    those on trial."""

    indicator: str | None = None
    project: str | None = None
    district: str
    period: str
    now: Colour | None
    then: Colour | None


class TicketMoved(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that differs; the level it reached, or null where it is not opened."""

    rule: Kind
    indicator: str | None = None
    project: str | None = None
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


class Counts(msgspec.Struct, kw_only=True):
    """Tickets of one kind."""

    opened: Both = msgspec.field(default_factory=Both)
    letters: Both = msgspec.field(default_factory=Both)  # 督办函 or more
    summonses: Both = msgspec.field(default_factory=Both)  # 约谈
    cancelled: Both = msgspec.field(default_factory=Both)


class Lit(Counts, kw_only=True):
    """Lights of record, and the tickets that follow them."""

    lights: int = 0  # that were compared
    worse: int = 0
    better: int = 0


class Tally(Lit, kw_only=True):
    """What differs for one unit: its indicators, what it did not report, its projects."""

    reporting: Counts = msgspec.field(default_factory=Counts)
    projects: Lit = msgspec.field(default_factory=Lit)


@dataclass(frozen=True, slots=True)
class Subject:
    """What was replayed: a series of an indicator, or a project; and the unit that leads it."""

    district: str
    lead: str
    indicator: str | None = None
    project: str | None = None

    def light(self, period: str, now: Colour | None, then: Colour | None) -> LightMoved:
        return LightMoved(
            indicator=self.indicator, project=self.project, district=self.district, period=period, now=now, then=then
        )

    def ticket(self, rule: Kind, now: Episode | None, then: Episode | None) -> TicketMoved:
        either = now or then
        assert either is not None
        return TicketMoved(
            rule=rule,
            indicator=self.indicator,
            project=self.project,
            district=self.district,
            first_period=either.first_period,
            now=now.level if now else None,
            then=then.level if then else None,
            cancelled_now=now is not None and now.state == "CANCELLED",
            cancelled_then=then is not None and then.state == "CANCELLED",
        )


@dataclass(slots=True)
class Compared:
    """One series, or one project, under both rules."""

    subject: Subject
    lights: list[LightMoved] = field(default_factory=list)
    tickets: list[TicketMoved] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    checked: int = 0
    deviations: list[LightMoved] = field(default_factory=list)  # stored (now) and replayed (then) by the present rules
    checked_tickets: int = 0
    ticket_deviations: list[TicketMoved] = field(default_factory=list)  # likewise
    binding: list[Moved] = field(default_factory=list)  # lights that differ and count for process points

    def check_light(self, period: str, stored: Colour | None, replayed: Colour | None) -> None:
        """The present rules must give what is stored: otherwise the difference is not the rule's alone."""
        self.checked += 1
        if stored != replayed:
            self.deviations.append(self.subject.light(period, stored, replayed))

    def check_tickets(self, rule: Kind, stored: Sequence[Episode], replayed: Sequence[Episode]) -> None:
        """The same of tickets: each stored one is replayed, as far up and to the same state, and no other."""
        self.checked_tickets += len(stored)
        for one, other in zip_longest(stored, replayed):
            if one != other:
                self.ticket_deviations.append(self.subject.ticket(rule, one, other))

    def light(self, to: Lit, period: str, now: Colour | None, then: Colour | None) -> bool:
        """Count a light; whether it differs."""
        to.lights += 1
        if now == then:
            return False
        self.lights.append(self.subject.light(period, now, then))
        to.worse += WORSE[then] > WORSE[now]
        to.better += WORSE[then] < WORSE[now]
        return True

    def count(self, to: Counts, rule: Kind, now: Sequence[Episode], then: Sequence[Episode]) -> None:
        """Count the tickets of both sides and keep those that differ."""
        for side, found in (("now", now), ("then", then)):
            for episode in found:
                _count(to.opened, side, True)
                _count(to.letters, side, episode.level >= 2)
                _count(to.summonses, side, episode.level >= 3)
                _count(to.cancelled, side, episode.state == "CANCELLED")
        before, after = _by_beginning(now), _by_beginning(then)
        for key in sorted(before.keys() | after.keys()):
            moved = self.subject.ticket(rule, before.get(key), after.get(key))
            if (moved.now, moved.cancelled_now) != (moved.then, moved.cancelled_then):
                self.tickets.append(moved)


@dataclass(frozen=True, slots=True)
class Span:
    """The periods that are looked at, by their ends; history before them is replayed all the same."""

    first: date = date.min
    last: date = date.max

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def _by_beginning(episodes: Sequence[Episode]) -> dict[tuple[str, int], Episode]:
    """Episodes by the period that they begin with; of several from one period by their number."""
    seen: Counter[str] = Counter()
    found = {}
    for each in episodes:
        found[each.first_period, seen[each.first_period]] = each
        seen[each.first_period] += 1
    return found


def _count(both: Both, side: str, counts: bool) -> None:
    setattr(both, side, getattr(both, side) + counts)


def add(to: Tally, more: Tally) -> None:
    """Add one series, or one project, to its unit."""
    for one, other in ((to, more), (to.projects, more.projects)):
        one.lights, one.worse, one.better = (
            one.lights + other.lights,
            one.worse + other.worse,
            one.better + other.better,
        )
    for into, of in ((to, more), (to.reporting, more.reporting), (to.projects, more.projects)):
        for name in msgspec.structs.asdict(Counts()):
            both, counted = getattr(into, name), getattr(of, name)
            both.now, both.then = both.now + counted.now, both.then + counted.then

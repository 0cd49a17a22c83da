"""One project under supervision: a standing comes or time passes, and lights and tickets follow (rules 8 and 12). Pure.

As `supervision.py` does for a series, and by the same table: the tickets of rule `project` follow the project's lights
of record. What it says is a function of the record order in its partition and of `now`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour
from contracts.project_events import ProjectStanding
from contracts.terms import Term
from services.alerts.judgement import WORSE
from services.alerts.projects.feeding import Shown
from services.alerts.projects.lights import MEASURED, Lights, MonthLight, covered, lights
from services.alerts.table import LIVING
from services.alerts.tickets import Event, Ticket, Transition, advance
from services.alerts.verdicts import Decided, History, restatements, verdict


@dataclass(slots=True, eq=False)
class Message:
    """A feed message that is due about a ticket; `cell` is the index of the month it is about."""

    reason: str
    cell: int
    at: datetime
    through: datetime
    ticket: Ticket
    code: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Change:
    """A stored light of a month that changed; one of record that got worse names its message, or why there is none."""

    cell: int
    kind: str
    before: Colour | None
    after: Colour | None
    worse: bool
    at: datetime
    message: Message | None = None
    reason: str | None = None


@dataclass(slots=True, eq=False)
class Project:
    """The state of one project and what came of it since it was loaded."""

    terms: Sequence[Term]  # every month of the programme
    calendar: Calendar
    through: datetime
    standing: ProjectStanding | None = None
    lights: Lights = field(default_factory=lambda: Lights(()))
    episodes: list[Ticket] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    since: datetime | None = None  # when the shown light changed, if it has since it was loaded
    told_at: datetime | None = None  # when something of it changed last, if it has since it was loaded
    past: list[Shown] = field(default_factory=list)  # what it showed, the last as it was loaded first
    versions: list[ProjectStanding] = field(default_factory=list)  # received since it was loaded
    cells: Sequence[Cell] = field(init=False)  # the months with their due dates and locks

    def __post_init__(self) -> None:
        self.cells = [term.cell for term in self.terms]

    def take(self, terms: Sequence[Term], calendar: Calendar) -> None:
        """Another version of the catalogue holds from here on."""
        self.terms, self.calendar = terms, calendar
        self.cells = [term.cell for term in terms]

    @property
    def ticket(self) -> Ticket:
        return self.episodes[-1] if self.episodes else Ticket()

    @property
    def next_at(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        if self.standing is None:
            return None
        due = (c.record_at for c in self.cells if c.record_at and c.record_at > self.through and self._covers(c))
        expires = self.ticket.suppressed_until if self.ticket.suppressed else None
        moments = (min(due, default=None), self.ticket.timer_at, expires, self._ends_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def receive(self, standing: ProjectStanding, now: datetime) -> bool:
        """A standing of the project; False for a version that is known already."""
        if self.standing is not None and self.standing.version >= standing.version:
            return False
        before = self._verdicts()
        self.standing = standing
        self.versions.append(standing)
        self._refold(before, standing.known_at, now)
        return True

    def succeed(self, now: datetime) -> None:
        """A version of the catalogue is known: what is open may have other thresholds and due dates (rule 2.9)."""
        if self.standing is not None:
            self._refold(self._verdicts(), now, now)

    def pass_time(self, to: datetime, now: datetime) -> None:
        """Everything that time alone does up to `to`, moment by moment: a timer first, then the lights, then ends."""
        while (moment := self.next_at) is not None and moment <= to:
            timer = self.ticket.timer_at
            if timer is not None and timer <= moment:
                self._by_time(f"{self.ticket.timer}_timeout", now)
            expires = self.ticket.suppressed_until if self.ticket.suppressed else None
            if expires is not None and expires <= moment:
                self._by_time("expired", now)
            if moment > self.through:
                before = self._verdicts()
                self.through = moment
                self._refold(before, moment, now)
            ends = self._ends_at()
            if ends is not None and ends <= moment:
                self._by_time("ended", now)
        self.through = max(to, self.through)

    def act(self, event: Event) -> tuple[Transition, ...]:
        """An act of the addressee or the office on the current episode; NotApplicable when it is refused."""
        return self._decide(Decided(event, self._place(self.ticket.last_period), self.ticket))[0]

    def _by_time(self, kind: str, now: datetime) -> None:
        self._decide(Decided(Event(kind, now), self._place(self.ticket.last_period), self.ticket))

    def _covers(self, cell: Cell) -> bool:
        return self.standing is not None and covered(self.standing, cell)

    # --- what a new fold brings ---

    def _refold(self, before: list[Colour | None], at: datetime, now: datetime) -> None:
        """Fold anew, move the tickets, and note each light that changed."""
        assert self.standing is not None
        shown, old = self.lights, self.lights.months or (MonthLight(),) * len(self.cells)
        self.lights = lights(self.standing, self.terms, self.through)
        if (self.lights.light, self.lights.stale) != (shown.light, shown.stale):
            self.since = at
        self.told_at = at
        self._note(at)
        told = self._record(before, now)
        for i, (was, new) in enumerate(zip(old, self.lights.months, strict=True)):
            if was.live != new.live:
                worse = WORSE[new.live] > WORSE[was.live]
                self.changes.append(Change(i, "live", was.live, new.live, worse, at, None, "live" if worse else None))
            if was.record != new.record:
                self.changes.append(self._changed(i, was.record, new.record, told, at))

    def _note(self, at: datetime) -> None:
        """Keep what it shows now, if that is new (rule 12: whose ticket it inhibits is asked by moment)."""
        assert self.standing is not None
        listed = any(stay.ended is None for stay in self.standing.stays)
        plan = self.standing.plan
        now = Shown(at, plan.district, listed, plan.feeds, self.lights.light)
        if not self.past or replace(self.past[-1], since=at) != now:
            self.past.append(now)

    def _changed(
        self, i: int, was: Colour | None, new: Colour | None, told: dict[int, Message | None], at: datetime
    ) -> Change:
        worse, message = WORSE[new] > WORSE[was], told.get(i)
        reason = None if message or not worse else "level_kept" if i in told else "earlier_period"
        return Change(i, "record", was, new, worse, at, message, reason)

    def _verdicts(self) -> list[Colour | None]:
        """Per month its measured light of record."""
        held = self.lights.months or (MonthLight(),) * len(self.cells)
        return [light.record if light.record in MEASURED else None for light in held]

    def _record(self, before: list[Colour | None], now: datetime) -> dict[int, Message | None]:
        """Move the tickets; per month whose verdict was told, the message that tells it, or none."""
        verdicts = self._verdicts()
        changed = [i for i in range(len(verdicts)) if before[i] != verdicts[i]]
        newest = max((i for i, each in enumerate(before) if each is not None), default=-1)
        told: dict[int, Message | None] = {}
        past = [i for i in changed if i <= newest]
        if past:
            for decided in restatements(self._history(verdicts, now), past, newest):
                told[decided.carrier] = self._told(decided)
        for i in (i for i in changed if i > newest and verdicts[i] is not None):
            found = verdict(self._history(verdicts, now), i)
            told[i] = None if found is None else self._told(found)
        return told

    def _told(self, decided: Decided) -> Message | None:
        messages = self._decide(decided)[1]
        return messages[-1] if messages else None

    def _history(self, verdicts: Sequence[Colour | None], now: datetime) -> History:
        years = [0] * len(self.cells)
        return History(self.cells, verdicts, years, self.episodes, self.ticket, self._ended, lambda _: False, now)

    def _decide(self, decided: Decided) -> tuple[tuple[Transition, ...], list[Message]]:
        """Move one episode; each transition that says something is one message."""
        _, transitions = advance(decided.ticket, decided.event, self.calendar)
        messages = []
        for transition in transitions:
            if transition.before.state == "NONE":
                self.episodes.append(transition.after)
            else:
                self.episodes[transition.after.episode - 1] = transition.after
            self.transitions.append(transition)
            if transition.says is not None:
                cell = self._place(decided.event.period, decided.carrier)
                at, ticket = decided.event.at, transition.after
                messages.append(Message(transition.says, cell, at, self.through, ticket, transition.code))
        self.messages += messages
        return transitions, messages

    # --- ends ---

    def _ends_at(self) -> datetime | None:
        """When the stay that the current ticket is about is over: its last month locks."""
        if self.ticket.state not in LIVING:
            return None
        return self.cells[self._end(self._place(self.ticket.last_period))].lock_at

    def _end(self, i: int) -> int:
        """The last month of the stay that month `i` belongs to."""
        while i + 1 < len(self.cells) and self._covers(self.cells[i + 1]):
            i += 1
        return i

    def _ended(self, i: int) -> bool:
        return self.cells[self._end(i)].lock_at <= self.through

    def _place(self, period: str, otherwise: int = 0) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.period.text == period), otherwise)

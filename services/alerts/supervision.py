"""One series under supervision: a standing comes or time passes, and lights, warnings and tickets follow. Pure.

`Series` is loaded from the store, moved record by record in the order of its partition, and written back; nothing but
that order and `now` (the platform's clock, a message's `sent`) decides what it says.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from services.alerts import forecasts, naming, reporting
from services.alerts.changes import Change, Message, Name, Version
from services.alerts.episodes import Episodes
from services.alerts.forecasts import Foresight
from services.alerts.judgement import WORSE, Judgement
from services.alerts.lights import SeriesLights, fold_judgements
from services.alerts.overrides import NotOverridden, NotWorse, Override, covers, worse_of
from services.alerts.redlines import RedLine, covered, open_ones
from services.alerts.table import LAGGING, LIVING
from services.alerts.tickets import Event, Ticket, Transition
from services.alerts.verdicts import Decided, History, restatements, verdict
from services.alerts.warnings import Warning, better, said, silence

COLOURS = ("green", "yellow", "red")
Told = tuple[Colour, Message | None, str | None]  # what had been said, the message that tells it, or why there is none


def never(_: int) -> None:
    """Nothing inhibits anything."""


@dataclass(slots=True, eq=False)
class Series:
    """The state of one series and what came of it since it was loaded."""

    name: Name
    cells: Sequence[Cell]
    calendar: Calendar
    through: datetime
    judgements: list[Judgement | None]
    lights: SeriesLights
    tickets: Episodes
    warnings: dict[str, list[Warning]] = field(default_factory=dict)  # the open ones, by period
    override: Override | None = None  # the one in force
    worsened: dict[int, Colour] = field(default_factory=dict)  # cells whose light of record was overridden
    lines: tuple[RedLine, ...] = ()  # every red line that was raised on its task
    inhibited: dict[int, str] = field(default_factory=dict)  # cells whose light opened no ticket, and why
    inhibitor: Callable[[int], str | None] = never  # why the light of a cell may open none
    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    resolved: list[Warning] = field(default_factory=list)
    overrides: list[Override] = field(default_factory=list)  # that began or ended since it was loaded
    fixed: dict[int, datetime] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)  # received since it was loaded
    versions: list[Version] = field(default_factory=list)  # each of them, and what was to be kept of it
    cause: str = ""  # the cell and version that came last
    since: datetime | None = None  # when the shown light changed, if it has since it was loaded

    @property
    def ticket(self) -> Ticket:
        """The lag ticket."""
        return self.tickets.current("lag")

    @property
    def published(self) -> dict[str, datetime]:
        """The periods that a publication locked, and when."""
        told = zip(self.cells, self.judgements, strict=True)
        return {cell.period.text: j.published_at for cell, j in told if j is not None and j.published_at is not None}

    @property
    def next_at(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        moments = [self.lights.next_at, None if self.override is None else self.override.until]
        moments += self._excuses()
        for ticket in self.tickets.living():
            moments += (ticket.timer_at, ticket.suppressed_until, self._ends_at(ticket))
        return min((moment for moment in moments if moment is not None), default=None)

    def receive(self, index: int, standing: Standing, judgement: Judgement, now: datetime) -> bool:
        """A standing of cell `index`; False for a version that is known already."""
        known = self.judgements[index]
        if known is not None and known.version >= judgement.version:
            return False
        measured = self._verdicts()
        self.judgements[index] = judgement
        self.standings[index] = standing
        self.versions.append(Version(standing, judgement, self.cells[index].lock_at))
        self.cause = f"{standing.period}|{standing.version}"
        self._refold(measured, judgement.known_at, now, index)
        return True

    def pass_time(self, to: datetime, now: datetime) -> None:
        """Everything that time alone does up to `to`, moment by moment: timers first, then the lights, then ends."""
        while (moment := self.next_at) is not None and moment <= to:
            self._timers(moment, now)
            self.through = max(moment, self.through)
            if self.lights.next_at is not None and self.lights.next_at <= moment:
                self._refold(self._verdicts(), moment, now)
            elif any(judgement is not None and judgement.excused_until == moment for judgement in self.judgements):
                self._report(now)
            for ticket in self.tickets.living():
                ends = self._ends_at(ticket)
                if ends is not None and ends <= moment:
                    self._move(ticket, Event("ended", now))
        self.through = max(to, self.through)

    def _excuses(self) -> Iterator[datetime]:
        """When excuses will end by themselves (rule 7.2)."""
        for judgement in self.judgements:
            until = judgement.excused_until if judgement is not None and judgement.excused else None
            if until is not None and until > self.through:
                yield until

    def _timers(self, moment: datetime, now: datetime) -> None:
        """What tickets and the override wait for has come: the end of a timer, of a suppression, of the override."""
        for ticket in self.tickets.living():
            if ticket.timer_at is not None and ticket.timer_at <= moment:
                self._move(ticket, Event(f"{ticket.timer}_timeout", now))
            if ticket.suppressed_until is not None and ticket.suppressed_until <= moment:
                self._move(ticket, Event("expired", now))
        if self.override is not None and self.override.until <= moment:
            self._lift(replace(self.override, ended_at=self.override.until))

    def act(self, event: Event, ticket: Ticket | None = None) -> tuple[Transition, ...]:
        """An act of the addressee or the office on a ticket; NotApplicable when it is refused."""
        return self._move(self.ticket if ticket is None else ticket, event)

    def overrule(self, override: Override) -> None:
        """The office worsens the light (rule 6.6): it holds until its end, in place of an earlier one; NotWorse."""
        shown = self.lights.light
        if shown == "grey" or WORSE[override.colour] <= WORSE[shown]:
            raise NotWorse(shown)
        if self.override is not None:
            self._lift(replace(self.override, ended_at=override.at, ended_by=override.author, end_reason="replaced"))
        before = self._verdicts()
        newest = max((i for i, colour in enumerate(before) if colour is not None), default=None)
        if newest is not None:
            override = replace(override, period=self.cells[newest].period.text)
            self.worsened[newest] = override.colour
        self.override = override
        self.overrides.append(override)
        if newest is not None:
            computed, told = self.lights.cells[newest].record, self._record(before, {}, override.at, "override")
            self._changed(newest, computed, override.colour, told.get(newest), override.at, kind="override")

    def lift(self, at: datetime, actor: str, reason: str) -> None:
        """The office takes its override back; NotOverridden."""
        if self.override is None:
            raise NotOverridden
        self._lift(replace(self.override, ended_at=at, ended_by=actor, end_reason=reason))

    def _lift(self, ended: Override) -> None:
        self.override = None
        self.overrides.append(ended)

    def touch(self, lines: tuple[RedLine, ...], now: datetime) -> None:
        """Red lines were raised on its task or closed (rule 12)."""
        before, was = self._verdicts(), bool(open_ones(self.lines))
        self.lines = lines
        told, after = self._record(before, {}, now, "red_line"), self._verdicts()
        for i in (i for i in range(len(after)) if before[i] != after[i]):
            self._changed(i, before[i], after[i], told.get(i), now, kind="red_line")
        if was != bool(open_ones(lines)) and self.lights.light != "red":
            self.since = now

    # --- what a new fold brings ---

    def _refold(self, measured: list[Colour | None], at: datetime, now: datetime, received: int | None = None) -> None:
        """Fold anew and follow each difference: live lights, then lights of record."""
        shown, before = self.lights, self.lights.cells
        self.lights = fold_judgements(self.cells, self.judgements, self.through)
        after = self.lights.cells
        if self.lights.light != shown.light:
            self.since = at
        for i, (old, new) in enumerate(zip(before, after, strict=True)):
            if old.live != new.live:
                self._live(i, old.live, new.live, at, now)
        changed = [i for i in range(len(after)) if before[i].record != after[i].record]
        for i in changed:
            if before[i].record is None:
                self.fixed[i] = self.through
                if self.override is not None and covers(self.override, self.cells[i]):
                    self.worsened[i] = self.override.colour
        names = {i: self._confirmed(i, now) for i in changed}
        told = self._record(measured, names, now, received=received)
        for i in changed:
            self._changed(i, before[i].record, after[i].record, told.get(i), at)
        self._report(now)

    def _live(self, i: int, old: Colour | None, new: Colour | None, at: datetime, now: datetime) -> None:
        period, judgement = self.cells[i].period.text, self.judgements[i]
        for warning in [w for w in self.warnings.get(period, ()) if better(new, w)]:
            self._resolve(warning, "withdrawn", now)
            self._say(Message("withdrawn", i, now, warning=warning))
        last = said(self.cells, self.judgements, self.lights, self.warnings, i)
        worse = WORSE[new] > WORSE[last]
        reason = message = None
        if worse and judgement is not None:
            reason = silence(self.cells[i], judgement, self.through, now)
            if reason is None:
                message = self._warn(i, new, now)
        self.changes.append(Change(i, "live", old, new, last, worse, at, message, reason))

    def _warn(self, i: int, colour: Colour | None, now: datetime) -> Message:
        period = self.cells[i].period.text
        assert colour == "yellow" or colour == "red"
        name = self.name
        id_ = naming.warning(name.programme, name.indicator, name.district, period, colour, self.cause)
        warning = Warning(id_, period, colour, "open", now, naming.message(id_, "early"))
        self.warnings.setdefault(period, []).append(warning)
        return self._say(Message("early", i, now, warning=warning))

    def _say(self, message: Message) -> Message:
        message.through, message.standing = self.through, self.standings.get(message.cell)
        self.messages.append(message)
        return message

    def _confirmed(self, i: int, now: datetime) -> tuple[str, ...]:
        """The open warnings of a cell whose light is fixed now: what it confirms is named, no more is withdrawn."""
        open_ = list(self.warnings.get(self.cells[i].period.text, ()))
        for warning in open_:
            self._resolve(warning, "confirmed", now)
        return tuple(warning.message_id for warning in open_)

    def _resolve(self, warning: Warning, state: Literal["confirmed", "withdrawn"], now: datetime) -> None:
        rest = [w for w in self.warnings[warning.period] if w.id != warning.id]
        self.warnings[warning.period] = rest
        if not rest:
            del self.warnings[warning.period]
        self.resolved.append(replace(warning, state=state, closed_at=now))

    # --- tickets ---

    def _verdicts(self) -> list[Colour | None]:
        """Per cell its measured light of record, or what it was worsened to, where it binds."""
        found = [
            worse_of(light.record, self.worsened.get(i))
            if light.record in COLOURS and judgement is not None and judgement.binding
            else None
            for i, (light, judgement) in enumerate(zip(self.lights.cells, self.judgements, strict=True))
        ]
        for i in covered(self.lines, self.cells, found):
            found[i] = "red"
        return found

    def _misses(self, verdicts: Sequence[Colour | None]) -> list[bool]:
        """Per cell whether its green verdict will miss the target."""
        return [
            verdict_ == "green" and judgement is not None and judgement.misses
            for verdict_, judgement in zip(verdicts, self.judgements, strict=True)
        ]

    def _record(
        self,
        before: list[Colour | None],
        names: dict[int, tuple[str, ...]],
        now: datetime,
        code: str | None = None,
        received: int | None = None,
    ) -> dict[int, Told]:
        """Move the lag and the forecast tickets; what is told of each changed cell."""
        verdicts = self._verdicts()
        changed = [i for i in range(len(verdicts)) if before[i] != verdicts[i]]
        newest = max((i for i, colour in enumerate(before) if colour is not None), default=-1)
        told: dict[int, Told] = {}
        past = [i for i in changed if i <= newest]
        if past:
            for decided in restatements(self._history(verdicts, now), past, newest):
                told[decided.carrier] = self._told(decided, names, code)
        self._foresee(verdicts, past if received is None else [*past, received], newest, now)
        for i in (i for i in changed if i > newest and verdicts[i] is not None):
            found = verdict(self._history(verdicts, now), i)
            told[i] = ("green", None, "ended") if found is None else self._told(found, names, code)
            self._foresee(verdicts, [i], i, now)
        return told

    def _foresee(self, verdicts: Sequence[Colour | None], changed: Sequence[int], through: int, now: datetime) -> None:
        """Move the forecast tickets; `changed` are the cells whose verdict or whose forecast may be another one."""
        tickets = self.tickets.of("forecast")
        if through < 0 or not (tickets or any(j is not None and j.misses for j in self.judgements)):
            return
        misses, current = self._misses(verdicts), self.tickets.current("forecast")
        foresight = Foresight(self._history(verdicts, now), misses, tickets, current)
        for decided in list(forecasts.decide(foresight, changed, through)):
            self._move(decided.ticket, decided.event, decided.carrier)

    def _report(self, now: datetime) -> None:
        """Move the reporting ticket: due dates that were missed, values that came, cells that were excused."""
        ticket = self.tickets.current("reporting")
        row = reporting.missed(self.cells, self.judgements, self.through)
        if row is not None and ticket.state not in LAGGING and self._stretch_over(row.last):
            return
        event = reporting.decide(ticket, row, self.cells, self.judgements, now)
        if event is not None:
            self._move(ticket, event, None if row is None else row.last)

    def _told(self, decided: Decided, names: dict[int, tuple[str, ...]], code: str | None) -> Told:
        ticket = self.ticket
        last: Colour = ticket.severity if ticket.state in LAGGING else "green"
        if decided.event.kind == "inhibited":
            at = self._place(decided.event.period, decided.carrier)
            self.inhibited.setdefault(at, self.inhibitor(at) or "")
            return last, None, "inhibited"
        messages = self._lag(decided, names.get(decided.carrier, ()))
        if decided.event.colour == "red" and self.lights.cells[decided.carrier].record in ("green", "yellow"):
            code = code or ("red_line" if decided.carrier not in self.worsened else None)
        for message in messages:
            message.code = message.code or code
        silent = "suppressed" if self.ticket.suppressed else "level_kept"
        return last, messages[-1] if messages else None, None if messages else silent

    def _history(self, verdicts: Sequence[Colour | None], now: datetime) -> History:
        years = [
            cell.period.year if j is not None and j.quota else 0
            for cell, j in zip(self.cells, self.judgements, strict=True)
        ]
        tickets, current = self.tickets.of("lag"), self.tickets.current("lag")
        return History(self.cells, verdicts, years, tickets, current, self._ended, self._inhibited, now)

    def _lag(self, decided: Decided, names: tuple[str, ...]) -> list[Message]:
        """Move the lag ticket. Where one would open, a living forecast ticket goes on as the lag ticket."""
        event, ticket = decided.event, decided.ticket
        foreseen = self.tickets.current("forecast")
        observed = event.kind == "light" and event.colour in ("yellow", "red") and ticket.state not in LAGGING
        if not observed or foreseen.state not in LIVING:
            return self._said(self.tickets.move(ticket, event), event, decided.carrier, names)
        closed = self.tickets.close_relapsed(ticket, event) if ticket.state == "RECOVERED" else ()
        moved = self.tickets.move(foreseen, event)
        return self._said((*closed, *moved), event, decided.carrier, names)

    def _move(self, ticket: Ticket, event: Event, carrier: int | None = None) -> tuple[Transition, ...]:
        """An event for one ticket; each transition that says something is one message."""
        transitions = self.tickets.move(ticket, event)
        at = self._place(ticket.last_period) if carrier is None else carrier
        self._said(transitions, event, at, ())
        return transitions

    def _said(
        self, transitions: Iterable[Transition], event: Event, carrier: int, names: tuple[str, ...]
    ) -> list[Message]:
        messages = []
        for transition in transitions:
            if transition.says is not None:
                named = names if transition.says == "first" else ()
                cell, says = self._place(event.period, carrier), transition.says
                told = Message(says, cell, event.at, ticket=transition.after, code=transition.code, names=named)
                messages.append(self._say(told))
        return messages

    def _changed(
        self,
        i: int,
        old: Colour | None,
        new: Colour | None,
        told: Told | None,
        at: datetime,
        kind: Literal["record", "override", "red_line"] = "record",
    ) -> None:
        judgement = self.judgements[i]
        if told is None:  # no verdict, or one that another cell's message tells
            last: Colour = self.ticket.severity if self.ticket.state in LAGGING else "green"
            binding = judgement is None or judgement.binding
            told = (last, None, "earlier_period" if binding else "not_binding")
        last, message, reason = told
        worse = WORSE[new] > WORSE[last] or (message is not None and message.reason in ("first", "worsened"))
        self.changes.append(
            Change(i, kind, old, new, last, worse, at, message, None if message or not worse else reason)
        )

    # --- ends ---

    def lock_at(self, i: int) -> datetime:
        """When a cell locks: by the calendar, or by the publication that came before it (rule 2.9)."""
        judgement, by_calendar = self.judgements[i], self.cells[i].lock_at
        published_at = None if judgement is None else judgement.published_at
        return by_calendar if published_at is None else min(by_calendar, published_at)

    def _ends_at(self, ticket: Ticket) -> datetime | None:
        """When the stretch that a living ticket is about is over: its last cell locks."""
        return self.lock_at(self._end(self._place(ticket.last_period), yearly=ticket.lane == "lag"))

    def _end(self, i: int, *, yearly: bool = True) -> int:
        """The last cell of the stretch of cell `i`: its quota year (not for reports), its applicability, the series."""
        judgement = self.judgements[i]
        quota = yearly and judgement is not None and judgement.quota
        while i + 1 < len(self.cells):
            after = self.cells[i + 1]
            if after.record_at is None or (quota and after.period.year != self.cells[i].period.year):
                break
            i += 1
        return i

    def _ended(self, i: int) -> bool:
        return self.lock_at(self._end(i)) <= self.through

    def _stretch_over(self, i: int) -> bool:
        return self.lock_at(self._end(i, yearly=False)) <= self.through

    def _inhibited(self, i: int) -> bool:
        return i in self.inhibited or self.inhibitor(i) is not None

    def _place(self, period: str, otherwise: int = 0) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.period.text == period), otherwise)

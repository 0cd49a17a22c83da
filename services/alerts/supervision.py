"""One series under supervision: a standing comes or time passes, and lights, warnings and tickets follow. Pure.

`Series` is loaded from the store, moved record by record in the order of its partition, and written back; nothing but
that order and `now` (the platform's clock, a message's `sent`) decides what it says.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from services.alerts import naming
from services.alerts.changes import Change, Message, Name
from services.alerts.judgement import WORSE, Judgement
from services.alerts.lights import SeriesLights, fold_judgements
from services.alerts.table import LAGGING, LIVING
from services.alerts.tickets import Event, Ticket, Transition, advance
from services.alerts.verdicts import Decided, History, restatements, verdict
from services.alerts.warnings import Warning, better, said, silence

COLOURS = ("green", "yellow", "red")


@dataclass(slots=True, eq=False)
class Series:
    """The state of one series and what came of it since it was loaded."""

    name: Name
    cells: Sequence[Cell]
    calendar: Calendar
    through: datetime
    judgements: list[Judgement | None]
    lights: SeriesLights
    episodes: list[Ticket] = field(default_factory=list)
    warnings: dict[str, list[Warning]] = field(default_factory=dict)  # the open ones, by period
    messages: list[Message] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    resolved: list[Warning] = field(default_factory=list)
    fixed: dict[int, datetime] = field(default_factory=dict)
    standings: dict[int, Standing] = field(default_factory=dict)  # received since it was loaded
    cause: str = ""  # the cell and version that came last
    since: datetime | None = None  # when the shown light changed, if it has since it was loaded

    @property
    def ticket(self) -> Ticket:
        return self.episodes[-1] if self.episodes else Ticket()

    @property
    def next_at(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        moments = (self.lights.next_at, self.ticket.timer_at, self.ticket.suppressed_until, self._ends_at())
        return min((moment for moment in moments if moment is not None), default=None)

    def receive(self, index: int, standing: Standing, judgement: Judgement, now: datetime) -> bool:
        """A standing of cell `index`; False for a version that is known already."""
        known = self.judgements[index]
        if known is not None and known.version >= judgement.version:
            return False
        measured = self._verdicts()
        self.judgements[index] = judgement
        self.standings[index] = standing
        self.cause = f"{standing.period}|{standing.version}"
        self._refold(measured, judgement.known_at, now)
        return True

    def pass_time(self, to: datetime, now: datetime) -> None:
        """Everything that time alone does up to `to`, moment by moment: timers first, then the lights, then ends."""
        while (moment := self.next_at) is not None and moment <= to:
            self._timers(moment, now)
            self.through = max(moment, self.through)
            if self.lights.next_at is not None and self.lights.next_at <= moment:
                self._refold(self._verdicts(), moment, now)
            ends = self._ends_at()
            if ends is not None and ends <= moment:
                self._decide(Decided(Event("ended", now), self._place(self.ticket.last_period)))
        self.through = max(to, self.through)

    def _timers(self, moment: datetime, now: datetime) -> None:
        """What the ticket waits for has come: the end of a timer, or of its suppression."""
        timer, until = self.ticket.timer_at, self.ticket.suppressed_until
        if timer is not None and timer <= moment:
            self._decide(Decided(Event(f"{self.ticket.timer}_timeout", now), self._place(self.ticket.last_period)))
        if until is not None and until <= moment:
            self._decide(Decided(Event("expired", now), self._place(self.ticket.last_period)))

    def act(self, event: Event) -> tuple[Transition, ...]:
        """An act of the addressee or the office on the current episode; NotApplicable when it is refused."""
        return self._decide(Decided(event, self._place(self.ticket.last_period)))[0]

    # --- what a new fold brings ---

    def _refold(self, measured: list[Colour | None], at: datetime, now: datetime) -> None:
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
        names = {i: self._confirmed(i, now) for i in changed}
        told = self._record(measured, names, now)
        for i in changed:
            self._changed(i, before[i].record, after[i].record, told.get(i), at)

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
        """Per cell its measured light of record, where it binds."""
        return [
            light.record if light.record in COLOURS and judgement is not None and judgement.binding else None
            for light, judgement in zip(self.lights.cells, self.judgements, strict=True)
        ]

    def _record(
        self, before: list[Colour | None], names: dict[int, tuple[str, ...]], now: datetime
    ) -> dict[int, tuple[Colour, Message | None, str | None]]:
        """Move the tickets; per changed cell what had been said, the message that tells it, or why there is none."""
        verdicts = self._verdicts()
        changed = [i for i in range(len(verdicts)) if before[i] != verdicts[i]]
        newest = max((i for i, colour in enumerate(before) if colour is not None), default=-1)
        told: dict[int, tuple[Colour, Message | None, str | None]] = {}
        past = [i for i in changed if i <= newest]
        if past:
            for decided in restatements(self._history(verdicts, now), past, newest):
                told[decided.carrier] = self._told(decided, names)
        for i in (i for i in changed if i > newest and verdicts[i] is not None):
            found = verdict(self._history(verdicts, now), i)
            told[i] = ("green", None, "ended") if found is None else self._told(found, names)
        return told

    def _told(self, decided: Decided, names: dict[int, tuple[str, ...]]) -> tuple[Colour, Message | None, str | None]:
        last: Colour = self.ticket.severity if self.ticket.state in LAGGING else "green"
        _, messages = self._decide(decided, names.get(decided.carrier, ()))
        silent = "suppressed" if self.ticket.suppressed else "level_kept"
        return last, messages[-1] if messages else None, None if messages else silent

    def _history(self, verdicts: Sequence[Colour | None], now: datetime) -> History:
        years = [
            cell.period.year if j is not None and j.quota else 0
            for cell, j in zip(self.cells, self.judgements, strict=True)
        ]
        return History(self.cells, verdicts, years, self.episodes, self._ended, now)

    def _decide(self, decided: Decided, names: tuple[str, ...] = ()) -> tuple[tuple[Transition, ...], list[Message]]:
        """Move one episode; each transition that says something is one message."""
        episode = len(self.episodes) - 1 if decided.episode is None else decided.episode
        _, transitions = advance(self.episodes[episode] if episode >= 0 else Ticket(), decided.event, self.calendar)
        messages = []
        for transition in transitions:
            if transition.before.state == "NONE":
                self.episodes.append(transition.after)
            else:
                self.episodes[episode] = transition.after
            self.transitions.append(transition)
            if transition.says is not None:
                named = names if transition.says == "first" else ()
                cell, at = self._place(decided.event.period, decided.carrier), decided.event.at
                told = Message(transition.says, cell, at, ticket=transition.after, code=transition.code, names=named)
                messages.append(self._say(told))
        return transitions, messages

    def _changed(
        self,
        i: int,
        old: Colour | None,
        new: Colour | None,
        told: tuple[Colour, Message | None, str | None] | None,
        at: datetime,
    ) -> None:
        judgement = self.judgements[i]
        if told is None:  # no verdict, or one that another cell's message tells
            last: Colour = self.ticket.severity if self.ticket.state in LAGGING else "green"
            binding = judgement is None or judgement.binding
            told = (last, None, "earlier_period" if binding else "not_binding")
        last, message, reason = told
        worse = WORSE[new] > WORSE[last] or (message is not None and message.reason in ("first", "worsened"))
        self.changes.append(
            Change(i, "record", old, new, last, worse, at, message, None if message or not worse else reason)
        )

    # --- ends ---

    def _ends_at(self) -> datetime | None:
        """When the stretch that the current ticket is about is over: its last cell locks."""
        if self.ticket.state not in LIVING:
            return None
        return self.cells[self._end(self._place(self.ticket.last_period))].lock_at

    def _end(self, i: int) -> int:
        """The last cell of the stretch of cell `i`: its quota year, or its applicability, or the series ends there."""
        judgement = self.judgements[i]
        quota = judgement is not None and judgement.quota
        while i + 1 < len(self.cells):
            after = self.cells[i + 1]
            if after.record_at is None or (quota and after.period.year != self.cells[i].period.year):
                break
            i += 1
        return i

    def _ended(self, i: int) -> bool:
        return self.cells[self._end(i)].lock_at <= self.through

    def _place(self, period: str, otherwise: int = 0) -> int:
        return next((i for i, cell in enumerate(self.cells) if cell.period.text == period), otherwise)

"""One series under supervision: a standing comes or time passes, and lights, warnings and tickets follow. Pure.

`Series` is loaded from the store, moved record by record in the order of its partition, and written back; nothing but
that order and `now` (the platform's clock, a message's `sent`) decides what it says.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from contracts.events import Colour
from services.alerts import naming, pursuing
from services.alerts.changes import Change, Heard, Message, Version
from services.alerts.judgement import WORSE
from services.alerts.lights import fold_judgements
from services.alerts.overrides import NotOverridden, NotWorse, Override, covers
from services.alerts.pursuing import Told
from services.alerts.redlines import RedLine, open_ones
from services.alerts.series import SeriesState
from services.alerts.table import LAGGING
from services.alerts.tickets import Event, Ticket, Transition
from services.alerts.warnings import Warning, better, said, silence


class Series(SeriesState):
    """A series that is moved record by record."""

    __slots__ = ()

    @property
    def next_at(self) -> datetime | None:
        """The next moment at which time alone changes something."""
        moments = [self.lights.next_at, None if self.override is None else self.override.until]
        moments += self._excuses()
        for ticket in self.tickets.living():
            moments += (ticket.timer_at, ticket.suppressed_until, self.ends_at(ticket))
        return min((moment for moment in moments if moment is not None), default=None)

    def receive(self, heard: Sequence[Heard], now: datetime) -> bool:
        """Standings of one moment, each of another cell: what was between them is seen by nobody. False when each of
        these versions is known already."""
        new = [each for each in sorted(heard, key=lambda one: one[0]) if self._news(each)]
        if not new:
            return False
        measured = self.verdicts()
        for index, standing, judgement in new:
            self.judgements[index] = judgement
            self.standings[index] = standing
            self.versions.append(Version(standing, judgement, self.cells[index]))
            self.cause = f"{standing.period}|{standing.version}"
        at = max(judgement.known_at for _, _, judgement in new)
        self._refold(measured, at, now, [index for index, _, _ in new])
        return True

    def _news(self, heard: Heard) -> bool:
        known = self.judgements[heard[0]]
        return known is None or known.version < heard[2].version

    def pass_time(self, to: datetime, now: datetime) -> None:
        """Everything that time alone does up to `to`, moment by moment: timers first, then the lights, then ends."""
        while (moment := self.next_at) is not None and moment <= to:
            self._timers(moment, now)
            self.through = max(moment, self.through)
            if self.lights.next_at is not None and self.lights.next_at <= moment:
                self._refold(self.verdicts(), moment, now)
            elif any(judgement is not None and judgement.excused_until == moment for judgement in self.judgements):
                pursuing.report(self, now)
            for ticket in self.tickets.living():
                ends = self.ends_at(ticket)
                if ends is not None and ends <= moment:
                    pursuing.move(self, ticket, Event("ended", now))
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
                pursuing.move(self, ticket, Event(f"{ticket.timer}_timeout", now))
            if ticket.suppressed_until is not None and ticket.suppressed_until <= moment:
                pursuing.move(self, ticket, Event("expired", now))
        if self.override is not None and self.override.until <= moment:
            self._lift(replace(self.override, ended_at=self.override.until))

    def act(self, event: Event, ticket: Ticket | None = None) -> tuple[Transition, ...]:
        """An act of the addressee or the office on a ticket; NotApplicable when it is refused."""
        return pursuing.move(self, self.ticket if ticket is None else ticket, event)

    def overrule(self, override: Override) -> None:
        """The office worsens the light (rule 6.6): it holds until its end, in place of an earlier one; NotWorse."""
        shown = self.lights.light
        if shown == "grey" or WORSE[override.colour] <= WORSE[shown]:
            raise NotWorse(shown)
        if self.override is not None:
            self._lift(replace(self.override, ended_at=override.at, ended_by=override.author, end_reason="replaced"))
        before = self.verdicts()
        newest = max((i for i, colour in enumerate(before) if colour is not None), default=None)
        if newest is not None:
            override = replace(override, period=self.cells[newest].period.text)
            self.worsened[newest] = override.colour
        self.override = override
        self.overrides.append(override)
        if newest is not None:
            computed = self.lights.cells[newest].record
            told = pursuing.record(self, before, {}, override.at, "override")
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
        before, was = self.verdicts(), bool(open_ones(self.lines))
        self.lines = lines
        told, after = pursuing.record(self, before, {}, now, "red_line"), self.verdicts()
        for i in (i for i in range(len(after)) if before[i] != after[i]):
            self._changed(i, before[i], after[i], told.get(i), now, kind="red_line")
        if was != bool(open_ones(lines)) and self.lights.light != "red":
            self.turns.append(now)

    # --- what a new fold brings ---

    def _refold(self, measured: list[Colour | None], at: datetime, now: datetime, received: Sequence[int] = ()) -> None:
        """Fold anew and follow each difference: live lights, then lights of record."""
        shown, before = self.lights, self.lights.cells
        self.lights = fold_judgements(self.cells, self.judgements, self.through)
        after = self.lights.cells
        if self.lights.light != shown.light:
            self.turns.append(at)
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
        told = pursuing.record(self, measured, names, now, received=received)
        for i in changed:
            self._changed(i, before[i].record, after[i].record, told.get(i), at)
        pursuing.report(self, now)

    def _live(self, i: int, old: Colour | None, new: Colour | None, at: datetime, now: datetime) -> None:
        period, judgement = self.cells[i].period.text, self.judgements[i]
        for warning in [w for w in self.warnings.get(period, ()) if better(new, w)]:
            self._resolve(warning, "withdrawn", now)
            self.say(Message("withdrawn", i, now, warning=warning))
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
        return self.say(Message("early", i, now, warning=warning))

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

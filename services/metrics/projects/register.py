"""The rolling list of one project (滚动推进): its acts → its stays on each list and the plans in force. Pure, rule 12.

Acts are walked by the day they are true of, those of one day in the order enter, amend, end. One that does not fit what
was before it (to enter a list it is on, to leave one it is not on) is refused, and is taken again when an earlier act
makes it fit: order of arrival is nothing. An act locks with the December of its year: afterwards an earlier year is
history and is not rewritten.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

import msgspec

from contracts.periods import Period, parse
from contracts.project_events import Planned, ProjectListed, Stay
from contracts.projects import Listed, Plan
from contracts.terms import Terms
from services.metrics.projects.facts import Fact, Identity, Verdict, resolve


@dataclass(slots=True)
class Register:
    """What the list says of one project."""

    plans: list[Planned] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    verdicts: dict[Identity, Verdict] = field(default_factory=dict)

    @property
    def known(self) -> bool:
        """Whether it has ever been on a list, with a plan."""
        return bool(self.plans and self.stays)

    def plan_at(self, day: date) -> Plan:
        """The plan in force on a day: the newest from then or before, before the first one the first."""
        held = [each for each in self.plans if each.on <= day]
        return (held[-1] if held else self.plans[0]).plan

    def covers(self, period: Period) -> bool:
        """Whether it was on a list on any day of the period."""
        return any(s.entered <= period.end and (s.ended is None or s.ended >= period.start) for s in self.stays)


def register(terms: Terms, facts: Iterable[Fact]) -> Register:
    """The stays and plans from all list acts of one project."""
    found = Register()
    by_key: defaultdict[tuple[str | None, date], list[Fact]] = defaultdict(list)
    for fact in facts:
        said = act_of(fact)
        if fact.received_at >= locks(terms, said.on):
            found.verdicts[fact.identity] = ("refused", "year_locked")
        else:
            by_key[said.list, said.on].append(fact)
    effective = []
    for held in by_key.values():
        resolved = resolve(held, lambda fact: act_of(fact).revision, _content)
        found.verdicts |= resolved.verdicts
        effective.append(resolved.effective)
    _walk(found, sorted(effective, key=lambda fact: _place(act_of(fact))))
    return found


def locks(terms: Terms, day: date) -> datetime:
    """When what is true of a day's year is history: the lock of that year's December (rule 2.9)."""
    return terms.lock_at(parse(f"{day.year}-12"))


def act_of(fact: Fact) -> Listed:
    assert isinstance(fact.event, ProjectListed)
    return fact.event.said


def _place(said: Listed) -> tuple[date, int, str]:
    """Of one day what enters comes first, then what amends, then what ends: a plan may be amended on either day."""
    return said.on, _ORDER.get(said.act or "", 0), said.list or ""


_ORDER = {"enter": 0, "amend": 1, "complete": 2, "leave": 2}


def _content(fact: Fact) -> object:
    return msgspec.structs.replace(act_of(fact), revision=0)


def _walk(found: Register, acts: Iterable[Fact]) -> None:
    """Each act in the order of its day: one that fits moves the list, one that does not is refused."""
    open_: dict[str, int] = {}  # list → place of its open stay
    for fact in acts:
        said = act_of(fact)
        if said.act is None:
            continue
        refused = _misfit(found, said, open_)
        if refused is not None:
            found.verdicts[fact.identity] = ("refused", refused)
            continue
        if said.plan is not None:
            found.plans.append(Planned(on=said.on, plan=said.plan))
        if said.list is None:
            continue
        if said.act == "enter":
            open_[said.list] = len(found.stays)
            found.stays.append(Stay(list=said.list, entered=said.on, reason=said.reason))
        elif said.act in ("complete", "leave"):
            place = open_.pop(said.list)
            found.stays[place] = msgspec.structs.replace(
                found.stays[place], ended=said.on, how=said.act, end_reason=said.reason
            )


def _misfit(found: Register, said: Listed, open_: dict[str, int]) -> str | None:
    """Why an act does not fit, or None."""
    if said.act == "enter":
        if said.list in open_:
            return "already_on_list"
        return "plan_missing" if said.plan is None and not found.plans else None
    if said.act == "amend":
        return None if open_ else "not_on_list"
    return None if said.list in open_ else "not_on_list"

"""The figures of the lists, counted by date from the standings of all projects (rule 12). Pure.

80 projects and 800 亿, 40 and 80 亿 for 2023: the plan's figures stand beside what is counted. A list of one year is
counted up to its last day; what a project invested before it entered, or after it left, is not the list's.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

import msgspec

from contracts.events import Text
from contracts.numbers import exact, plain
from contracts.periods import parse
from contracts.programme import FedBy, ProjectList
from contracts.project_events import ProjectStanding, Stay
from contracts.projects import Plan


class ListFigures(msgspec.Struct, frozen=True, kw_only=True):
    """One list as of a date. `advanced` = on the list or completed on it; investments in 亿元, null: none printed."""

    list: str
    name: Text
    as_of: date
    planned_projects: int | None
    advanced: int
    listed: int
    completed: int
    left: int
    planned_investment: str | None
    invested: str
    planned_total: str | None
    total: str  # the planned totals of the advanced projects


class Feed(msgspec.Struct, frozen=True, kw_only=True):
    """What projects linked to an indicator add up to in one district as of a day, by the figure that feeds it."""

    indicator: str
    district: str
    as_of: date
    projects: tuple[str, ...]
    figure: FedBy
    value: str  # 亿元, or how many


def figures(lists: Iterable[ProjectList], standings: Sequence[ProjectStanding], day: date) -> list[ListFigures]:
    """Each list's figures as of a day."""
    return [_figures(each, standings, day) for each in lists]


def feeds(standings: Iterable[ProjectStanding], fed_by: Mapping[str, FedBy], day: date) -> list[Feed]:
    """The sums over the list by explicit link, per indicator and district, as of a day."""
    found: dict[tuple[str, str], list[ProjectStanding]] = {}
    for standing in standings:
        if any(stay.entered <= day for stay in standing.stays):
            for indicator in plan_at(standing, day).feeds:
                found.setdefault((indicator, plan_at(standing, day).district), []).append(standing)
    return [
        Feed(
            indicator=indicator,
            district=district,
            as_of=day,
            projects=tuple(sorted(standing.project for standing in linked)),
            figure=fed_by[indicator],
            value=plain(added(fed_by[indicator], linked, day)),
        )
        for (indicator, district), linked in sorted(found.items())
        if indicator in fed_by
    ]


def added(figure: FedBy, standings: Sequence[ProjectStanding], day: date) -> Fraction:
    """One figure of these projects as of a day: what was invested on a list, how many are advanced, or completed."""
    stays = [[stay for stay in each.stays if stay.entered <= day] for each in standings]
    if figure == "investment":
        parts = [invested(each, _united(held), day) for each, held in zip(standings, stays, strict=True)]
        return sum(parts, Fraction(0))
    wanted = ("complete",) if figure == "completed" else ("listed", "complete")
    return Fraction(sum(any(_how([stay], day) in wanted for stay in held) for held in stays))


def invested(standing: ProjectStanding, stays: Sequence[Stay], day: date) -> Fraction:
    """What was invested during these stays up to a day."""
    return sum((_during(standing, stay, day) for stay in stays), Fraction(0))


def state(standing: ProjectStanding, day: date) -> str:
    """How a project stands as of a day: completed, left, or as its newest month says (unreported without one)."""
    stays = [stay for stay in standing.stays if stay.entered <= day]
    if not stays:
        return "not_listed"
    if all(stay.ended is not None and stay.ended <= day for stay in stays):
        return "completed" if any(stay.how == "complete" for stay in stays[-1:]) else "left"
    month = next((m for m in reversed(standing.months) if m.end <= day and m.status is not None), None)
    return "unreported" if month is None or month.status is None else month.status


def plan_at(standing: ProjectStanding, day: date) -> Plan:
    """The plan in force on a day."""
    return standing.plan_at(day)


def _figures(of: ProjectList, standings: Sequence[ProjectStanding], day: date) -> ListFigures:
    day = day if of.year is None else min(day, date(of.year, 12, 31))
    stays = {
        standing.project: [stay for stay in standing.stays if stay.list == of.id and stay.entered <= day]
        for standing in standings
    }
    how = {project: _how(found, day) for project, found in stays.items() if found}
    advanced = [standing for standing in standings if how.get(standing.project) in ("listed", "complete")]
    counted = [standing for standing in standings if standing.project in how]
    return ListFigures(
        list=of.id,
        name=of.name,
        as_of=day,
        planned_projects=of.count,
        advanced=len(advanced),
        listed=sum(each == "listed" for each in how.values()),
        completed=sum(each == "complete" for each in how.values()),
        left=sum(each == "leave" for each in how.values()),
        planned_investment=of.invest_planned,
        invested=plain(sum((invested(each, stays[each.project], day) for each in counted), Fraction(0))),
        planned_total=of.invest_total,
        total=plain(sum((exact(plan_at(each, day).invest_total) for each in advanced), Fraction(0))),
    )


def _how(stays: Sequence[Stay], day: date) -> str:
    """Whether it is on the list on a day, was completed on it, or left it; the newest stay tells."""
    last = stays[-1]
    return "listed" if last.ended is None or last.ended > day else last.how or "leave"


def _united(stays: Sequence[Stay]) -> list[Stay]:
    """Stays on several lists at the same time as one: nothing is counted twice."""
    found: list[Stay] = []
    for stay in sorted(stays, key=lambda each: each.entered):
        before = found[-1] if found else None
        if before is None or (before.ended is not None and before.ended < stay.entered):
            found.append(stay)
            continue
        open_ = before.ended is None or stay.ended is None
        ended = None if open_ else max(before.ended or date.min, stay.ended or date.min)
        found[-1] = msgspec.structs.replace(before, ended=ended)
    return found


def _during(standing: ProjectStanding, stay: Stay, day: date) -> Fraction:
    """Invested in total at the end of a stay (of the month in which it ended) less what was before it."""
    known = [month for month in standing.months if month.end <= day and month.invested_total is not None]
    within = [m for m in known if stay.ended is None or parse(m.period).start <= stay.ended]
    if not within or within[-1].end < stay.entered:
        return Fraction(0)
    before = [month for month in known if month.end < stay.entered]
    start = before[-1].invested_total if before else plan_at(standing, stay.entered).invested_before
    return exact(within[-1].invested_total or "0") - exact(start or "0")

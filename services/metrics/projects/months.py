"""A project's months (rule 12): earned schedule in steps and in days, start, investment, problems. Pure.

E(t) = the points of the nodes due by t, in steps: nothing is owed between two due dates. A month is judged by what was
reported for it and for earlier months; what a later month adds belongs to the later month.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction

from contracts.numbers import convert, exact, plain, published
from contracts.periods import Period, following, parse
from contracts.project_events import Month, OpenProblem
from contracts.projects import Node, Plan, Problem, Progress
from services.metrics.projects.register import Register


@dataclass(frozen=True, slots=True)
class Reported:
    """The report that counts for a month, and when the month was first reported."""

    said: Progress
    received_at: datetime
    conflict: bool = False


def months(register: Register, reported: Mapping[Period, Reported]) -> tuple[list[Month], list[OpenProblem]]:
    """Every month from the first on a list to the newest reported one, and the problems as they stand then."""
    if not reported:
        return [], []
    first = min(min(reported), parse(f"{min(s.entered for s in register.stays):%Y-%m}"))
    walked = _Walk()
    found, period = [], first
    while period <= max(reported):
        if register.covers(period):
            walked.take(period, reported.get(period))
            found.append(walked.month(period, reported.get(period), register.plan_at(period.end)))
        period = following(period)
    return found, list(walked.problems.values())


def expected(nodes: Sequence[Node], day: date) -> Fraction:
    """E = the points of the nodes due by a day."""
    return sum((exact(node.weight) for node in nodes if node.due <= day), Fraction(0))


def late(nodes: Sequence[Node], done: Mapping[str, date], day: date) -> Node | None:
    """The first due node, in order of due dates, that is not done by a day; None: nothing is owed."""
    due = sorted((node for node in nodes if node.due <= day), key=lambda node: node.due)
    return next((node for node in due if node.id not in done or done[node.id] > day), None)


def lag_days(nodes: Sequence[Node], done: Mapping[str, date], day: date) -> int:
    """Days from the due date of that node to the end of the reported period (落后天数); 0: nothing is owed."""
    node = late(nodes, done, day)
    return 0 if node is None else (day - node.due).days


def unstarted_months(starts_in: str, started: bool, period: Period) -> int:
    """How many month ends, this one among them, have passed since the planned month of the start without one."""
    planned = parse(starts_in)
    if started or planned > period:
        return 0
    return (period.end.year - planned.end.year) * 12 + period.end.month - planned.end.month + 1


@dataclass(slots=True)
class _Walk:
    """What is known after the reports up to a month."""

    done: dict[str, date] = field(default_factory=dict)
    problems: dict[str, OpenProblem] = field(default_factory=dict)
    started_on: date | None = None
    started: bool = False
    invested: dict[int, Fraction] = field(default_factory=dict)  # the newest of each year

    def take(self, period: Period, report: Reported | None) -> None:
        """The report of a month, if there is one."""
        if report is None:
            return
        said = report.said
        for node in said.nodes:
            if node.done_on is None:
                self.done.pop(node.id, None)
            else:
                self.done[node.id] = node.done_on
        for problem in said.problems:
            self.problems[problem.id] = _problem(problem, self.problems.get(problem.id), period)
        self.started_on = said.started_on or self.started_on
        self.started = self.started_on is not None or said.status != "not_started" or bool(self.done)
        self.invested[period.year] = invested(said)

    def month(self, period: Period, report: Reported | None, plan: Plan) -> Month:
        """The month against the plan in force at its end."""
        node = late(plan.nodes, self.done, period.end)
        total, year, planned = self._invested(period, plan) if report else (None, None, None)
        done = [each for each in plan.nodes if each.id in self.done and self.done[each.id] <= period.end]
        return Month(
            period=period.text,
            end=period.end,
            status=report.said.status if report else None,
            received_at=report.received_at if report else None,
            lag_days=0 if node is None else (period.end - node.due).days,
            late_node=node.id if node else None,
            late_since=node.due if node else None,
            due=plain(expected(plan.nodes, period.end)),
            done=plain(sum((exact(each.weight) for each in done), Fraction(0))),
            started_on=self.started_on,
            unstarted_months=unstarted_months(plan.starts_in, self.started, period),
            invested_total=None if total is None else plain(total),
            invested_year=None if year is None else plain(year),
            planned_year=None if planned is None else plain(planned),
            year_share=None if year is None or not planned else published(100 * year / planned, 2),
            confidence=report.said.confidence if report else None,
            conflict=report.conflict if report else False,
        )

    def _invested(self, period: Period, plan: Plan) -> tuple[Fraction, Fraction, Fraction | None]:
        """In total, within the calendar year, and planned for it, all in 亿元."""
        total = self.invested[period.year]
        earlier = [year for year in self.invested if year < period.year]
        before = self.invested[max(earlier)] if earlier else exact(plan.invested_before)
        planned = plan.invest_by_year.get(str(period.year))
        return total, total - before, None if planned is None else exact(planned)


def invested(said: Progress) -> Fraction:
    """The investment a report tells, in 亿元."""
    return convert(exact(said.invested_total), said.unit, "CNY_100M")


def _problem(said: Problem, before: OpenProblem | None, period: Period) -> OpenProblem:
    """A problem as it stands after a month: raised when first named, solved when last said so."""
    return OpenProblem(
        id=said.id,
        text=said.text,
        factor=said.factor,
        owner=said.owner,
        due=said.due,
        raised_in=before.raised_in if before else period.text,
        solved_in=None if said.state == "open" else (before and before.solved_in) or period.text,
    )

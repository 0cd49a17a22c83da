"""What follows from a case beyond its standing: its tickets (rule 8), a score (rule 10), a project's light (rule 12).

All by the services' own pure modules; `liangshai evaluate` prints it beside the standing.
"""

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any, Literal

import msgspec

from contracts.calendar import Calendar
from contracts.cells import Cell
from contracts.events import Colour, Standing
from contracts.numbers import exact, published
from contracts.periods import Frequency, ending
from contracts.programme import Lookup, Profile
from contracts.projects import Node
from contracts.records import Record
from services.alerts.changes import Name
from services.alerts.judgement import Judgement
from services.alerts.overrides import Override
from services.alerts.projects.lights import colour
from services.alerts.scores.ranking import places
from services.alerts.scores.robustness import place_ranges
from services.alerts.scores.scoring import Item, process_points, score
from services.alerts.supervision import Series
from services.alerts.tickets import Event
from services.alerts.trial.replaying import LAG, Receipt, blank, lead
from services.metrics.projects.months import expected, lag_days, unstarted_months


class TicketAct(Record, frozen=True, kw_only=True):
    """What the addressee or the office does about the case's ticket, and when (签收, 反馈, 复核, 升级)."""

    act: Literal["ack", "answer", "review_passed", "review_refused", "escalate"]
    at: datetime
    reason: str | None = None
    promised_on: date | None = None


class Weighed(Record, frozen=True, kw_only=True):
    """One item of a score; without an attainment it is missing, `left_out` says why it does not count at all."""

    id: str
    weight: str = "1"
    attainment: str | None = None
    left_out: str | None = None


class Scored(Record, frozen=True, kw_only=True):
    """One unit's items, and its lights of record in the edition's year."""

    unit: str
    items: tuple[Weighed, ...]
    yellow: int = 0
    red: int = 0
    measured: int = 0


class ProjectCase(Record, frozen=True, kw_only=True):
    """A project at the end of a month: its planned nodes, those that are done, whether it has started."""

    nodes: tuple[Node, ...]
    done: dict[str, date] = msgspec.field(default_factory=dict)  # node → day
    starts_in: str | None = None
    started: bool = True


def supervised(
    lookup: Lookup,
    cells: Sequence[Cell],
    standings: Sequence[tuple[datetime, Standing]],
    acts: Sequence[TicketAct],
    overrides: Sequence[Override],
    at: datetime,
) -> Series:
    """One series up to a moment, told each version of its standings when it came: its tickets as they would have been
    opened, raised and closed, its override."""
    calendar, profile = Calendar.of(lookup.programme.calendar), lookup.programme.profile
    series = blank(Name(lookup.programme.id, cells[0].indicator, cells[0].district), cells, calendar)
    places = {cell.period.text: i for i, cell in enumerate(cells)}
    receipts = [Receipt(when, places[s.period], s, Judgement.of(s, profile)) for when, s in standings if when <= at]
    events = [Event(a.act, a.at, actor="case", reason=a.reason, promised_on=a.promised_on) for a in acts if a.at <= at]
    lead(series, receipts, [(LAG, event) for event in events], overrides, at)
    return series


def scores(units: Sequence[Scored], gate: Fraction) -> list[dict[str, Any]]:
    """Score, process points and place of each unit (rules 10.2, 10.4 and 10.5)."""
    items = {each.unit: [_item(item) for item in each.items] for each in units}
    found = {unit: score(of, gate) for unit, of in items.items()}
    held = places({unit: each.value if each.ranked else None for unit, each in found.items()})
    ranges = place_ranges({unit: items[unit] for unit, each in found.items() if each.ranked})
    return [
        {
            "unit": each.unit,
            "score": _two(found[each.unit].value),
            "reported": _two(found[each.unit].share),
            "not_ranked": found[each.unit].reason,
            "place": held[each.unit],
            "place_range": ranges.get(each.unit),
            "process_points": _two(process_points(each.yellow, each.red, each.measured)),
        }
        for each in units
    ]


def _item(said: Weighed) -> Item:
    attainment = None if said.attainment is None else exact(said.attainment)
    return Item(said.id, exact(said.weight), attainment, said.left_out)


def _two(value: Fraction | None) -> str | None:
    return None if value is None else published(value, 2)


def project(case: ProjectCase, as_of: date, profile: Profile) -> dict[str, Any]:
    """What is due of a project by the month of a day, how many days it is behind, and its light (rule 12)."""
    month = ending(Frequency.MONTHLY, as_of)
    late = lag_days(case.nodes, case.done, month.end)
    waiting = unstarted_months(case.starts_in, case.started, month) if case.starts_in else 0
    light: Colour | None = colour(late, waiting, profile)
    finished = (node for node in case.nodes if case.done.get(node.id, date.max) <= month.end)
    done = sum((exact(node.weight) for node in finished), Fraction(0))
    return {
        "period": month.text,
        "expected_points": _two(expected(case.nodes, month.end)),
        "done_points": _two(done),
        "lag_days": late,
        "unstarted_months": waiting,
        "light": light,
    }

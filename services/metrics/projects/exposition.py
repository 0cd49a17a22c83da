"""The gauges of projects (rules 12 and 13): written into bytes from Postgres by the replica that leads.

As `exposition.py` does for indicators: a scrape copies bytes; without the lead, or without a fresh reading for ten
seconds, there is nothing to copy. Amounts are in 亿元, shares ratios 0-1; words stand in the _info series.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction

import structlog

from contracts.editions import Catalogue
from contracts.numbers import exact, published
from contracts.operations.connections import Unavailable
from contracts.operations.leadership import Leadership
from contracts.operations.pace import Pace
from contracts.programme import Lookup
from contracts.project_events import Month, ProjectStanding
from contracts.projects import FACTORS
from services.metrics.exposition import OLDEST
from services.metrics.projects.figures import figures, plan_at, state
from services.metrics.projects.reading import Reading

STATES = "not_started", "under_way", "suspended", "completed", "left", "unreported"

log = structlog.get_logger(__name__)


class Exposition:
    """`rendered()` is what /metrics adds to the platform's own instruments."""

    def __init__(
        self,
        reading: Reading,
        leadership: Leadership,
        catalogue: Catalogue,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reading, self._leadership, self._monotonic = reading, leadership, monotonic
        self._catalogue = catalogue
        self._bytes, self._drawn_at = b"", float("-inf")
        self._state: tuple[int, date] | None = None
        self.pace = Pace()

    def rendered(self) -> bytes:
        """The gauges, or nothing while another replica leads or the last reading is too old."""
        fresh = self._monotonic() - self._drawn_at < OLDEST
        return self._bytes if fresh and self._leadership.held else b""

    async def run(self) -> None:
        """Draw once a second and soon after something moved while leading, until cancelled."""
        while True:
            started, leading = self._monotonic(), self._leadership.held
            if leading:
                self.pace.drawing()
                try:
                    await self.draw()
                except Unavailable as error:
                    log.warning("gauges of projects not drawn", error=str(error))
            await self.pace.pause(self._monotonic() - started, leading=leading)

    async def draw(self) -> None:
        """Read what has changed and write it down: statements move it, and midnights (a problem is overdue)."""
        found = await self._reading.state()
        if found != self._state:
            standings = await self._reading.standings(self._catalogue.programme)
            self._bytes, self._state = "".join(gauges(self._catalogue.lookup, standings, found[1])).encode(), found
        self._drawn_at = self._monotonic()


def gauges(lookup: Lookup, standings: Sequence[ProjectStanding], day: date) -> Iterator[str]:
    """Prometheus' text of all projects as of a day."""
    programme = lookup.programme.id
    yield from _of_projects(standings, day)
    yield from _counts(programme, standings, day)
    yield from _problems(programme, standings, day)
    told = figures(lookup.programme.projects, standings, day)
    for name, meaning, values in (
        ("list_projects", "Projects of a list by what became of them: listed, completed, left, advanced", [
            ({"list": f.list, "state": what}, str(getattr(f, what)))
            for f in told for what in ("listed", "completed", "left", "advanced")]),
        ("list_planned_projects", "Projects the plan prints for a list",
         [({"list": f.list}, str(f.planned_projects)) for f in told if f.planned_projects is not None]),
        ("list_invested", "Invested by a list's projects while on it (CNY 100 million)",
         [({"list": f.list}, f.invested) for f in told]),
        ("list_planned_investment", "Investment the plan prints for a list (CNY 100 million)",
         [({"list": f.list}, f.planned_investment) for f in told if f.planned_investment is not None]),
    ):  # fmt: skip
        yield from _family(name, meaning, [({"programme": programme, **labels}, value) for labels, value in values])


def _of_projects(standings: Sequence[ProjectStanding], day: date) -> Iterator[str]:
    newest = [(each, month) for each in standings if (month := _newest(each, day)) is not None]

    def of(name: str, meaning: str, value: Callable[[Month], str | None]) -> Iterator[str]:
        yield from _family(name, meaning, [(_name(each), value(month)) for each, month in newest])

    yield from of("lag_days", "Days from the first due node not done to the end of the reported month",
                  lambda m: str(m.lag_days))  # fmt: skip
    yield from of("due_ratio", "Points of the nodes due by the end of the reported month", lambda m: _ratio(m.due))
    yield from of("done_ratio", "Points of the nodes done by the end of the reported month", lambda m: _ratio(m.done))
    yield from of("invested", "Invested in total (CNY 100 million)", lambda m: m.invested_total)
    yield from of("invested_year", "Invested this year (CNY 100 million)", lambda m: m.invested_year)
    yield from of("planned_year", "Planned for this year (CNY 100 million)", lambda m: m.planned_year)
    plans = [(each, plan_at(each, day)) for each in standings]
    yield from _family(
        "planned", "Planned in total (CNY 100 million)", [(_name(e), plan.invest_total) for e, plan in plans]
    )
    info = [
        (
            _name(each)
            | {"name_zh": plan.name.zh, "name_en": plan.name.en, "district": plan.district}
            | {"department": plan.department, "contact": plan.contact.name, "role": plan.contact.role}
            | {"invented": str(plan.invented).lower(), "state": state(each, day)},
            "1",
        )
        for each, plan in plans
    ]
    yield from _family("info", "The words of each project", info)


def _counts(programme: str, standings: Sequence[ProjectStanding], day: date) -> Iterator[str]:
    counted = Counter((plan_at(each, day).district, state(each, day)) for each in standings)
    districts = sorted({district for district, _ in counted})
    yield "# HELP liangshai_projects Projects by district and state\n# TYPE liangshai_projects gauge\n"
    for district in districts:
        for each in STATES:
            yield _sample(
                "liangshai_projects",
                {"programme": programme, "district": district, "state": each},
                str(counted[district, each]),
            )


def _problems(programme: str, standings: Sequence[ProjectStanding], day: date) -> Iterator[str]:
    open_ = [
        (plan_at(standing, day).district, problem.factor, problem.due < day)
        for standing in standings
        for problem in standing.problems
        if problem.solved_in is None
    ]
    districts = sorted({plan_at(standing, day).district for standing in standings})
    for name, meaning, counted in (
        ("problems_open", "Open problems by factor", Counter((d, f) for d, f, _ in open_)),
        ("problems_overdue", "Open problems past their due date, by factor", Counter((d, f) for d, f, o in open_ if o)),
    ):
        yield from _family(
            name,
            meaning,
            [
                ({"programme": programme, "district": district, "factor": factor}, str(counted[district, factor]))
                for district in districts
                for factor in FACTORS
            ],
        )


def _newest(standing: ProjectStanding, day: date) -> Month | None:
    return next((m for m in reversed(standing.months) if m.status is not None and m.end <= day), None)


def _name(standing: ProjectStanding) -> dict[str, str]:
    return {"programme": standing.programme, "project": standing.project}


def _ratio(points: str) -> str:
    return published(exact(points) / Fraction(100), 4)


def _family(name: str, meaning: str, samples: Iterable[tuple[Mapping[str, str], str | None]]) -> Iterator[str]:
    yield f"# HELP liangshai_project_{name} {meaning}\n# TYPE liangshai_project_{name} gauge\n"
    for labels, value in samples:
        if value is not None:
            yield _sample(f"liangshai_project_{name}", labels, value)


def _sample(name: str, labels: Mapping[str, str], value: str) -> str:
    said = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
    return f"{name}{{{said}}} {value}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")

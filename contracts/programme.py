"""The programme as typed data: what a catalogue says, without saying where it is kept (`catalogue.py` loads it).

Numbers are decimal strings in the indicator's unit; ids are the plan's slugs (rule 2.3).
"""

from datetime import date, datetime
from functools import cached_property
from typing import Literal

from contracts.events import Text
from contracts.numbers import UNITS, exact
from contracts.periods import Frequency
from contracts.records import Record
from contracts.routing import Routing
from contracts.schemes import Scheme

CITY = "huzhou"
OFFICE = "agri_rural_bureau"  # where no unit is printed, the task-force office leads (rule 2.4)

Accumulation = Literal["increment", "ytd", "programme", "level"]
Goal = Literal["reach", "hold_floor", "hold_ceiling", "band", "rank_at_most", "yes_no"]
Schedule = Literal[
    "linear", "anchors", "steps", "seasonal", "quota", "growth", "hold", "due_date", "band", "none"
]  # linear, anchors: one rule (4.5)
Bound = Literal["ge", "gt", "le", "approx"]
FedBy = Literal["projects", "completed", "investment"]  # how many are advanced, how many completed, 亿元 invested


class Area(Record, frozen=True, kw_only=True):
    id: str
    name: Text
    parent: str | None
    part: Literal["plan", "points2023"]
    order: int
    name_source: Literal["text", "inferred"]  # inferred: the page had lost the heading
    plan_areas: tuple[str, ...] = ()  # of a 2023 heading: the plan's headings it carries out
    departments: tuple[str, ...] = ()  # the responsible units printed under it, in printed order


class Department(Record, frozen=True, kw_only=True):
    id: str
    name: Text


class District(Record, frozen=True, kw_only=True):
    id: str
    name: Text
    kind: Literal["city", "district", "county", "zone"]
    reports: bool
    adcode: str | None = None
    name_source: Literal["text", "known"] = "text"
    note: str | None = None


class Target(Record, frozen=True, kw_only=True):
    """One dated target as the text prints it. `value` null: the text is damaged (shown, never judged).

    The catalogue holds printed targets only. What lies between the printed years of a yearly flow (equal yearly steps,
    or the same figure every year: rule 4.6) is derived in one place, where metrics reads targets, from these and
    `Indicator.every_year`.
    """

    on: date
    value: str | None
    bound: Bound = "ge"
    qualifiers: tuple[str, ...] = ()  # the words that qualify it, verbatim: 超, 左右, 以上, 每年, 力争 …
    binding: bool = True  # false for effort wording: light shown, no ticket, no score (rule 4.11)
    disputed: bool = False  # shown, never used for E (rule 4.11)
    source: Literal["plan", "points2023", "points", "invented"] = "plan"  # invented: to show


class Threshold(Record, frozen=True, kw_only=True):
    """What every village, chain or household must reach: counted as the share that does, T = 100 (rule 4.11)."""

    value: str
    unit: str
    unit_zh: str
    bound: Bound = "ge"
    qualifiers: tuple[str, ...] = ()


class Baseline(Record, frozen=True, kw_only=True):
    on: date
    value: str


class Indicator(Record, frozen=True, kw_only=True):
    id: str
    name: Text
    version: int = 1
    continues: str | None = None  # the indicator that counted this in 2023 by another definition (rule 4.11)
    valid_from: date
    valid_to: date
    area: str
    area_2023: str | None = None
    section: str
    scope: Literal["city", "three_counties", "district"]
    quote: str
    quote_2023: str | None = None
    note: str | None = None
    reason: str  # why the rules apply to it in this way
    rules: tuple[str, ...] = ()  # the numbered rules at work
    deviation: Text | None = None  # where it departs from the project's classification, and why
    measure: Literal["cumulative", "annual", "level", "growth"]  # as printed
    steady: bool = False  # the text asks to hold it, not to raise it
    unit: str
    unit_zh: str
    decimals: int
    tolerance: str | None  # in the unit; None without a target
    approx_pct: str = "5"
    direction: Literal[1, -1]
    goal: Goal
    schedule: Schedule
    reported_as: Accumulation
    judged_as: Accumulation
    every_year: bool = (
        False  # 每年: the plan's figure holds for each year but those with a printed exception (rule 4.6)
    )
    threshold: Threshold | None = None
    yearly_floor: bool = False  # judged once, on the period YYYY (rule 4.7)
    stock: bool = False  # a running total that began before the programme (rule 4.4)
    baseline: Baseline | None = None
    targets: tuple[Target, ...] = ()
    frequency: Frequency
    statistical_lag_days: int = 0
    writer: Literal["lead", "district"]
    departments: tuple[str, ...]  # in printed order; the first leads
    departments_2023: tuple[str, ...] = ()
    applicable: tuple[str, ...]  # districts that report it (never the city); empty for a city-only series
    aggregate: Literal["sum", "share_done", "reported", "none"]
    own_targets: bool = False  # a district is not held to the city's figure: no_target until it has one (rule 3.3)
    fed_by: FedBy | None = None  # what projects of the list that name it in `feeds` add up to (rule 12)
    rankable: bool
    core: bool = False

    @property
    def lead(self) -> str:
        return self.departments[0] if self.departments else OFFICE

    @property
    def whole_items(self) -> bool:
        """Counted in pieces: only whole items are owed (rule 4.8)."""
        return UNITS[self.unit].whole and self.judged_as != "level"

    @property
    def districts(self) -> tuple[str, ...]:
        """Every district that has a series of it, the city last (rule 3.2)."""
        return (*self.applicable, CITY)

    def unit_at(self, district: str) -> str:
        """The unit of one series: the city's share of districts done is in percent, whatever theirs (rule 3.2)."""
        return "percent" if self.aggregate == "share_done" and district == CITY else self.unit

    @property
    def derived(self) -> bool:
        """The city's figure comes from the districts' (rule 3.2)."""
        return self.aggregate in ("sum", "share_done")


class Allocation(Record, frozen=True, kw_only=True):
    """What one district owes of a summed city target at its dates (rule 3.3). "0": not applicable up to that date."""

    indicator: str
    district: str
    targets: dict[str, str]  # date → value, in the indicator's unit


class Profile(Record, frozen=True, kw_only=True):
    """A threshold profile: versioned data (rule 5 and 6.2)."""

    id: str
    version: int
    y_pp: str = "10"
    r_pp: str = "30"
    y_ratio: str = "0.8"
    r_ratio: str = "0.5"
    p_min: str = "0.15"
    rec_pp: str = "2"
    rec_ratio: str = "0.05"
    bound_red_pct: str = "5"
    bound_red_points: str = "1"
    bound_margin: str = "0.2"
    min_range_tols: int = 5
    project_yellow_days: int = 7  # days behind above which a project is yellow (rule 12)
    project_red_days: int = 15
    project_red_starts: int = 3  # month ends in a row without the planned start


class ReportingCalendar(Record, frozen=True, kw_only=True):
    """When cells are due and lock (rule 7.1 and 2.9), and what overrides the library of breaks."""

    due_days: dict[Frequency, int]
    holiday_shift: bool = True
    lock_after_days: int = 20
    breaks: tuple[tuple[date, date], ...] = ()
    worked_weekends: tuple[date, ...] = ()


class ProjectList(Record, frozen=True, kw_only=True):
    """A list or package of major projects as the plan prints it (rule 12)."""

    id: str
    name: Text
    count: int | None
    invest_total: str | None  # 亿元
    invest_2023: str | None
    invest_by_2027: str | None
    departments: tuple[str, ...]
    quote: str
    note: str | None = None
    year: int | None = None  # a list of one year: its figures end with it

    @property
    def invest_planned(self) -> str | None:
        """The investment to be completed, 亿元: of its year, or by 2027."""
        return self.invest_by_2027 if self.year is None else self.invest_2023


class Programme(Record, frozen=True, kw_only=True):
    id: str
    name: Text
    version: str  # of the catalogue
    first_day: date
    last_day: date
    live_since: datetime
    areas: tuple[Area, ...]
    departments: tuple[Department, ...]
    districts: tuple[District, ...]
    indicators: tuple[Indicator, ...]
    decomposition: tuple[Allocation, ...]
    decomposition_note: Text
    projects: tuple[ProjectList, ...]
    calendar: ReportingCalendar
    profile: Profile
    scheme: Scheme = Scheme()
    routing: Routing = Routing()
    schemes: tuple[Scheme, ...] = ()  # others by which an edition can be asked for


class Lookup:
    """A programme with its parts found by id. Built once at start."""

    def __init__(self, programme: Programme) -> None:
        self.programme = programme
        self.indicators = {each.id: each for each in programme.indicators}
        self.districts = {each.id: each for each in programme.districts}
        self.departments = {each.id: each for each in programme.departments}
        self.areas = {each.id: each for each in programme.areas}
        self.schemes = {each.id: each for each in (*programme.schemes, programme.scheme)}
        self.allocations = {(each.indicator, each.district): each for each in programme.decomposition}

    def idle(self, indicator: str, district: str) -> tuple[tuple[date, date], ...]:
        """The stretches (after, through] in which the decomposition gives a district 0: not applicable (rule 3.3)."""
        allocation = self.allocations.get((indicator, district))
        dated = (
            sorted((date.fromisoformat(on), value) for on, value in allocation.targets.items()) if allocation else []
        )
        starts = [date.min, *(on for on, _ in dated)]
        return tuple((after, on) for after, (on, value) in zip(starts, dated, strict=False) if exact(value) == 0)

    @cached_property
    def series(self) -> tuple[tuple[Indicator, str], ...]:
        """Every (indicator, district) of the programme, in the plan's order."""
        return tuple((i, d) for i in self.programme.indicators for d in i.districts)

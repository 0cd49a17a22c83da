"""Whether a statement about a project can be true and may be said by its sender: pure, from message, catalogue, time
and token (rule 12). What the list knows (the project, its writer, its nodes) is decided by metrics (rule 2.6).

List acts, rulings and closings of red lines are the office's (kind `approve`); reports are a unit's own (`report`,
`correct`); a red line or a contact may be told by either.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from contracts.authority import Grant
from contracts.editions import Catalogue
from contracts.objections import Objection
from contracts.periods import parse
from contracts.programme import Lookup
from contracts.project_submission import PROJECT_ID, SubmittedStatement
from contracts.projects import Closed, Contacted, Listed, Plan, Progress, Raised, Ruled
from contracts.responsibility import concerned
from contracts.roles import Act
from services.ingest.projects.checks import (
    amount,
    done_in,
    evidence,
    first_of,
    money,
    month_of,
    once,
    revision_of,
    shown,
    weights,
    withdrawal,
    year_of,
)

_PROJECT = re.compile(PROJECT_ID)


_encode = msgspec.json.Encoder(order="deterministic").encode


@dataclass(frozen=True, slots=True)
class Acceptable:
    """A statement that passed."""

    submitted: SubmittedStatement

    @property
    def claim(self) -> tuple[str, ...] | None:
        """What may be said once a revision: a month of a project, a day of a list; all else may be said again."""
        match self.submitted.said:
            case Progress() as said:
                return "report", said.project, said.period, str(said.revision)
            case Listed() as said:
                return "list", said.project, said.list or "", str(said.on), str(said.revision)
            case _:
                return None

    @property
    def value(self) -> object:
        return _encode(self.submitted.said)

    @property
    def dissent(self) -> tuple[str, str]:
        return "reports_disagree", "/data/value"

    @property
    def renamed(self) -> str | None:
        return None


class Acceptance:
    """The rules over one programme's catalogue."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    @property
    def _lookup(self) -> Lookup:
        """The newest version."""
        return self._catalogue.lookup

    @property
    def _lists(self) -> list[str]:
        return [each.id for each in self._lookup.programme.projects]

    @property
    def _units(self) -> Set[str]:
        return self._lookup.departments.keys() | self._lookup.districts.keys()

    def accept(self, submitted: SubmittedStatement, grant: Grant, now: datetime) -> Acceptable | Objection:
        """The statement, or the first reason against it at platform time `now` (in Shanghai's zone)."""
        said, today = submitted.said, now.date()
        objection = self._misplaced(said)
        match said:
            case Listed():
                objection = objection or self._act(said, today) or _unauthorised(grant, ("approve",))
            case Progress():
                objection = objection or self._progress(said, now) or _unauthorised(grant, _kinds(said), said.district)
            case Contacted():
                objection = objection or self._day("on", said.on, today)
                objection = objection or _unauthorised(grant, ("report", "approve"), said.district)
            case Raised():
                objection = objection or self._raised(said, today)
                objection = objection or _unauthorised(grant, ("report", "approve"), said.district, said.indicator)
                objection = objection or self._unconcerned(grant, said)
            case Closed() | Ruled():
                objection = objection or _unauthorised(grant, ("approve",))
        return objection or Acceptable(submitted)

    def _misplaced(self, said: Any) -> Objection | None:
        """Programme, project and district, whatever is said of them."""
        if said.programme != self._lookup.programme.id:
            args = {"programme": shown(said.programme), "known": self._lookup.programme.id}
            return Objection("unknown_programme", "/data/programme", args)
        if isinstance(said, Raised | Closed):
            objection = self._subject(said)
            if objection is not None:
                return objection
        project = said.project
        if project is not None and (not _PROJECT.fullmatch(project) or project in self._lookup.indicators):
            return Objection("invalid_project", "/data/project", {"project": shown(project)})
        district = getattr(said, "district", None)
        return None if district is None else self._place(district, "/data/district")

    def _subject(self, said: Raised | Closed) -> Objection | None:
        """A project or an indicator's task, and not both."""
        if (said.project is None) == (said.indicator is None):
            return Objection("subject_missing", "/data")
        if said.indicator is None:
            return None
        indicator = self._lookup.indicators.get(said.indicator)
        if indicator is None:
            args = {"indicator": shown(said.indicator), "nearest": "", "nearest_zh": ""}
            return Objection("unknown_indicator", "/data/indicator", args)
        if said.district in self._lookup.districts and said.district not in indicator.districts:
            districts = ", ".join(indicator.districts)
            args = {"indicator": indicator.id, "district": said.district, "districts": districts}
            return Objection("not_applicable", "/data/district", args)
        return None

    def _place(self, district: str, pointer: str) -> Objection | None:
        if district in self._lookup.districts:
            return None
        known = ", ".join(each.id for each in self._lookup.districts.values() if each.reports)
        return Objection("unknown_district", pointer, {"district": shown(district), "known": known})

    def _unit(self, unit: str, pointer: str) -> Objection | None:
        return None if unit in self._units else Objection("unknown_department", pointer, {"department": shown(unit)})

    def _day(self, field: str, day: date, last: date) -> Objection | None:
        """Within the programme, and not later than `last`."""
        first = self._lookup.programme.first_day
        last = min(last, self._lookup.programme.last_day)
        args = {"field": field, "first": str(first), "last": str(last)}
        return None if first <= day <= last else Objection("date_out_of_range", f"/data/{field}", args)

    def _unconcerned(self, grant: Grant, said: Raised) -> Objection | None:
        """On an indicator's task a unit speaks where it answers or leads; of a project recording knows who may."""
        if said.indicator is None or grant.allows("approve", said.indicator, said.district):
            return None
        units = concerned(self._lookup, said.indicator, said.district)
        if grant.unit in units:
            return None
        args = {"indicator": said.indicator, "district": said.district, "units": ", ".join(sorted(units))}
        return Objection("not_authorised_for_task", "/data/indicator", args)

    # --- list acts ---

    def _act(self, said: Listed, today: date) -> Objection | None:
        objection = self._day("on", said.on, today) or revision_of(said.revision) or self._incomplete(said)
        if objection is not None or said.plan is None:
            return objection
        return self._plan(said.plan)

    def _incomplete(self, said: Listed) -> Objection | None:
        """What each act needs: a list, a plan, a reason."""
        if said.list is not None and said.list not in self._lists:
            args = {"list": shown(said.list), "known": ", ".join(self._lists)}
            return Objection("unknown_list", "/data/list", args)
        blank = not (said.reason or "").strip()
        listing = said.act in ("enter", "complete", "leave")
        rules = (
            (
                said.act == "amend" and (said.list is not None or said.plan is None),
                "须附计划，不指明清单",
                "has a plan, no list",
            ),
            (listing and said.list is None, "须指明清单", "names a list"),
            (said.act in ("complete", "leave") and said.plan is not None, "不附计划", "has no plan"),
            (said.act in ("amend", "leave") and blank, "须说明原因", "needs a reason"),
            (
                said.act is None and (blank or not said.revision),
                "为撤回，须有修订号和原因",
                "needs revision and reason",
            ),
        )
        wanted = next(((zh, en) for broken, zh, en in rules if broken), None)
        if wanted is None:
            return None
        return Objection("act_incomplete", "/data", {"act": str(said.act), "wanted_zh": wanted[0], "wanted": wanted[1]})

    def _plan(self, plan: Plan) -> Objection | None:
        at = "/data/plan"
        return (
            self._place(plan.district, f"{at}/district")
            or self._unit(plan.department, f"{at}/department")
            or (None if plan.contact.unit is None else self._unit(plan.contact.unit, f"{at}/contact/unit"))
            or first_of(self._fed(each) for each in plan.feeds)
            or month_of("starts_in", plan.starts_in, f"{at}/starts_in")
            or once("nodes", (node.id for node in plan.nodes), f"{at}/nodes")
            or weights(plan)
            or first_of(amount(name, getattr(plan, name), at) for name in ("invest_total", "invested_before"))
            or first_of(year_of(year, amount, at) for year, amount in plan.invest_by_year.items())
        )

    def _fed(self, indicator: str) -> Objection | None:
        known = self._lookup.indicators.get(indicator)
        if known is not None:
            args = {"indicator": known.id, "name": known.name.zh}
            return None if known.fed_by else Objection("not_fed_by_projects", "/data/plan/feeds", args)
        args = {"indicator": shown(indicator), "nearest": "", "nearest_zh": ""}
        return Objection("unknown_indicator", "/data/plan/feeds", args)

    # --- reports ---

    def _progress(self, said: Progress, now: datetime) -> Objection | None:
        objection = month_of("period", said.period, "/data/period") or revision_of(said.revision)
        if objection is not None:
            return objection
        period = parse(said.period)
        if period.end >= now.date():
            args = {"period": period.text, "closes_at": f"{period.closes_at:%Y-%m-%d %H:%M}"}
            return Objection("period_not_closed", "/data/period", args)
        return (
            self._day("period", period.end, self._lookup.programme.last_day)
            or withdrawal(said)
            or amount("invested_total", said.invested_total, "/data")
            or money(said.unit)
            or done_in(said, period)
            or once("problems", (each.id for each in said.problems), "/data/problems")
            or first_of(self._unit(each.owner, f"/data/problems/{n}/owner") for n, each in enumerate(said.problems))
            or first_of(evidence(e.text, e.evidence, f"/data/red_lines/{n}") for n, e in enumerate(said.red_lines))
        )

    def _raised(self, said: Raised, today: date) -> Objection | None:
        return self._day("on", said.on, today) or evidence(said.text, said.evidence, "/data/evidence")


def _kinds(said: Progress) -> tuple[Act, ...]:
    """`correct` from the first revision on (rule 2.4)."""
    return ("correct",) if said.revision else ("report",)


def _unauthorised(
    grant: Grant, kinds: tuple[Act, ...], district: str | None = None, indicator: str | None = None
) -> Objection | None:
    """The kind, and for a unit its district; the office speaks for all."""
    held = [kind for kind in kinds if kind in grant.acts]
    if not held:
        return Objection("not_authorised_for_act", "/data", {"kinds": ", ".join(kinds)})
    if any(grant.allows(kind, indicator, district) for kind in held):
        return None
    return Objection("not_authorised_for_place", "/data/district", {"district": district or ""})

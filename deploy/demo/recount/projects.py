"""The projects recounted from the driver's log (rule 12): days behind and lights month by month, figures of the lists.

Plain dates and sums over what intake accepted; no code of services/.
"""

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from contracts.periods import SHANGHAI, following, parse

PATH = "/v1/projects"
YELLOW_DAYS, RED_DAYS, RED_STARTS = 7, 15, 3
_RANK = {"green": 0, "yellow": 1, "red": 2}


@dataclass(frozen=True, slots=True)
class Stay:
    """From the day it entered a list to the day it left it or was completed."""

    list: str
    entered: date
    ended: date | None = None
    completed: bool = False

    def touches(self, first: date, last: date) -> bool:
        return self.entered <= last and (self.ended is None or self.ended >= first)


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a project: days behind (None: not reported), months without a start, its light of record."""

    lag_days: int | None
    unstarted: int
    record: str | None


@dataclass(slots=True)
class Told:
    """What the log says of one project."""

    plans: list[tuple[date, dict[str, Any]]] = field(default_factory=list)
    stays: list[Stay] = field(default_factory=list)
    reports: dict[str, dict[str, Any]] = field(default_factory=dict)  # the one that counts, by month
    first: dict[str, datetime] = field(default_factory=dict)  # when a month was first reported

    def plan(self, day: date) -> dict[str, Any]:
        held = [plan for on, plan in self.plans if on <= day]
        return held[-1] if held else self.plans[0][1]


@dataclass(frozen=True, slots=True)
class Calendar:
    """When a month's report is due, and when its lock falls."""

    due: Mapping[str, datetime]
    lock: Mapping[str, datetime]


def read(log: Path, calendar: Calendar) -> tuple[dict[str, Told], list[str]]:
    """Every project of the log, and the statements that intake turned down."""
    found: dict[str, Told] = defaultdict(Told)
    rejected: list[str] = []
    statements = []
    with log.open(encoding="utf-8") as lines:
        for line in map(json.loads, lines):
            if line.get("path") != PATH:
                continue
            for item in line["answer"]["items"]:
                if item["status"] != "accepted":
                    rejected.append(f"{item['id']}: {item.get('code')}")
                    continue
                event = line["items"][item["index"]]
                statements.append((datetime.fromisoformat(line["answer"]["received_at"]), event))
    approved = {
        (event["data"]["report_source"], event["data"]["report_id"])
        for _, event in statements
        if event["type"] == "project.ruled.v1" and event["data"]["decision"] == "approve"
    }
    for at, event in statements:
        data = event["data"]
        if event["type"] == "project.reported.v1":
            behind = at >= calendar.lock[data["period"]] and (event["source"], event["id"]) not in approved
            held = found[data["project"]].reports.get(data["period"])
            if not behind and (held is None or held.get("revision", 0) < data.get("revision", 0)):
                found[data["project"]].reports[data["period"]] = data
                found[data["project"]].first.setdefault(data["period"], at)
    acts = [event["data"] for _, event in statements if event["type"] == "project.listed.v1"]
    for act in sorted(acts, key=lambda each: (each["on"], each["list"] or "")):
        _listed(found[act["project"]], act)
    return dict(found), rejected


def _listed(told: Told, act: Mapping[str, Any]) -> None:
    on = date.fromisoformat(act["on"])
    if act.get("plan"):
        told.plans.append((on, act["plan"]))
    if act["act"] == "enter":
        told.stays.append(Stay(act["list"], on))
    elif act["act"] in ("leave", "complete"):
        place = max(n for n, stay in enumerate(told.stays) if stay.list == act["list"] and stay.ended is None)
        told.stays[place] = Stay(act["list"], told.stays[place].entered, on, act["act"] == "complete")


def months(told: Told, calendar: Calendar, now: datetime) -> dict[str, Month]:
    """Every month that is due or reported while the project is on a list."""
    found: dict[str, Month] = {}
    done: dict[str, date] = {}
    started = False
    period = parse(f"{min(stay.entered for stay in told.stays):%Y-%m}")
    while period.text in calendar.due:
        report = told.reports.get(period.text)
        if report is not None:
            done |= {node["id"]: date.fromisoformat(node["done_on"]) for node in report["nodes"]}
            started = started or report["status"] != "not_started" or bool(done)
        due = calendar.due[period.text] <= now
        if any(stay.touches(period.start, period.end) for stay in told.stays) and (due or report is not None):
            plan = told.plan(period.end)
            lag = None if report is None else _lag_days(plan, done, period.end)
            unstarted = _unstarted(plan, started, period.end)
            found[period.text] = Month(lag, unstarted, colour(lag, unstarted) if due else None)
        period = following(period)
    return found


def _lag_days(plan: Mapping[str, Any], done: Mapping[str, date], day: date) -> int:
    """Days since the due date of the first due node that is not done."""
    for node in sorted(plan["nodes"], key=lambda each: str(each["due"])):
        due = date.fromisoformat(node["due"])
        if due <= day and not (node["id"] in done and done[node["id"]] <= day):
            return (day - due).days
    return 0


def _unstarted(plan: Mapping[str, Any], started: bool, day: date) -> int:
    planned = parse(plan["starts_in"])
    if started or planned.end > day:
        return 0
    return 12 * (day.year - planned.year) + day.month - planned.end.month + 1


def colour(lag: int | None, unstarted: int) -> str:
    found = []
    if unstarted:
        found.append("red" if unstarted >= RED_STARTS else "yellow")
    if lag is not None:
        found.append("red" if lag > RED_DAYS else "yellow" if lag > YELLOW_DAYS else "green")
    return max(found, key=_RANK.__getitem__, default="grey")


@dataclass(frozen=True, slots=True)
class Figures:
    """What a list adds up to by a day."""

    advanced: int
    listed: int
    completed: int
    left: int
    invested: Fraction


def figures(projects: Mapping[str, Told], name: str, day: date) -> Figures:
    """The figures of a list as of a day."""
    states: list[str] = []
    invested = Fraction(0)
    for told in projects.values():
        stays = [stay for stay in told.stays if stay.list == name and stay.entered <= day]
        if not stays:
            continue
        last = stays[-1]
        on = last.ended is None or last.ended > day
        states.append("listed" if on else "completed" if last.completed else "left")
        invested += sum((_invested(told, stay, day) for stay in stays), Fraction(0))
    count = states.count
    return Figures(count("listed") + count("completed"), count("listed"), count("completed"), count("left"), invested)


def _invested(told: Told, stay: Stay, day: date) -> Fraction:
    """What was invested in the months of a stay up to a day."""
    known = sorted((parse(text), Fraction(data["invested_total"])) for text, data in told.reports.items())
    known = [each for each in known if each[0].end <= day]
    within = [each for each in known if stay.ended is None or each[0].start <= stay.ended]
    if not within or within[-1][0].end < stay.entered:
        return Fraction(0)
    before = [each for each in known if each[0].end < stay.entered]
    start = before[-1][1] if before else Fraction(told.plan(stay.entered).get("invested_before", "0"))
    return within[-1][1] - start


def today(now: datetime) -> date:
    """The date in Shanghai."""
    return now.astimezone(SHANGHAI).date()

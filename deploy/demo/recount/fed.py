"""Cells that projects feed, recounted from the driver's log (rule 12): the sum at the cell's lock, and since when.

Plain sums over what intake accepted; no code of services/. The invented list has projects that feed money only, never
leave the list while they do, and invested nothing before they entered it.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from contracts.numbers import convert
from contracts.periods import parse
from deploy.demo.recount.log import Key, Seats
from deploy.demo.recount.projects import PATH


@dataclass(frozen=True, slots=True)
class Sum:
    """What a cell was fed with at its lock, and when all of its projects had first told the month."""

    value: Fraction
    first: datetime


@dataclass(slots=True)
class Linked:
    """A project that feeds: since when, until when it must tell, and its reports by month with their receipt."""

    feeds: tuple[str, ...]
    district: str
    entered: date
    ended: date | None = None
    reports: dict[str, list[tuple[datetime, int, Fraction]]] = field(default_factory=lambda: defaultdict(list))

    def invested(self, period: str, before: datetime) -> Fraction | None:
        """The highest revision of a month among what came before a moment."""
        known = [each for each in self.reports.get(period, ()) if each[0] < before]
        return max(known, key=lambda each: (each[1], -each[0].timestamp()))[2] if known else None

    def last(self, end: date, before: datetime) -> Fraction:
        """What was invested by the newest month told up to a day."""
        told = sorted(p for p in self.reports if parse(p).end <= end and self.invested(p, before) is not None)
        return (self.invested(told[-1], before) or Fraction(0)) if told else Fraction(0)


def read(log: Path) -> dict[str, Linked]:
    """Every project of the log that feeds an indicator."""
    found: dict[str, Linked] = {}
    with log.open(encoding="utf-8") as lines:
        for at, event in _statements(lines):
            data, linked = event["data"], found.get(event["data"].get("project"))
            if event["type"] == "project.listed.v1" and data["act"] == "enter" and linked is None:
                if data.get("plan", {}).get("feeds"):
                    plan = data["plan"]
                    on = date.fromisoformat(data["on"])
                    found[data["project"]] = Linked(tuple(plan["feeds"]), plan["district"], on)
            elif event["type"] == "project.listed.v1" and data["act"] == "complete" and linked is not None:
                linked.ended = date.fromisoformat(data["on"])
            elif event["type"] == "project.reported.v1" and linked is not None:
                amount = convert(Fraction(data["invested_total"]), data["unit"], "CNY_100M")
                linked.reports[data["period"]].append((at, data.get("revision", 0), amount))
    return found


def _statements(lines: Iterator[str]) -> Iterator[tuple[datetime, Mapping[str, Any]]]:
    for line in map(json.loads, lines):
        if line.get("path") == PATH:
            for item in line["answer"]["items"]:
                if item["status"] == "accepted":
                    yield datetime.fromisoformat(line["answer"]["received_at"]), line["items"][item["index"]]


def sums(linked: Mapping[str, Linked], seats: Seats) -> dict[Key, Sum]:
    """Every cell with a sum: all projects that have to have told its month before its lock."""
    found: dict[Key, Sum] = {}
    for indicator, district in sorted({(name, each.district) for each in linked.values() for name in each.feeds}):
        for period, seat in seats.of(indicator, district).items():
            cell = seat.cell
            feeding = [
                each for each in linked.values()
                if indicator in each.feeds and each.district == district and each.entered <= cell.period.end
            ]  # fmt: skip
            owing = [each for each in feeding if each.ended is None or each.ended >= cell.period.start]
            told = [each.invested(period, cell.lock_at) for each in owing]
            if feeding and all(amount is not None for amount in told):
                first = max(min(at for at, *_ in each.reports[period]) for each in owing) if owing else None
                first = first or _passed(linked.values(), indicator, cell.period.end)
                if first is None or first >= cell.lock_at:
                    continue
                total = sum((each.last(cell.period.end, cell.lock_at) for each in feeding), Fraction(0))
                found[indicator, district, period] = Sum(total, first)
    return found


def _passed(linked: Iterable[Linked], indicator: str, end: date) -> datetime | None:
    """When any project of the indicator first told a month as late: what is complete is added up no further ahead."""
    told = (
        at
        for each in linked
        if indicator in each.feeds
        for period, reports in each.reports.items()
        if parse(period).end >= end
        for at, *_ in reports
    )
    return min(told, default=None)

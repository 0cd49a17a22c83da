"""Who pushes what, when: the programme's reports as every department's and district's system would send them.

Published figures stand where they are cells of the programme; every other report is simulated (`behaviours.py`).
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

from contracts.cells import Cell, Cells
from contracts.numbers import UNITS, unit_of
from contracts.periods import SHANGHAI, Period, parse
from contracts.programme import CITY, Indicator, Lookup
from contracts.responsibility import writer
from deploy.demo import behaviours, cell_acts
from deploy.demo.behaviours import Series

BASE = parse("2022")
FORMATS = ("batch", "ndjson", "csv")
_WRONG_UNITS = {"percent": "个", "count": "%"}


REPORTS, STATEMENTS = "/v1/reports", "/v1/projects"


@dataclass(frozen=True, slots=True)
class Push:
    """One request of one unit's system: what it sends at an instant, where to, in its own format."""

    at: datetime
    unit: str
    format: str
    items: tuple[dict[str, Any], ...]
    path: str = REPORTS


Said = Mapping[tuple[datetime, str], Sequence[dict[str, Any]]]  # items by instant and unit


def batches(said: Said, path: str, until: datetime) -> list[Push]:
    """What is said at each instant as one request a unit, in order."""
    told = sorted(said.items(), key=lambda each: each[0])
    return [Push(at, unit, "batch", tuple(items), path) for (at, unit), items in told if at <= until]


@dataclass(slots=True)
class Story:
    """Every push of the time-lapse in order, told from a seed."""

    lookup: Lookup
    cells: Cells
    seed: str
    until: datetime
    published: Mapping[tuple[str, str, str], Mapping[str, str]]
    acting: bool = False  # the office decides on held corrections, excuses cells, and writers explain flags
    _due: dict[tuple[datetime, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    _acts: dict[tuple[datetime, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))

    def pushes(self) -> list[Push]:
        for indicator, district in self.lookup.series:
            self._tell(indicator, district)
        told = []
        for (at, unit), items in sorted(self._due.items(), key=lambda each: each[0]):
            if at > self.until:
                continue
            form = FORMATS[Random(f"{self.seed}/{unit}").randrange(len(FORMATS))]
            told.append(Push(at, unit, form, tuple(items)))
            if Random(f"{self.seed}/twice/{at}/{unit}").random() < behaviours.SENDS_TWICE:
                told.append(Push(at + timedelta(hours=1), unit, form, tuple(items)))
        if self.acting:
            self._act(list(cell_acts.publications(self.lookup, self.cells)))
            told += batches(self._acts, cell_acts.ACTS, self.until)
        return sorted(told, key=lambda push: (push.at, push.unit, push.path))

    def _tell(self, indicator: Indicator, district: str) -> None:
        if district == CITY and indicator.derived:
            return  # the lead's comparison figure is optional: only published ones are sent
        series = Series(self.lookup, indicator, district, self.seed)
        if _needs_start(indicator):
            self._report(series, BASE, at=_clock(self.lookup.programme.first_day, 9), value=series.start())
        if series.never_reports:
            self._excuse_silent(series)
            return
        for cell in self.cells.of(indicator.id, district):
            if cell.applicable and cell.due_at is not None and cell.period.year > BASE.year:
                self._cell(series, cell)

    def _cell(self, series: Series, cell: Cell) -> None:
        assert cell.due_at is not None
        if (series.indicator.id, series.district, cell.period.text) in self.published:
            return
        random = Random(f"{self.seed}/{series.indicator.id}/{series.district}/{cell.period}")
        if random.random() < behaviours.FORGETS:
            if random.random() < cell_acts.EXCUSES:
                self._act(cell_acts.excuse(self._about(cell), cell, random))
            return
        at = _on_time(self.seed, writer(self.lookup, series.indicator.id, series.district, cell.period), cell)
        if random.random() < behaviours.LATE:
            at = cell.due_at + timedelta(days=random.choice((2, 4, 9)), hours=10)
        value = series.value(cell.period)
        if random.random() < behaviours.WRONG_UNIT and series.indicator.unit in _WRONG_UNITS:
            self._report(
                series,
                cell.period,
                at=at,
                value=value,
                unit_zh=_WRONG_UNITS[series.indicator.unit],
                mark="wrong-unit",
            )
            at += timedelta(hours=3)
        wrong = random.random() < behaviours.CORRECTS
        self._report(series, cell.period, at=at, value=series.mistaken(value) if wrong else value)
        if wrong:
            self._report(
                series,
                cell.period,
                at=at + timedelta(days=1),
                value=value,
                revision=1,
                reason="录入错误,更正 / typing error",
            )
        if random.random() < behaviours.CONTRADICTS:
            other, twin = at + timedelta(days=int(wrong), hours=2), series.contradiction(value)
            self._report(series, cell.period, at=other, value=twin, revision=int(wrong), mark="b")
        if random.random() < behaviours.CORRECTS_AFTER_LOCK:
            self._behind_the_lock(series, cell, value, random)
        if _jumps(series, cell.period) and random.random() < behaviours.EXPLAINS:
            unit = writer(self.lookup, cell.indicator, cell.district, cell.period)
            report = f"/simulated/{unit}", f"{cell.indicator}.{cell.district}.{cell.period}.r0"
            if not wrong:
                self._act([cell_acts.comment(self._about(cell), report, unit, at + timedelta(days=3))])

    def _behind_the_lock(self, series: Series, cell: Cell, value: Decimal, random: Random) -> None:
        """A correction or withdrawal after the lock: refused without a reason, else the office decides."""
        reason = "统计口径核实 / checked against source" if random.random() < 0.7 else None
        late = cell.lock_at + timedelta(days=5, hours=10)
        value_ = None if reason and random.random() < 0.12 else series.checked(value, random)
        self._report(series, cell.period, at=late, value=value_, revision=2, reason=reason, mark="late")
        if reason:
            unit = writer(self.lookup, cell.indicator, cell.district, cell.period)
            name = f"{cell.indicator}.{cell.district}.{cell.period}.r2.late"
            decided = cell_acts.decision(self._about(cell), (f"/simulated/{unit}", name), late, random)
            self._act([decided] if decided else [])

    def _excuse_silent(self, series: Series) -> None:
        """Of some series that never report the office excuses the first cells."""
        random = Random(f"{self.seed}/excused/{series.indicator.id}/{series.district}")
        if random.random() < cell_acts.EXCUSES_SILENT:
            for cell in [c for c in self.cells.of(series.indicator.id, series.district) if c.applicable and c.due_at][
                :2
            ]:
                self._act(cell_acts.excuse(self._about(cell), cell, random))

    def _about(self, cell: Cell) -> dict[str, Any]:
        return {"programme": self.lookup.programme.id, "indicator": cell.indicator, "district": cell.district,
                "period": cell.period.text}  # fmt: skip

    def _act(self, said: Sequence[tuple[datetime, str, dict[str, Any]]]) -> None:
        for at, unit, item in said:
            self._acts[at, unit].append(item)

    def _report(
        self, series: Series, period: Period, *, at: datetime, value: Decimal | None,
        revision: int = 0, reason: str | None = None, unit_zh: str | None = None, mark: str = "",
    ) -> None:  # fmt: skip
        indicator = series.indicator
        unit = writer(self.lookup, indicator.id, series.district, period)
        name = f"{indicator.id}.{series.district}.{period}.r{revision}{'.' + mark if mark else ''}"
        data: dict[str, Any] = {
            "programme": self.lookup.programme.id,
            "indicator": indicator.id,
            "district": series.district,
            "period": period.text,
            "value": None if value is None else series.written(value),
            "unit": unit_zh or _spoken(indicator),
        }
        if revision:
            data["revision"] = revision
        if reason:
            data["reason"] = reason
        self._due[at, unit].append(_event(f"/simulated/{unit}", name, data))

    def tell_published(self) -> None:
        """The published figures, each sent by its writer on the cell's due day (the base year's on the first day)."""
        for (indicator_id, district, period), row in sorted(self.published.items()):
            cell = self.cells.get(indicator_id, district, period)
            due = cell.due_at if cell is not None else None
            if period == BASE.text:
                at = _clock(self.lookup.programme.first_day, 10)
            else:
                at = (due or parse(period).closes_at + timedelta(days=30)) - timedelta(days=1) + timedelta(hours=11)
            data = {
                "programme": self.lookup.programme.id, "indicator": indicator_id, "district": district,
                "period": period, "value": row["value"], "unit": row["unit"],
                "comment": row["source_title"], "evidence": [row["source_url"]],
            }  # fmt: skip
            self._due[at, writer(self.lookup, indicator_id, district, parse(period))].append(
                _event("/published", f"{indicator_id}.{district}.{period}", data)
            )


def read_published(path: Path) -> dict[tuple[str, str, str], dict[str, str]]:
    """The published figures that are cells of the programme, by (indicator, district, cell's period)."""
    with path.open(encoding="utf-8", newline="") as file:
        return {
            (row["indicator"], row["district"], row["cell"]): row for row in csv.DictReader(file) if row.get("cell")
        }


def _spoken(indicator: Indicator) -> str:
    """The unit as clerks write it, in Chinese where that is not ambiguous."""
    unit = UNITS[indicator.unit]
    return indicator.unit_zh if unit_of(indicator.unit_zh) is unit and indicator.unit_zh else unit.id


def _jumps(series: Series, period: Period) -> bool:
    """A yearly flow more than 30 % off the same period of last year, as both will be reported (rule 2.11)."""
    if series.indicator.judged_as != "ytd" or period.year <= BASE.year + 1 or period.months == 12:
        return False
    now, then = (Decimal(series.written(series.value(each))) for each in (period, _year_before(period)))
    return bool(then) and abs(now - then) / then > Decimal("0.3")


def _year_before(period: Period) -> Period:
    return parse(f"{period.year - 1}{period.text[4:]}")


def _needs_start(indicator: Indicator) -> bool:
    """A level or a stock needs its start (rule 4.4); nine in ten are known, the rest start with their first report."""
    wants = (indicator.judged_as == "level" and indicator.goal == "reach") or indicator.stock
    return wants and indicator.schedule != "none" and Random(f"start/{indicator.id}").random() < 0.9


def _event(source: str, name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"specversion": "1.0", "type": "progress.reported.v1", "source": source, "id": name, "data": data}


def _on_time(seed: str, unit: str, cell: Cell) -> datetime:
    """The unit's own day and hour before the cell is due."""
    assert cell.due_at is not None
    habit = Random(f"{seed}/habit/{unit}")
    days, hour = habit.choice((1, 1, 2)), habit.choice((9, 15))
    return cell.due_at - timedelta(days=days) + timedelta(hours=hour)


def _clock(day: Any, hour: int) -> datetime:
    return datetime.combine(day, time(hour), SHANGHAI)

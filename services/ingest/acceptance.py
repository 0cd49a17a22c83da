"""Whether a report can be true of a cell and may be said by its sender: pure, from message, catalogue, time and token.

Rules 2.1-2.5 and 5.1; what needs memory is decided by metrics (rule 2.6).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from functools import lru_cache
from typing import Literal

from contracts.acts import Act
from contracts.authority import Grant
from contracts.cells import Cell, reporting_frequency
from contracts.editions import Catalogue
from contracts.events import Report
from contracts.numbers import DECIMAL, UNITS, Unit, exact, unit_of
from contracts.objections import Objection
from contracts.periods import SHANGHAI, Frequency, Period, parse
from contracts.programme import CITY, Indicator, Lookup
from contracts.responsibility import writer
from contracts.submission import MAX_REVISION, Submitted

_SAME = Fraction(1)
_FREQUENCY_ZH = {Frequency.MONTHLY: "月", Frequency.QUARTERLY: "季度", Frequency.YEARLY: "年"}
_EXAMPLE = {Frequency.MONTHLY: "2023-06", Frequency.QUARTERLY: "2023-Q2", Frequency.YEARLY: "2023"}


@dataclass(frozen=True, slots=True)
class Acceptable:
    """A report that passed, the cell it is for, and the series' unit for each of the sent one."""

    submitted: Submitted
    cell: Cell
    scale: Fraction

    @property
    def claim(self) -> tuple[str, ...]:
        """What may be said once a revision: its cell."""
        return self.cell.indicator, self.cell.district, self.cell.period.text, str(self.submitted.data.revision)

    @property
    def dissent(self) -> tuple[str, str]:
        return "reports_disagree", "/data/value"

    @property
    def renamed(self) -> str | None:
        """The cell's period, where another form of it was sent (rule 2.1)."""
        return self.cell.period.text if self.cell.period.text != self.submitted.data.period else None

    @property
    def value(self) -> Fraction | None:
        """The value in the series' unit; None: a withdrawal."""
        sent = self.submitted.data.value
        return None if sent is None else exact(sent) * self.scale


class Acceptance:
    """The rules over one programme's catalogue, always its newest version."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue, self._programme = catalogue, catalogue.programme

    @property
    def lookup(self) -> Lookup:
        """The programme in its newest version."""
        return self._catalogue.lookup

    def accept(self, submitted: Submitted, grant: Grant, now: datetime) -> Acceptable | Objection:
        """What a report is for at platform time `now` (in Shanghai's zone), or the first reason against it."""
        report = submitted.data
        cell = self.cell(report)
        if isinstance(cell, Objection):
            return cell
        if cell.period.end >= now.date():
            return _not_closed(cell.period)
        indicator = self._newest(report.indicator).indicators[report.indicator]
        scale = _scale(indicator, report)
        if isinstance(scale, Objection):
            return scale
        objection = _wrong_value(indicator, report) or _wrong_revision(report) or _outside(submitted.time, report)
        return objection or self._unauthorised(report, grant, cell) or Acceptable(submitted, cell, scale)

    def cell(self, said: Report | Act) -> Cell | Objection:
        """The cell that a report or an act names, or why there is none."""
        cell = self._catalogue.editions.resolve(said.indicator, said.district, said.period)
        if cell is None or said.programme != self._programme or not said.period.isascii():
            return self._nowhere(said)
        return cell

    def writer(self, cell: Cell) -> str:
        """The one unit that writes a cell (rule 2.4), by the newest version that still has its indicator."""
        return writer(self._newest(cell.indicator), cell.indicator, cell.district, cell.period)

    def _newest(self, indicator: str) -> Lookup:
        """The newest version that has an indicator: a later one may have dropped it, its earlier cells stay."""
        having = (each.lookup for each in reversed(self._catalogue.editions.all))
        return next(each for each in having if indicator in each.indicators)

    def _nowhere(self, report: Report | Act) -> Objection:
        """Why there is no such cell."""
        indicator = self.lookup.indicators.get(report.indicator)
        if report.programme != self._programme or indicator is None:
            return self._unknown(report)
        if report.district not in indicator.districts:
            return self._no_series(indicator, report.district)
        return _wrong_period(indicator, report.period)

    def _unknown(self, report: Report | Act) -> Objection:
        known, name = self._programme, _shown(report.indicator)
        if report.programme != known:
            args = {"programme": _shown(report.programme), "known": known}
            return Objection("unknown_programme", "/data/programme", args)
        near = _nearest(self.lookup, name)
        zh, en = (f"；是否为 {'、'.join(near)}？", f"; is it {', '.join(near)}?") if near else ("", "")
        return Objection("unknown_indicator", "/data/indicator", {"indicator": name, "nearest": en, "nearest_zh": zh})

    def _no_series(self, indicator: Indicator, district: str) -> Objection:
        if district not in self.lookup.districts:
            known = ", ".join(each.id for each in self.lookup.districts.values() if each.reports)
            return Objection("unknown_district", "/data/district", {"district": _shown(district), "known": known})
        args = {"indicator": indicator.id, "district": district, "districts": ", ".join(indicator.districts)}
        return Objection("not_applicable", "/data/district", args)

    def _unauthorised(self, report: Report, grant: Grant, cell: Cell) -> Objection | None:
        """Rule 2.4: one writer a series; a revision above 0 needs the kind `correct`."""
        owner = self.writer(cell)
        kind = kind_of(report)
        if kind not in grant.acts:
            return Objection("not_authorised_for_kind", "/data/revision", {"kind": kind})
        if grant.unit != owner or not grant.allows(kind, report.indicator, report.district):
            args = {"indicator": report.indicator, "district": report.district, "writer": owner}
            return Objection("not_authorised_for_cell", "/data", args)
        return None


def kind_of(report: Report) -> Literal["report", "correct"]:
    """`correct` from the first revision on."""
    return "correct" if report.revision else "report"


def _shown(text: str) -> str:
    """What of a caller's text is repeated to it."""
    return text if len(text) <= 80 else f"{text[:80]}…"


class _Names:
    """Known ids by the words they are made of."""

    def __init__(self, known: Iterable[str]) -> None:
        self._sizes: dict[str, int] = {}
        self._with: defaultdict[str, list[str]] = defaultdict(list)
        for each in known:
            words = set(each.split("_"))
            self._sizes[each] = len(words)
            for word in words:
                self._with[word].append(each)

    def nearest(self, name: str) -> tuple[str, ...]:
        """Up to three ids that share at least half of their words with the name."""
        words = set(name.lower().split("_"))
        common = Counter(each for word in words for each in self._with.get(word, ()))
        near = [each for each, count in common.items() if 2 * count >= len(words) + self._sizes[each] - count]
        return tuple(sorted(near, key=lambda each: (-common[each] / (len(words) + self._sizes[each]), each))[:3])


@lru_cache(maxsize=4)
def _names(lookup: Lookup) -> _Names:
    """The indicators of one version by their words."""
    return _Names(lookup.indicators)


@lru_cache(maxsize=10_000)
def _nearest(lookup: Lookup, name: str) -> tuple[str, ...]:
    return _names(lookup).nearest(name)


def _wrong_period(indicator: Indicator, text: str) -> Objection:
    """Why a period names no cell (rule 2.1)."""
    at, args = "/data/period", {"period": _shown(text)}
    try:
        period = parse(text)
    except ValueError:
        return Objection("invalid_period", at, args)
    frequency = reporting_frequency(indicator)
    if period.frequency not in (frequency, Frequency.YEARLY):
        words = {"frequency": frequency.value, "frequency_zh": _FREQUENCY_ZH[frequency], "example": _EXAMPLE[frequency]}
        return Objection("wrong_period_type", at, args | words)
    life = {"first": str(indicator.valid_from), "last": str(indicator.valid_to)}
    return Objection("outside_programme", at, args | life)


def _not_closed(period: Period) -> Objection:
    args = {"period": period.text, "closes_at": f"{period.closes_at:%Y-%m-%d %H:%M}"}
    return Objection("period_not_closed", "/data/period", args)


def _scale(indicator: Indicator, report: Report) -> Fraction | Objection:
    """How many of the series' unit one of the sent unit is (rule 2.2)."""
    wanted, sent = UNITS[indicator.unit_at(report.district)], unit_of(report.unit)
    if sent is wanted:
        return _SAME
    if sent is None or sent.quantity != wanted.quantity:
        return _wrong_unit(report.unit, sent, wanted)
    return sent.factor / wanted.factor


def _wrong_unit(text: str, sent: Unit | None, wanted: Unit) -> Objection:
    possible = ", ".join(f"{unit.id} ({unit.zh})" for unit in UNITS.values() if unit.quantity == wanted.quantity)
    args = {"unit": _shown(text), "wanted": wanted.id, "wanted_zh": wanted.zh, "possible": possible}
    return Objection("unknown_unit" if sent is None else "unit_mismatch", "/data/unit", args)


def _wrong_value(indicator: Indicator, report: Report) -> Objection | None:
    """Growth is free, nothing else negative; shares end at 100; a district's yes/no is 0 or done (rules 2.2, 5.1)."""
    at, sent = "/data/value", report.value
    if sent is None:
        return None
    if DECIMAL.fullmatch(sent) is None:
        return Objection("invalid_value", at)
    if indicator.measure == "growth":
        return None
    percent = indicator.unit_at(report.district) == "percent"
    if indicator.goal == "yes_no" and report.district != CITY:
        done = 100 if percent else 1
        return None if exact(sent) in (0, done) else Objection("not_yes_or_no", at, {"value": sent, "done": str(done)})
    if percent and (sent[0] == "-" or len(sent.partition(".")[0]) > 2) and not 0 <= exact(sent) <= 100:
        return Objection("value_out_of_range", at, {"value": sent, "allowed": "0 to 100", "allowed_zh": "0 至 100"})
    if sent[0] == "-" and exact(sent) < 0:
        return Objection("value_out_of_range", at, {"value": sent, "allowed": "0 or more", "allowed_zh": "0 以上"})
    return None


def _wrong_revision(report: Report) -> Objection | None:
    if not 0 <= report.revision <= MAX_REVISION:
        return Objection("invalid_revision", "/data/revision", {"most": str(MAX_REVISION)})
    if report.value is None and not (report.reason or "").strip():
        return Objection("withdrawal_needs_reason", "/data/value" if report.reason is None else "/data/reason")
    if report.value is None and report.revision == 0:
        return Objection("withdrawal_needs_revision", "/data/revision")
    return None


def _outside(moment: datetime | None, report: Report) -> Objection | None:
    """`time`, if sent, lies in the period it was sent for (rule 2.1)."""
    if moment is None:
        return None
    period = parse(report.period)
    if period.start <= moment.astimezone(SHANGHAI).date() <= period.end:
        return None
    args = {"period": period.text, "first": str(period.start), "last": str(period.end)}
    return Objection("time_outside_period", "/time", args)

"""What the office reads, in SQL: reports that wait for it, acts on cells and reports, cells with their states."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.metrics.store.decided import decided
from services.metrics.store.past import cells_then, dates_then, series_then
from services.metrics.store.scope import Scope

Row = dict[str, Any]
Place = tuple[str, str, str]  # indicator, district, period: how a list of cells goes on


@dataclass(frozen=True, slots=True)
class Stretch:
    """Which cells of a scope: those of a period, of the unit that writes them, whose periods end from `first` to
    `last`; None: no matter."""

    period: str | None = None
    unit: str | None = None
    first: date | None = None
    last: date | None = None

    @property
    def asked(self) -> tuple[str | None, str | None, date | None, date | None]:
        """The parameters $5 … $8."""
        return self.period, self.unit, self.first, self.last


@dataclass(frozen=True, slots=True)
class Marked:
    """Only cells in one of these states, with one of these flags; None: no matter."""

    states: Sequence[str] | None = None
    flags: Sequence[str] | None = None


class OfficeReading:
    """Reads of what waits for the office and of what it did; `Unavailable` when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def held(self, scope: Scope, after: int, most: int) -> list[Row]:
        """Reports behind a lock that nobody has decided yet (rule 2.9), in the order of their recording; by
        `known_at` those that waited then, beside the value known then."""
        if scope.known_at is None:
            return await self._rows(_HELD, *_within(scope), after, most)
        return await self._rows(_HELD_THEN, *_within(scope), after, most, scope.known_at)

    async def acts(self, scope: Scope, period: str | None, kind: str | None, after: int, most: int) -> list[Row]:
        """Acts in the order of their recording, each with its outcome, by `known_at` as it was decided then."""
        return await self._rows(_ACTS, *_within(scope), after, most, period, kind, scope.known_at)

    async def act(self, source: str, identity: str) -> Row | None:
        """One act with its outcome."""
        rows = await self._rows(_ACT, source, identity)
        return rows[0] if rows else None

    async def acts_on(self, source: str, identity: str) -> list[Row]:
        """The acts about one report, in the order in which they count."""
        return await self._rows(_ACTS_ON, source, identity)

    async def cells(
        self, scope: Scope, stretch: Stretch, marked: Marked, at: datetime, after: Place, most: int
    ) -> list[Row]:
        """Cells in key order with their state at a moment (rule 7.2), as they are known or were known."""
        asked = *stretch.asked, at, marked.states, *after, most, marked.flags
        if scope.known_at is None:
            return await self._rows(_CELLS, *_within(scope), *asked)
        return await self._rows(_CELLS_THEN, *_within(scope), *asked, scope.known_at)

    async def calendar(self, scope: Scope, stretch: Stretch, at: datetime) -> list[Row]:
        """How many cells of each unit stand how at a moment, by the month in which their periods end."""
        if scope.known_at is None:
            return await self._rows(_CALENDAR, *_within(scope), *stretch.asked, at)
        return await self._rows(_CALENDAR_THEN, *_within(scope), *stretch.asked, at, scope.known_at)

    async def _rows(self, query: str, *arguments: Any) -> list[Row]:
        with sorted_errors():
            rows = await self._pool.fetch(query, *arguments)
        return [{name: _local(value) for name, value in row.items()} for row in rows]


def _within(scope: Scope) -> tuple[str, list[str] | None, list[str] | None, str | None]:
    return scope.programme, scope.indicators, scope.districts, scope.department


def _local(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


_WITHIN = """{0}.programme = $1
  AND ($2::text[] IS NULL OR {0}.indicator = ANY($2)) AND ($3::text[] IS NULL OR {0}.district = ANY($3))
  AND ($4::text IS NULL OR s.department = $4)"""

_HELD_COLUMNS = """
    r.report AS number, r.source, r.id, r.indicator, r.district, s.department,
    coalesce({answers}, s.answers) AS answers, r.period, r.revision, r.value, r.unit,
    r.value_in_unit::text AS value_in_unit, r.reason, r.confidence, r.status, r.subject, r.received_at"""
_HELD_IN = """
JOIN {series} AS s ON (s.programme, s.indicator, s.district) = (r.programme, r.indicator, r.district)
JOIN metrics.cell AS c ON (c.programme, c.indicator, c.district, c.period)
                        = (r.programme, r.indicator, r.district, r.period)"""

_HELD = f"""
SELECT {_HELD_COLUMNS.format(answers="c.answers")}, metrics.locked_at(c) AS locked_at,
       c.standing ->> 'value' AS present_value
FROM metrics.outcome AS o JOIN metrics.report AS r USING (report) {_HELD_IN.format(series="metrics.series")}
WHERE o.outcome = 'held_for_approval' AND {_WITHIN.format("r")} AND r.report > $5
ORDER BY r.report LIMIT $6"""

_HELD_THEN = f"""
SELECT {_HELD_COLUMNS.format(answers="dates.answers")},
       least(dates.lock_at, CASE WHEN c.published_at <= $7 THEN c.published_at END) AS locked_at, (
    SELECT h.document ->> 'value' FROM metrics.standing AS h
    WHERE (h.programme, h.indicator, h.district, h.period) = (r.programme, r.indicator, r.district, r.period)
      AND h.known_at <= $7 ORDER BY h.version DESC LIMIT 1) AS present_value
FROM (SELECT DISTINCT report FROM metrics.outcome_history WHERE outcome = 'held_for_approval') AS once
JOIN metrics.report AS r USING (report) {_HELD_IN.format(series=series_then("$7"))} {dates_then("c", "$7")}
{decided("outcome_history", "r", "report", "$7", "h.outcome")}
WHERE o.outcome = 'held_for_approval' AND r.received_at <= $7 AND {_WITHIN.format("r")} AND r.report > $5
ORDER BY r.report LIMIT $6"""

_ACT_COLUMNS = """
    a.act AS number, a.kind AS act, a.source, a.id, a.receipt, a.programme, a.indicator, a.district, a.period,
    a.report_source, a.report_id, a.reason, a.until, a.document ->> 'publication' AS publication,
    a.subject AS actor, a.department, a.received_at, o.version, o.outcome, o.code, o.decided_at"""

_ACTS = f"""
SELECT {_ACT_COLUMNS} FROM metrics.act AS a
{decided("act_outcome_history", "a", "act", "$9", "h.version, h.outcome, h.code, h.decided_at")}
JOIN {series_then("$9")} AS s ON (s.programme, s.indicator, s.district) = (a.programme, a.indicator, a.district)
WHERE {_WITHIN.format("a")} AND a.act > $5
  AND ($7::text IS NULL OR a.period = $7) AND ($8::text IS NULL OR a.kind = $8)
  AND ($9::timestamptz IS NULL OR a.received_at <= $9)
ORDER BY a.act LIMIT $6"""

_ACT = f"""
SELECT {_ACT_COLUMNS} FROM metrics.act AS a JOIN metrics.act_outcome AS o USING (act)
WHERE (a.source, a.id) = ($1, $2)"""

_ACTS_ON = f"""
SELECT {_ACT_COLUMNS} FROM metrics.act AS a JOIN metrics.act_outcome AS o USING (act)
WHERE (a.report_source, a.report_id) = ($1, $2) ORDER BY a.received_at, a.source, a.id"""

_ANSWERS = "coalesce(c.answers, s.answers)"
_STRETCH = """($5::text IS NULL OR c.period = $5) AND ($6::text IS NULL OR {answers} = $6)
  AND ($7::date IS NULL OR c.period_end >= $7) AND ($8::date IS NULL OR c.period_end <= $8)"""

# An earlier value is looked for only where it decides the state.
_STATE = """metrics.state_of(c, EXISTS (
               SELECT FROM metrics.cell AS e
               WHERE (e.programme, e.indicator, e.district) = (c.programme, c.indicator, c.district)
                 AND e.period_end < c.period_end AND e.value IS NOT NULL), $9) AS state"""
_NOW = f"""
    SELECT c.indicator, c.district, s.department, {_ANSWERS} AS answers, c.period, c.period_end, c.due_at,
           metrics.locked_at(c) AS locked_at, {_STATE}, c.applicable, c.withdrawn, c.conflict, c.excused,
           c.excused_until, c.received_at, c.standing ->> 'value' AS value, c.flags, c.version
    FROM metrics.cell AS c JOIN metrics.series AS s USING (programme, indicator, district)
    WHERE {_WITHIN.format("c")} AND {_STRETCH.format(answers=_ANSWERS)}"""
_THEN = """
    SELECT c.*, metrics.state(c.period_end, c.due_at, c.applicable, c.received_at, c.withdrawn, c.excused,
           c.excused_until, c.earlier, $9) AS state
    FROM {cells} AS c WHERE {stretch}"""

_LISTED = """
SELECT indicator, district, department, answers, period, period_end, due_at, locked_at, state,
       coalesce(locked_at <= $9, false) AS locked, withdrawn, conflict, excused, excused_until, received_at, value,
       flags, version
FROM ({cells}) AS told
WHERE ($10::text[] IS NULL OR state = ANY ($10)) AND ($15::text[] IS NULL OR flags && $15)
  AND (indicator, district, period) > ($11, $12, $13)
ORDER BY indicator, district, period LIMIT $14"""
_CELLS = _LISTED.format(cells=_NOW)
_CELLS_THEN = _LISTED.format(cells=_THEN.format(cells=cells_then("$16"), stretch=_STRETCH.format(answers="c.answers")))

_COUNTED = """
SELECT unit, month, state, locked, count(*)::int AS cells, min(due_at) AS due_at FROM (
    SELECT answers AS unit, to_char(period_end, 'YYYY-MM') AS month, due_at, state,
           coalesce(locked_at <= $9, false) AS locked
    FROM ({cells}) AS every WHERE due_at IS NOT NULL OR NOT applicable) AS told
GROUP BY unit, month, state, locked ORDER BY unit, month, state, locked"""
_CALENDAR = _COUNTED.format(cells=_NOW)
_CALENDAR_THEN = _COUNTED.format(
    cells=_THEN.format(cells=cells_then("$10"), stretch=_STRETCH.format(answers="c.answers"))
)

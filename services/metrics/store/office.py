"""What the office reads, in SQL: reports that wait for it, acts on cells and reports, cells with their states."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.metrics.store.decided import decided
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
        self, scope: Scope, stretch: Stretch, state: str | None, at: datetime, after: Place, most: int
    ) -> list[Row]:
        """Cells in key order with their state at a moment (rule 7.2)."""
        asked = stretch.period, state, at, *after, most, stretch.unit, stretch.first, stretch.last
        return await self._rows(_CELLS, *_within(scope), *asked)

    async def calendar(self, scope: Scope, stretch: Stretch, at: datetime) -> list[Row]:
        """How many cells of each unit stand how at a moment, by the month in which their periods end."""
        asked = stretch.period, at, stretch.unit, stretch.first, stretch.last
        return await self._rows(_CALENDAR, *_within(scope), *asked)

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
    r.report AS number, r.source, r.id, r.indicator, i.name_zh, i.name_en, r.district, s.department, s.answers,
    r.period, r.revision, r.value, r.unit, r.value_in_unit::text AS value_in_unit, r.reason, r.confidence, r.status,
    r.subject, r.received_at"""
_HELD_IN = """
JOIN metrics.series AS s ON (s.programme, s.indicator, s.district) = (r.programme, r.indicator, r.district)
JOIN metrics.indicator AS i ON (i.programme, i.indicator) = (r.programme, r.indicator)
JOIN metrics.cell AS c ON (c.programme, c.indicator, c.district, c.period)
                        = (r.programme, r.indicator, r.district, r.period)"""

_HELD = f"""
SELECT {_HELD_COLUMNS}, metrics.locked_at(c) AS locked_at, c.standing ->> 'value' AS present_value
FROM metrics.outcome AS o JOIN metrics.report AS r USING (report) {_HELD_IN}
WHERE o.outcome = 'held_for_approval' AND {_WITHIN.format("r")} AND r.report > $5
ORDER BY r.report LIMIT $6"""

_HELD_THEN = f"""
SELECT {_HELD_COLUMNS}, least(c.lock_at, CASE WHEN c.published_at <= $7 THEN c.published_at END) AS locked_at, (
    SELECT h.document ->> 'value' FROM metrics.standing AS h
    WHERE (h.programme, h.indicator, h.district, h.period) = (r.programme, r.indicator, r.district, r.period)
      AND h.known_at <= $7 ORDER BY h.version DESC LIMIT 1) AS present_value
FROM (SELECT DISTINCT report FROM metrics.outcome_history WHERE outcome = 'held_for_approval') AS once
JOIN metrics.report AS r USING (report) {_HELD_IN}
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
JOIN metrics.series AS s ON (s.programme, s.indicator, s.district) = (a.programme, a.indicator, a.district)
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

# An earlier value is looked for only where it decides the state.
_STATE = """metrics.state_of(c, EXISTS (
               SELECT FROM metrics.cell AS e
               WHERE (e.programme, e.indicator, e.district) = (c.programme, c.indicator, c.district)
                 AND e.period_end < c.period_end AND e.value IS NOT NULL), {at}) AS state,
           coalesce(metrics.locked_at(c) <= {at}, false) AS locked"""
_STRETCH = """($5::text IS NULL OR c.period = $5) AND ({unit}::text IS NULL OR s.answers = {unit})
  AND ({first}::date IS NULL OR c.period_end >= {first}) AND ({last}::date IS NULL OR c.period_end <= {last})"""

_CELLS = f"""
SELECT told.* FROM (
    SELECT c.indicator, c.district, s.department, s.answers, c.period, c.period_end, c.due_at,
           metrics.locked_at(c) AS locked_at, {_STATE.format(at="$7")}, c.withdrawn, c.conflict, c.excused,
           c.excused_until, c.received_at, c.standing ->> 'value' AS value, c.flags, c.version
    FROM metrics.cell AS c JOIN metrics.series AS s USING (programme, indicator, district)
    WHERE {_WITHIN.format("c")} AND {_STRETCH.format(unit="$12", first="$13", last="$14")}) AS told
WHERE ($6::text IS NULL OR told.state = $6) AND (told.indicator, told.district, told.period) > ($8, $9, $10)
ORDER BY told.indicator, told.district, told.period LIMIT $11"""

_CALENDAR = f"""
SELECT unit, month, state, locked, count(*)::int AS cells, min(due_at) AS due_at FROM (
    SELECT s.answers AS unit, to_char(c.period_end, 'YYYY-MM') AS month, c.due_at, {_STATE.format(at="$6")}
    FROM metrics.cell AS c JOIN metrics.series AS s USING (programme, indicator, district)
    WHERE {_WITHIN.format("c")} AND {_STRETCH.format(unit="$7", first="$8", last="$9")}
      AND (c.due_at IS NOT NULL OR NOT c.applicable)) AS told
GROUP BY unit, month, state, locked ORDER BY unit, month, state, locked"""

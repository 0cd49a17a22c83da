"""What the API reads, in SQL. Documents leave as the bytes that were written, undecoded."""

from datetime import date, datetime
from typing import Any

import msgspec

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from services.metrics.store.completeness import COMPLETENESS, COMPLETENESS_THEN
from services.metrics.store.decided import decided
from services.metrics.store.office import OfficeReading
from services.metrics.store.past import cells_then, series_then
from services.metrics.store.scope import Scope

Series = tuple[str, str, str]  # programme, indicator, district


class Reading:
    """Reads of metrics' tables; `Unavailable` when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool, self.office = pool, OfficeReading(pool)

    async def standings(self, scope: Scope, after: tuple[str, str], most: int) -> list[tuple[str, str, msgspec.Raw]]:
        """Of each series in key order the newest standing with a value: indicator, district, document."""
        rows = await self._fetch(
            _STANDINGS if scope.known_at is None else _STANDINGS_KNOWN_AT,
            *(scope.programme, scope.indicators, scope.districts, scope.department, scope.as_of),
            *(*after, most),
            *(() if scope.known_at is None else (scope.known_at,)),
        )
        return [(row["indicator"], row["district"], _raw(row["document"])) for row in rows]

    async def standing(self, series: Series, period: str, known_at: datetime | None) -> msgspec.Raw | None:
        """One cell's standing as it was known."""
        rows = await self._fetch(_ONE, *series, period, known_at)
        return _raw(rows[0]["document"]) if rows else None

    async def periods(
        self, series: Series, as_of: date, known_at: datetime | None, after: str = "", most: int | None = None
    ) -> list[tuple[str, msgspec.Raw]]:
        """The standing of each period of a series as it was known, in order: the period, the document."""
        rows = await self._fetch(_PERIODS, *series, as_of, known_at, after, most)
        return [(row["period"], _raw(row["document"])) for row in rows]

    async def versions(
        self, series: Series, period: str, known_at: datetime | None, after: int, most: int
    ) -> list[tuple[int, msgspec.Raw]]:
        """The versions of one cell known by then, in order, after one of them: the version, the document."""
        rows = await self._fetch(_VERSIONS, *series, period, known_at, after, most)
        return [(row["version"], _raw(row["document"])) for row in rows]

    async def cell(self, series: Series, period: str, known_at: datetime | None) -> dict[str, Any] | None:
        """A cell's dates and what they are judged with (rule 7.2), as they were known."""
        if known_at is None:
            rows = await self._rows(_CELL, *series, period)
        else:
            programme, indicator, district = series
            rows = await self._rows(_CELL_THEN, programme, [indicator], [district], None, known_at, period)
        return rows[0] if rows else None

    async def reports(self, series: Series, period: str, known_at: datetime | None) -> list[dict[str, Any]]:
        """The reports of one cell and what had become of them by then, in the order of their receipt."""
        return await self._rows(_REPORTS, *series, period, known_at)

    async def sent(
        self, series: Series, as_of: date, known_at: datetime | None, after: int, most: int
    ) -> list[dict[str, Any]]:
        """The reports of all cells of a series and what had become of them by then, in the order of their recording."""
        return await self._rows(_SENT, *series, as_of, known_at, after, most)

    async def receipt(self, receipt: str) -> list[dict[str, Any]]:
        """The recorded items of a receipt, each with its outcome."""
        return await self._rows(_RECEIPT, receipt)

    async def report(self, source: str, identity: str) -> dict[str, Any] | None:
        """One report with its outcome."""
        rows = await self._rows(_REPORT, source, identity)
        return rows[0] if rows else None

    async def revisions(self, programme: str, periods: list[str]) -> dict[tuple[str, str, str], int]:
        """The highest revision that was recorded for each cell of some periods: indicator, district, period."""
        rows = await self._fetch(_REVISIONS, programme, periods)
        return {(row["indicator"], row["district"], row["period"]): row["revision"] for row in rows}

    async def completeness(self, scope: Scope, at: datetime, as_of: date | None = None) -> list[dict[str, Any]]:
        """Completeness and timeliness by district and by department at a moment (rule 7.2): of the cells as they are
        known today or were known at `known_at`, of periods that end by `as_of`."""
        asked = (scope.programme, scope.indicators, scope.districts, scope.department, at)
        if as_of is None and scope.known_at is None:
            rows = await self._fetch(COMPLETENESS, *asked)
        else:
            rows = await self._fetch(COMPLETENESS_THEN, *asked, scope.known_at, as_of)
        return [dict(row) for row in rows]

    async def findings(
        self, programme: str, version: str, severity: str | None, code: str | None
    ) -> list[dict[str, Any]]:
        """What a version of the catalogue leaves in doubt, the gravest first (rule 3.3 among others)."""
        return await self._rows(_FINDINGS, programme, version, severity, code)

    async def derived(self, programme: str) -> list[dict[str, Any]]:
        """The city's derived figures, each with the last one that was complete (rule 3.2)."""
        return await self._rows(_DERIVED, programme)

    async def _rows(self, query: str, *arguments: Any) -> list[dict[str, Any]]:
        return [{name: _local(value) for name, value in row.items()} for row in await self._fetch(query, *arguments)]

    async def _fetch(self, query: str, *arguments: Any) -> list[Any]:
        with sorted_errors():
            return list(await self._pool.fetch(query, *arguments))


def _local(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


def _raw(document: str) -> msgspec.Raw:
    return msgspec.Raw(document.encode())


_SERIES = """
FROM {series} AS s
WHERE s.programme = $1
  AND ($2::text[] IS NULL OR s.indicator = ANY($2)) AND ($3::text[] IS NULL OR s.district = ANY($3))
  AND ($4::text IS NULL OR s.department = $4) AND (s.indicator, s.district) > ($6, $7)"""

_REVISIONS = """
SELECT indicator, district, period, max(revision) AS revision FROM metrics.report
WHERE programme = $1 AND period = ANY($2) AND refused IS NULL GROUP BY indicator, district, period"""

_STANDINGS = f"""
SELECT s.indicator, s.district, found.document
FROM (SELECT s.* {_SERIES.format(series="metrics.series")}) AS s CROSS JOIN LATERAL (
    SELECT c.standing AS document FROM metrics.cell AS c
    WHERE (c.programme, c.indicator, c.district) = (s.programme, s.indicator, s.district)
      AND c.value IS NOT NULL AND c.period_end <= $5
    ORDER BY c.period_end DESC LIMIT 1) AS found
ORDER BY s.indicator, s.district LIMIT $8"""

# The newest version known by then, of each cell; the newest cell whose version then had a value.
_STANDINGS_KNOWN_AT = f"""
SELECT s.indicator, s.district, found.document
FROM (SELECT s.* {_SERIES.format(series=series_then("$9"))}) AS s CROSS JOIN LATERAL (
    SELECT told.document
    FROM metrics.cell AS c CROSS JOIN LATERAL (
        SELECT h.document FROM metrics.standing AS h
        WHERE (h.programme, h.indicator, h.district, h.period) = (c.programme, c.indicator, c.district, c.period)
          AND h.known_at <= $9
        ORDER BY h.version DESC LIMIT 1) AS told
    WHERE (c.programme, c.indicator, c.district) = (s.programme, s.indicator, s.district)
      AND c.version > 0 AND c.period_end <= $5 AND told.document ->> 'value' IS NOT NULL
    ORDER BY c.period_end DESC LIMIT 1) AS found
ORDER BY s.indicator, s.district LIMIT $8"""

_ONE = """
SELECT document FROM metrics.standing
WHERE (programme, indicator, district, period) = ($1, $2, $3, $4)
  AND ($5::timestamptz IS NULL OR known_at <= $5)
ORDER BY version DESC LIMIT 1"""

_PERIODS = """
SELECT c.period, told.document
FROM metrics.cell AS c CROSS JOIN LATERAL (
    SELECT h.document FROM metrics.standing AS h
    WHERE (h.programme, h.indicator, h.district, h.period) = (c.programme, c.indicator, c.district, c.period)
      AND ($5::timestamptz IS NULL OR h.known_at <= $5)
    ORDER BY h.version DESC LIMIT 1) AS told
WHERE (c.programme, c.indicator, c.district) = ($1, $2, $3) AND c.version > 0 AND c.period_end <= $4
  AND ($6 = '' OR (c.period_end, c.period) > (
    SELECT e.period_end, e.period FROM metrics.cell AS e
    WHERE (e.programme, e.indicator, e.district, e.period) = ($1, $2, $3, $6)))
ORDER BY c.period_end, c.period LIMIT $7"""

_VERSIONS = """
SELECT version, document FROM metrics.standing
WHERE (programme, indicator, district, period) = ($1, $2, $3, $4)
  AND ($5::timestamptz IS NULL OR known_at <= $5) AND version > $6
ORDER BY version LIMIT $7"""

_CELL = """
SELECT c.period, c.period_end, c.due_at, metrics.locked_at(c) AS lock_at, c.applicable, c.excused, c.excused_until,
       c.withdrawn, c.conflict, c.received_at,
       EXISTS (SELECT FROM metrics.cell AS e WHERE (e.programme, e.indicator, e.district) = ($1, $2, $3)
               AND e.period_end < c.period_end AND e.value IS NOT NULL) AS earlier
FROM metrics.cell AS c WHERE (programme, indicator, district, period) = ($1, $2, $3, $4)"""

_CELL_THEN = f"""
SELECT period, period_end, due_at, locked_at AS lock_at, applicable, excused, excused_until, withdrawn, conflict,
       received_at, earlier
FROM {cells_then("$5")} AS known WHERE period = $6"""

_REPORT_COLUMNS = """
    r.source, r.id, r.receipt, r.programme, r.indicator, r.district, r.period, r.revision, r.value, r.unit,
    r.value_in_unit::text AS value_in_unit, r.reason, r.confidence, r.status, r.kind, r.subject, r.department,
    r.time, r.recordedtime, r.stamped_at, r.received_at, r.recorded_at,
    o.version, o.outcome, o.code, o.flags, o.decided_at"""

_DECIDED = decided("outcome_history", "r", "report", "$5", "h.version, h.outcome, h.code, h.flags, h.decided_at")
_REPORTS = f"""
SELECT {_REPORT_COLUMNS} FROM metrics.report AS r {_DECIDED}
WHERE (r.programme, r.indicator, r.district, r.period) = ($1, $2, $3, $4)
  AND ($5::timestamptz IS NULL OR r.received_at <= $5)
ORDER BY r.received_at, r.revision, r.source, r.id"""

_SENT = f"""
SELECT r.report AS number, {_REPORT_COLUMNS} FROM metrics.report AS r
JOIN metrics.cell AS c USING (programme, indicator, district, period) {_DECIDED}
WHERE (r.programme, r.indicator, r.district) = ($1, $2, $3) AND c.period_end <= $4
  AND ($5::timestamptz IS NULL OR r.received_at <= $5) AND r.report > $6
ORDER BY r.report LIMIT $7"""

_REPORT = f"""
SELECT {_REPORT_COLUMNS}, r.document::text AS document
FROM metrics.report AS r JOIN metrics.outcome AS o USING (report) WHERE (r.source, r.id) = ($1, $2)"""

# What was put aside and recorded after all, by a repetition of its record, is told as recorded.
_RECEIPT = """
SELECT i.recorded_at, i.expected, i.source, i.id, coalesce(i.outcome, o.outcome) AS outcome,
       CASE WHEN i.outcome IS NULL THEN o.code END AS code,
       CASE WHEN i.outcome IS NULL THEN o.flags ELSE '{}' END AS flags,
       r.indicator, r.district, r.period, CASE WHEN i.outcome IS NULL THEN o.version ELSE 0 END AS version, NULL AS act
FROM metrics.receipt_item AS i JOIN metrics.report AS r USING (report) JOIN metrics.outcome AS o USING (report)
WHERE i.receipt = $1
UNION ALL
SELECT i.recorded_at, i.expected, i.source, i.id, coalesce(i.outcome, o.outcome),
       CASE WHEN i.outcome IS NULL THEN o.code END, '{}',
       a.indicator, a.district, a.period, CASE WHEN i.outcome IS NULL THEN o.version ELSE 0 END, a.kind
FROM metrics.act_item AS i JOIN metrics.act AS a USING (act) JOIN metrics.act_outcome AS o USING (act)
WHERE i.receipt = $1
UNION ALL
SELECT a.recorded_at, a.expected, a.source, a.id, 'refused', 'dead_lettered', '{}', a.indicator, a.district, a.period,
       0, NULL
FROM metrics.put_aside AS a
WHERE a.receipt = $1 AND NOT EXISTS (
    SELECT FROM metrics.receipt_item AS i WHERE (i.receipt, i.source, i.id) = (a.receipt, a.source, a.id))
  AND NOT EXISTS (
    SELECT FROM metrics.act_item AS i WHERE (i.receipt, i.source, i.id) = (a.receipt, a.source, a.id))
ORDER BY recorded_at, source, id"""

_FINDINGS = """
SELECT code, place, severity, zh, en FROM metrics.finding
WHERE programme = $1 AND catalogue_version = $2
  AND ($3::text IS NULL OR severity = $3) AND ($4::text IS NULL OR code = $4) ORDER BY position"""

# Of each derived figure of the city the newest period of which anything is known, and the last complete one.
_DERIVED = """
SELECT i.indicator, newest.standing::text AS standing, whole.period AS complete_period, whole.value AS complete
FROM metrics.indicator AS i CROSS JOIN LATERAL (
    SELECT c.standing FROM metrics.cell AS c
    WHERE (c.programme, c.indicator, c.district) = (i.programme, i.indicator, 'huzhou')
      AND c.standing -> 'derived' ->> 'missing' IS NOT NULL
    ORDER BY c.period_end DESC LIMIT 1) AS newest
LEFT JOIN LATERAL (
    SELECT c.period, c.standing ->> 'value' AS value FROM metrics.cell AS c
    WHERE (c.programme, c.indicator, c.district) = (i.programme, i.indicator, 'huzhou') AND c.value IS NOT NULL
      AND c.standing -> 'derived' ->> 'missing' IS NOT NULL
    ORDER BY c.period_end DESC LIMIT 1) AS whole ON true
WHERE i.programme = $1 AND i.aggregate IN ('sum', 'share_done') ORDER BY i.position"""

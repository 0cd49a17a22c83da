"""What gauges and the API read of projects, in SQL. Whole standings: there are hundreds of projects, not thousands."""

from datetime import date, datetime
from typing import Any

import msgspec

from contracts.operations.database import Pool, sorted_errors
from contracts.periods import SHANGHAI
from contracts.project_events import ProjectStanding, RedLineState
from contracts.projects import Progress
from services.metrics.store.decided import decided

_STANDING, _RED_LINE = msgspec.json.Decoder(ProjectStanding), msgspec.json.Decoder(RedLineState)
_SAID = msgspec.json.Decoder(Progress)


class Reading:
    """Reads of metrics' tables of projects; `Unavailable` when the database does not answer."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def state(self) -> tuple[int, date]:
        """How far recording and the days have come: what the gauges depend on."""
        [row] = await self._fetch(_STATE)
        return row["moved"], row["day"]

    async def standings(self, programme: str, known_at: datetime | None = None) -> list[ProjectStanding]:
        """Every project as it stands, or as it was known at a moment, by its id."""
        rows = await self._fetch(_STANDINGS if known_at is None else _STANDINGS_THEN, programme, known_at)
        return [_STANDING.decode(row["document"]) for row in rows]

    async def standing(self, programme: str, project: str, known_at: datetime | None) -> ProjectStanding | None:
        """One project."""
        rows = await self._fetch(_STANDING_THEN, programme, project, known_at)
        return _STANDING.decode(rows[0]["document"]) if rows else None

    async def versions(self, programme: str, project: str, known_at: datetime | None) -> list[msgspec.Raw]:
        """All versions of one project's standing known by then, in order, as they were written."""
        rows = await self._fetch(_VERSIONS, programme, project, known_at)
        return [msgspec.Raw(row["document"].encode()) for row in rows]

    async def statements(self, programme: str, project: str, known_at: datetime | None) -> list[dict[str, Any]]:
        """What was said of one project and what became of it, in the order of its receipt."""
        rows = await self._fetch(_STATEMENTS, programme, project, known_at)
        return [
            {name: _local(value) for name, value in row.items() if name != "said"}
            | {"said": msgspec.Raw(row["said"].encode())}
            for row in rows
        ]

    async def held(self, programme: str, known_at: datetime | None) -> list[dict[str, Any]]:
        """The reports of all projects that wait for the office, or waited at a moment, the longest first."""
        asked = (_HELD, programme) if known_at is None else (_HELD_THEN, programme, known_at)
        return [
            {name: _local(value) for name, value in row.items() if name != "said"} | {"said": _SAID.decode(row["said"])}
            for row in await self._fetch(*asked)
        ]

    async def red_lines(self, programme: str, known_at: datetime | None) -> list[RedLineState]:
        """Every episode of every red line as it stood at a moment, oldest first."""
        asked = (_RED_LINES, programme) if known_at is None else (_RED_LINES_THEN, programme, known_at)
        return [_RED_LINE.decode(row["document"]) for row in await self._fetch(*asked)]

    async def fed(self, programme: str) -> list[dict[str, Any]]:
        """The cells that projects feed or fed, with the offsets of their reports."""
        rows = await self._fetch(_FED, programme)
        return [{name: _local(value) for name, value in row.items()} for row in rows]

    async def receipt(self, receipt: str) -> list[dict[str, Any]]:
        """The recorded items of a receipt, each with its outcome."""
        return [dict(row) for row in await self._fetch(_RECEIPT, receipt)]

    async def _fetch(self, query: str, *arguments: Any) -> list[Any]:
        with sorted_errors():
            return list(await self._pool.fetch(query, *arguments))


def _local(value: Any) -> Any:
    return value.astimezone(SHANGHAI) if isinstance(value, datetime) else value


_FED = """
SELECT indicator, district, period, value, unit, revision, confidence, reason, received_at, placed_at AS "offset"
FROM metrics.fed WHERE programme = $1 ORDER BY indicator, district, period"""

_STATE = """
SELECT coalesce((SELECT sum(moved) FROM metrics.project_subject), 0)::bigint AS moved,
       (metrics.platform_time() AT TIME ZONE 'Asia/Shanghai')::date AS day"""

_STANDINGS = """
SELECT standing::text AS document FROM metrics.project
WHERE programme = $1 AND $2::timestamptz IS NULL ORDER BY project"""

_STANDINGS_THEN = """
SELECT DISTINCT ON (project) document::text AS document FROM metrics.project_standing
WHERE programme = $1 AND known_at <= $2 ORDER BY project, version DESC"""

_STANDING_THEN = """
SELECT document::text AS document FROM metrics.project_standing
WHERE programme = $1 AND project = $2 AND ($3::timestamptz IS NULL OR known_at <= $3) ORDER BY version DESC LIMIT 1"""

_VERSIONS = """
SELECT document::text AS document FROM metrics.project_standing
WHERE programme = $1 AND project = $2 AND ($3::timestamptz IS NULL OR known_at <= $3) ORDER BY version"""

_STATEMENTS = f"""
SELECT s.source, s.id, s.receipt, s.type, s.period, s.revision, s.subject, s.department, s.received_at, o.version,
       o.outcome, o.code, o.decided_at, (s.document -> 'said')::text AS said
FROM metrics.project_statement AS s
{decided("project_outcome_history", "s", "statement", "$3", "h.version, h.outcome, h.code, h.decided_at")}
WHERE s.programme = $1 AND s.kind = 'project' AND s.name = $2 AND ($3::timestamptz IS NULL OR s.received_at <= $3)
ORDER BY s.received_at, s.source, s.id"""

_WAITING = """
SELECT s.source, s.id, s.name AS project, s.period, s.revision, s.subject, s.department, s.received_at,
       (s.document -> 'said')::text AS said
FROM metrics.project_statement AS s {outcome}
WHERE s.programme = $1 AND s.type = 'ProjectReported' AND o.outcome = 'held_for_approval'{then}
ORDER BY s.received_at, s.source, s.id"""
_HELD = _WAITING.format(outcome="JOIN metrics.project_outcome AS o USING (statement)", then="")
_HELD_THEN = _WAITING.format(
    outcome=decided("project_outcome_history", "s", "statement", "$2", "h.outcome"), then=" AND s.received_at <= $2"
)

_RED_LINES = """
SELECT document::text AS document FROM metrics.project_red_line
WHERE programme = $1 ORDER BY raised_at, kind, name, district, red_line, episode"""

_RED_LINES_THEN = """
SELECT document::text AS document FROM (
    SELECT DISTINCT ON (kind, name, district, red_line, episode) * FROM metrics.project_red_line_past
    WHERE programme = $1 AND known_at <= $2
    ORDER BY kind, name, district, red_line, episode, version DESC) AS known
ORDER BY (document ->> 'raised_at')::timestamptz, kind, name, district, red_line, episode"""

_RECEIPT = """
SELECT i.expected, i.source, i.id, coalesce(i.outcome, o.outcome) AS outcome,
       CASE WHEN i.outcome IS NULL THEN o.code END AS code, s.kind, s.name, s.period,
       CASE WHEN i.outcome IS NULL THEN o.version ELSE 0 END AS version
FROM metrics.project_receipt_item AS i JOIN metrics.project_statement AS s USING (statement)
JOIN metrics.project_outcome AS o USING (statement)
WHERE i.receipt = $1 ORDER BY i.recorded_at, i.source, i.id"""

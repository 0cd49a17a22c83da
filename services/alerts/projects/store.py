"""All SQL that decides about projects: locked, loaded, and all that followed written in the same transaction.

Locks are taken in key order: the rows of the projects, then feed_head, whose holder gives the feed's numbers. Tickets,
their events and messages are written by the store of the lights (`store.py`), into the same tables.
"""

import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from contracts.editions import Catalogue
from contracts.events import Watermark
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.project_events import ProjectStanding, RedLineState
from contracts.terms import terms_of
from contracts.topics import partition_of
from services.alerts import waiting
from services.alerts.moments import Told
from services.alerts.projects.loading import Loaded, load
from services.alerts.rows import Row
from services.alerts.settling import Settlement, watermarks
from services.alerts.store import Transaction
from services.alerts.waiting import WAITS

RedLineKey = tuple[str, str, str, str, int]  # kind, name, district, red line, episode
_STANDING = msgspec.json.Decoder(ProjectStanding)


@dataclass(slots=True)
class Written:
    """Everything of projects that one transaction writes, by table; the shared tables stand in `shared`."""

    shared: Settlement = field(default_factory=Settlement)
    project: list[Row] = field(default_factory=list)
    project_light: list[Row] = field(default_factory=list)
    project_light_change: list[Row] = field(default_factory=list)
    project_told: list[Row] = field(default_factory=list)
    project_month_told: list[Row] = field(default_factory=list)
    project_past: list[Row] = field(default_factory=list)
    project_standing_past: list[Row] = field(default_factory=list)
    project_red_line: list[Row] = field(default_factory=list)
    project_watermark: list[Row] = field(default_factory=list)


class Store:
    """The tables of projects for one programme."""

    def __init__(self, pool: Pool, catalogue: Catalogue) -> None:
        self._pool, self._catalogue = pool, catalogue

    async def idle(self, marks: Sequence[Watermark]) -> bool:
        """Note watermarks behind which nothing is due: one statement. False, and nothing noted, when something is."""
        with sorted_errors():
            due = await self._pool.fetchval(_NOTE_IF_IDLE, _json(watermarks(marks)), self._catalogue.programme)
        return not due

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator["ProjectTransaction"]:
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                yield ProjectTransaction(connection, Transaction(connection, self._catalogue), self._catalogue)

    async def rule_of(self, ticket: str) -> tuple[str, str, int] | None:
        """A ticket's rule, what it is about, its episode."""
        with sorted_errors():
            row = await self._pool.fetchrow(_TICKET, ticket)
        return None if row is None else (row["rule"], row["indicator"], row["episode"])


class ProjectTransaction:
    """One settling: load, (move the projects,) number, write."""

    def __init__(self, connection: Connection, shared: Transaction, catalogue: Catalogue) -> None:
        self._connection, self.shared = connection, shared
        self._catalogue, self._programme = catalogue, catalogue.programme
        self._versions = Versions("alerts", catalogue)

    async def load(self, touched: Sequence[str], marks: Sequence[Watermark]) -> dict[str, Loaded]:
        """The touched projects and those with something due behind the watermarks, locked, in key order."""
        programme = self._programme
        await self._connection.execute(
            _ENSURE, programme, list(touched), [partition_of(programme, project) for project in touched]
        )
        rows = await self._connection.fetch(_LOCK, programme, list(touched), _json(watermarks(marks)))
        ids = [row["project"] for row in rows]
        lights = await self._of(_LIGHTS, ids)
        tickets = await self._of(_TICKETS, ids)
        await self._versions.take(self._connection)  # whoever judged these rows last may have known a newer one
        terms = terms_of(self._catalogue.editions)
        return {id_: load(row, lights[id_], tickets[id_], terms) for id_, row in zip(ids, rows, strict=True)}

    async def keep(self, told: Sequence[Told[ProjectStanding | RedLineState]]) -> None:
        """What waits for the end of its moment."""
        await waiting.keep(self._connection, "alerts.project_watermark", _KINDS, told)

    async def over(self, marks: Sequence[Watermark]) -> list[Told[ProjectStanding | RedLineState]]:
        """What has waited for these watermarks."""
        return await waiting.take(self._connection, _KINDS, marks)

    async def every(self) -> list[str]:
        """All projects that anything is known of."""
        rows = await self._connection.fetch(_EVERY, self._programme)
        return [row["project"] for row in rows]

    async def _of(self, query: str, projects: Sequence[str]) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {project: [] for project in projects}
        for row in await self._connection.fetch(query, self._programme, list(projects)):
            found[row["project"]].append(row)
        return found

    async def red_lines(self, lines: Sequence[RedLineState]) -> Mapping[RedLineKey, tuple[int, str, str]]:
        """What was said of these red lines: version, state, and the message that raised it."""
        if not lines:
            return {}
        rows = await self._connection.fetch(_RED_LINES, self._programme, sorted({line.name for line in lines}))
        return {
            (r["kind"], r["name"], r["district"], r["red_line"], r["episode"]):
            (r["version"], r["state"], str(r["message_id"])) for r in rows
        }  # fmt: skip

    async def standings(self, projects: Sequence[str]) -> dict[str, ProjectStanding]:
        """The newest standings of some projects, as far as they are known."""
        rows = await self._connection.fetch(_DOCUMENTS, self._programme, list(projects))
        return {row["project"]: _STANDING.decode(row["document"]) for row in rows}

    async def numbers(self, count: int) -> int:
        """The feed's last number before `count` new ones."""
        return await self.shared.numbers(count)

    async def write(self, written: Written) -> None:
        """Every table that has rows, the feed before what refers to it."""
        await self.shared.write(written.shared)
        for table, statement in _WRITES.items():
            rows: list[Row] = getattr(written, table)
            if rows:
                await self._connection.execute(statement, _json(rows))


def _json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()


_DUE = """
SELECT p.programme, p.project FROM alerts.project p
JOIN marks m ON p.partition = m.partition AND p.next_at <= m.through WHERE p.programme = {programme}
"""
_NOTE = """
INSERT INTO alerts.project_watermark AS w (partition, through, position)
SELECT partition, through, position FROM marks
{where} ON CONFLICT (partition) DO UPDATE SET through = greatest(w.through, EXCLUDED.through),
  position = greatest(w.position, EXCLUDED.position)
"""
_MARKS = "marks AS (SELECT * FROM json_populate_recordset(NULL::alerts.project_watermark, {rows}))"
_KINDS = {"project": ProjectStanding, "red_line": RedLineState}
_NOTE_IF_IDLE = f"""
WITH {_MARKS.format(rows="$1")},
due AS ((SELECT 1 FROM ({_DUE.format(programme="$2")}) d LIMIT 1)
  UNION ALL ({WAITS.format(kinds="'project', 'red_line'")} LIMIT 1)),
noted AS ({_NOTE.format(where="WHERE NOT EXISTS (SELECT FROM due)")} RETURNING 1)
SELECT EXISTS (SELECT FROM due)
"""
_ENSURE = """
INSERT INTO alerts.project (programme, project, partition)
SELECT $1, project, partition FROM unnest($2::text[], $3::integer[]) AS t (project, partition) ORDER BY project
ON CONFLICT DO NOTHING
"""
_LOCK = f"""
WITH {_MARKS.format(rows="$3")},
wanted AS (
  SELECT $1 AS programme, project FROM unnest($2::text[]) AS t (project) UNION {_DUE.format(programme="$1")})
SELECT p.programme, p.project, p.partition, p.district, p.listed, p.feeds, p.light, p.marked, p.light_period,
  p.stale, p.since, p.document::text AS document, w.through
FROM alerts.project p JOIN wanted USING (programme, project) LEFT JOIN alerts.project_watermark w USING (partition)
ORDER BY p.project FOR UPDATE OF p
"""
_LIGHTS = "SELECT project, period, live, record FROM alerts.project_light WHERE programme = $1 AND project = ANY ($2)"
_TICKETS = """
SELECT k.*, k.indicator AS project,
  (SELECT count(*) FROM alerts.ticket_event e WHERE e.ticket = k.ticket)::int AS events
FROM alerts.ticket k WHERE k.programme = $1 AND k.rule = 'project' AND k.indicator = ANY ($2) ORDER BY k.episode
"""
_TICKET = "SELECT rule, indicator, episode FROM alerts.ticket WHERE ticket = $1"
_RED_LINES = """
SELECT kind, name, district, red_line, episode, version, state, message_id FROM alerts.project_red_line
WHERE programme = $1 AND name = ANY ($2) ORDER BY kind, name, district, red_line, episode FOR UPDATE
"""
_EVERY = "SELECT project FROM alerts.project WHERE programme = $1 AND document IS NOT NULL ORDER BY project"
_DOCUMENTS = """
SELECT project, document::text AS document FROM alerts.project
WHERE programme = $1 AND project = ANY ($2) AND document IS NOT NULL
"""


def _upsert(table: str, key: str, columns: str) -> str:
    """Rows of a table from JSON, the new values winning."""
    names = [name.strip() for name in columns.split(",")]
    sets = ", ".join(f"{name} = EXCLUDED.{name}" for name in names)
    return (
        f"INSERT INTO alerts.{table} ({key}, {columns}) SELECT {key}, {columns} "
        f"FROM json_populate_recordset(NULL::alerts.{table}, $1) ON CONFLICT ({key}) DO UPDATE SET {sets}"
    )


_SHOWN = (
    "version, name_zh, name_en, district, department, addressee, contact, contact_role, invented, listed, feeds, "
    "light, marked, light_period, stale, since, lag_days, lag_text_zh, lag_text_en, next_at, document"
)
_CHANGED = "programme, project, period, kind, before, after, worse, at, seq, reason"
_WRITES = {
    "project": "UPDATE alerts.project t SET "
    + ", ".join(f"{name.strip()} = n.{name.strip()}" for name in _SHOWN.split(","))
    + " FROM json_populate_recordset(NULL::alerts.project, $1) n WHERE (t.programme, t.project) = "
    "(n.programme, n.project)",
    "project_light": _upsert(
        "project_light",
        "programme, project, period",
        "period_end, due_at, lock_at, live, record, lag_days, unstarted_months, version",
    ),
    "project_light_change": f"INSERT INTO alerts.project_light_change ({_CHANGED}) SELECT {_CHANGED} "
    "FROM json_populate_recordset(NULL::alerts.project_light_change, $1)",
    "project_told": "INSERT INTO alerts.project_told (programme, project, at, document) "
    "SELECT programme, project, at, document FROM json_populate_recordset(NULL::alerts.project_told, $1)",
    "project_month_told": "INSERT INTO alerts.project_month_told (programme, project, period, at, document) SELECT "
    "programme, project, period, at, document FROM json_populate_recordset(NULL::alerts.project_month_told, $1)",
    "project_standing_past": "INSERT INTO alerts.project_standing_past (programme, project, version, document) SELECT "
    "programme, project, version, document FROM json_populate_recordset(NULL::alerts.project_standing_past, $1) "
    "ON CONFLICT DO NOTHING",
    "project_past": _upsert("project_past", "programme, project, since", "district, listed, feeds, light"),
    "project_red_line": _upsert(
        "project_red_line",
        "programme, kind, name, district, red_line, episode",
        "version, state, said, raised_at, closed_at, message_id, document",
    ),
    "project_watermark": f"WITH {_MARKS.format(rows='$1')} " + _NOTE.format(where="WHERE true"),
}

"""The SQL that decides: series are locked and loaded; what follows is written in the same transaction (writing.py).

Two locks order writers: the rows of the series, in key order, then feed_head, whose holder gives the feed's numbers
until it commits: gap-free, and in commit order.
"""

import contextlib
from collections.abc import AsyncIterator, Collection, Sequence, Set
from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from contracts.catalogue_events import CatalogueApplied
from contracts.editions import Catalogue, Editions
from contracts.events import Standing, Watermark
from contracts.operations.database import Connection, Pool, sorted_errors
from contracts.operations.versions import Versions
from contracts.periods import SHANGHAI
from contracts.programme import Indicator
from contracts.topics import PARTITIONS, partition_of
from services.alerts import waiting
from services.alerts.loading import Loaded, load
from services.alerts.moments import Told
from services.alerts.settling import Settlement, watermarks
from services.alerts.tickets import Lane, lane_of
from services.alerts.waiting import WAITS
from services.alerts.writing import NOTE, write

Key = tuple[str, str]  # indicator, district


class Store:
    """The tables of alerts for one programme."""

    def __init__(self, pool: Pool, catalogue: Catalogue) -> None:
        self._pool, self._catalogue = pool, catalogue
        self._programme, self.versions = catalogue.programme, Versions("alerts", catalogue)

    async def ensure_series(self) -> None:
        """A row for each series of the catalogue, to be looked at when its first light is due; lights are kept.

        In key order, as judging locks them: a replica that starts meets one that is judging.
        """
        with sorted_errors():
            await self._pool.execute(_ENSURE, _json(_rows(self._catalogue, range(PARTITIONS))))

    async def idle(self, marks: Sequence[Watermark]) -> bool:
        """Note watermarks behind which nothing is due: one statement. False, and nothing noted, when something is."""
        with sorted_errors():
            due = await self._pool.fetchval(_NOTE_IF_IDLE, _json(watermarks(marks)), self._programme)
        return not due

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator["Transaction"]:
        with sorted_errors():
            async with self._pool.acquire() as connection, connection.transaction():
                yield Transaction(connection, self._catalogue)


class Transaction:
    """One settling: load, (move the series,) number, write."""

    def __init__(self, connection: Connection, catalogue: Catalogue) -> None:
        self.connection, self._catalogue = connection, catalogue
        self._programme, self._versions = catalogue.programme, Versions("alerts", catalogue)

    async def learn(self, partitions: Collection[int]) -> None:
        """Read which versions of the catalogue these partitions know."""
        await self._versions.learn(self.connection, partitions)

    async def take_over(self, mark: CatalogueApplied) -> list[Key]:
        """Keep a version for its partition; the series there, which are to be looked at anew. None when it is known."""
        kept = await self._versions.keep(self.connection, mark)
        if kept is None or not kept[1]:
            return []
        await self._versions.learn(self.connection, [mark.partition])
        rows = _rows(self._catalogue, [mark.partition])
        await self.connection.execute(_ENSURE, _json(rows))
        return [(row["indicator"], row["district"]) for row in rows]

    async def keep(self, told: Sequence[Told[Standing]]) -> None:
        """Standings that wait for the end of their moment."""
        await waiting.keep(self.connection, "alerts.watermark", _KINDS, told)

    async def over(self, marks: Sequence[Watermark]) -> list[Told[Standing]]:
        """Those that have waited for these watermarks."""
        return await waiting.take(self.connection, _KINDS, marks)

    async def _due(self, marks: Sequence[Watermark]) -> list[Key]:
        """What is due behind each watermark, each asked by itself in one statement: only then does Postgres know how
        little it is, and looks it up beside a million series that are not (tests/bench/bench_tick.py)."""
        if not marks:
            return []
        each = (_DUE_BEHIND.format(partition=2 * n + 2, through=2 * n + 3) for n in range(len(marks)))
        asked = (value for mark in marks for value in (mark.partition, mark.through))
        rows = await self.connection.fetch(" UNION ALL ".join(each), self._programme, *asked)
        return [(row["indicator"], row["district"]) for row in rows]

    async def load(self, touched: Sequence[Key], marks: Sequence[Watermark]) -> dict[Key, Loaded]:
        """The touched series and those with something due behind the watermarks, locked, in key order."""
        wanted = {*touched, *await self._due(marks)}
        if not wanted:
            return {}
        indicators, districts = [k[0] for k in wanted], [k[1] for k in wanted]
        rows = await self.connection.fetch(_LOCK, self._programme, indicators, districts)
        keys = [(row["indicator"], row["district"]) for row in rows]
        await self._versions.learn(self.connection, {row["partition"] for row in rows})
        lights: dict[Key, list[asyncpg.Record]] = {key: [] for key in keys}
        asked = self._programme, [key[0] for key in keys], [key[1] for key in keys]
        for row in await self.connection.fetch(_LIGHTS, *asked):
            lights[row["indicator"], row["district"]].append(row)
        around = {(row["indicator"], row["district"]): row for row in await self.connection.fetch(_AROUND, *asked)}
        return {key: self._loaded(key, row, lights[key], around[key]) for key, row in zip(keys, rows, strict=True)}

    def _loaded(self, key: Key, row: asyncpg.Record, lights: list[asyncpg.Record], around: asyncpg.Record) -> Loaded:
        editions = self._catalogue.at(row["partition"])
        published = {light["period"]: light["published_at"] for light in lights if light["published_at"] is not None}
        cells = [seat.cell for seat in editions.held(*key, published)]
        return load(
            row,
            lights,
            around["warnings"],
            around["tickets"],
            around["events"],
            around["overrides"],
            around["lines"],
            cells,
            editions.newest.cells.calendar,
        )

    async def series_of(self, ticket: str) -> tuple[Key, Lane, int] | None:
        """Which series, lane and episode a ticket is."""
        row = await self.connection.fetchrow(_TICKET, ticket, self._programme)
        if row is None:
            return None
        return (row["indicator"], row["district"]), lane_of(row["rule"]), row["episode"]

    async def documents(self, wanted: Sequence[tuple[str, str, str]]) -> dict[tuple[str, str, str], Standing]:
        """The stored standings of some cells."""
        if not wanted:
            return {}
        columns = [list(column) for column in zip(*wanted, strict=True)]
        rows = await self.connection.fetch(_DOCUMENTS, self._programme, *columns)
        decode = msgspec.json.Decoder(Standing).decode
        return {(r["indicator"], r["district"], r["period"]): decode(r["document"]) for r in rows}

    async def silences(self, wanted: Set[tuple[str, str]]) -> dict[tuple[str, str, datetime], None]:
        """The districts and periods of which it is known that the district did not report, by due date."""
        columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
        rows = await self.connection.fetch(_SILENCES, self._programme, *columns)
        return {(row["district"], row["period"], row["due_at"].astimezone(SHANGHAI)): None for row in rows}

    async def known(self, wanted: Set[tuple[str, str]]) -> dict[tuple[str, str], set[str]]:
        """Of districts and periods the indicators with a value or an excuse."""
        columns = [list(column) for column in zip(*sorted(wanted), strict=True)]
        found: dict[tuple[str, str], set[str]] = {}
        for row in await self.connection.fetch(_KNOWN, self._programme, *columns):
            found.setdefault((row["district"], row["period"]), set()).add(row["indicator"])
        return found

    async def throughs(self) -> dict[int, datetime]:
        """How far each partition has come."""
        rows = await self.connection.fetch("SELECT partition, through FROM alerts.watermark")
        return {row["partition"]: row["through"].astimezone(SHANGHAI) for row in rows}

    async def numbers(self, count: int) -> int:
        """The feed's last number before `count` new ones; whoever asks next waits for our commit."""
        if not count:
            return 0
        return int(await self.connection.fetchval(_NUMBER, count)) - count

    async def write(self, settlement: Settlement) -> None:
        await write(self.connection, settlement)


def _rows(catalogue: Catalogue, partitions: Collection[int]) -> list[dict[str, Any]]:
    """The row of each series that these partitions know, in key order."""
    rows = []
    for partition in partitions:
        editions = catalogue.at(partition)
        every = ((i, d) for i, d in editions.series if partition_of(catalogue.programme, i.id) == partition)
        rows += [_row(catalogue.programme, partition, editions, i, d) for i, d in every]
    return sorted(rows, key=lambda row: (row["indicator"], row["district"]))


def _row(programme: str, partition: int, editions: Editions, indicator: Indicator, district: str) -> dict[str, Any]:
    due = [cell.record_at for cell in editions.of(indicator.id, district) if cell.record_at is not None]
    return {
        "programme": programme,
        "indicator": indicator.id,
        "district": district,
        "partition": partition,
        "department": indicator.lead,
        "next_at": min(due, default=None),
    }


def _json(rows: Any) -> str:
    return msgspec.json.encode(rows).decode()


_KINDS = {"standing": Standing}
_DUE = """
SELECT 1 FROM alerts.series s JOIN marks m ON s.partition = m.partition AND s.next_at <= m.through
WHERE s.programme = $2
"""
_DUE_BEHIND = """
SELECT indicator, district FROM alerts.series
WHERE programme = $1 AND partition = ${partition} AND next_at <= ${through}
"""
_NOTE_IF_IDLE = f"""
WITH marks AS (SELECT * FROM json_populate_recordset(NULL::alerts.watermark, $1)),
due AS (({_DUE} LIMIT 1) UNION ALL ({WAITS.format(kinds="'standing'")} LIMIT 1)),
noted AS ({NOTE.format(where="WHERE NOT EXISTS (SELECT FROM due)")} RETURNING 1)
SELECT EXISTS (SELECT FROM due)
"""
_LOCK = """
WITH wanted AS (
  SELECT $1 AS programme, indicator, district FROM unnest($2::text[], $3::text[]) AS t (indicator, district))
SELECT s.programme, s.indicator, s.district, s.partition, s.light, s.computed, s.red_lines, s.light_period, s.stale,
  s.since, s.next_at, s.warned, s.forecast, s.override, s.override_until, w.through
FROM alerts.series s JOIN wanted USING (programme, indicator, district) LEFT JOIN alerts.watermark w USING (partition)
ORDER BY s.indicator, s.district FOR UPDATE OF s
"""
_WANTED = "JOIN unnest($2::text[], $3::text[]) AS t (indicator, district) USING (indicator, district)"
_LIGHTS = f"""
SELECT indicator, district, period, live, record, caught_up, version, after, owed_period, stretch, quota, binding,
  known_at, excused, excused_until, received, published_at, misses, override, inhibited
FROM alerts.light {_WANTED} WHERE programme = $1
"""
# All else of a series in one question, each of it as rows of its table.
_AROUND = """
SELECT t.indicator, t.district,
  ARRAY(SELECT w FROM alerts.warning w
    WHERE (w.programme, w.indicator, w.district) = ($1, t.indicator, t.district) AND w.state = 'open'
    ORDER BY w.opened_at, w.colour) AS warnings,
  ARRAY(SELECT k FROM alerts.ticket k
    WHERE (k.programme, k.indicator, k.district) = ($1, t.indicator, t.district)
      AND k.rule IN ('lag', 'forecast', 'reporting') ORDER BY k.episode, k.ticket) AS tickets,
  ARRAY(SELECT (SELECT count(*) FROM alerts.ticket_event e WHERE e.ticket = k.ticket)::int FROM alerts.ticket k
    WHERE (k.programme, k.indicator, k.district) = ($1, t.indicator, t.district)
      AND k.rule IN ('lag', 'forecast', 'reporting') ORDER BY k.episode, k.ticket) AS events,
  ARRAY(SELECT o FROM alerts.override o
    WHERE (o.programme, o.indicator, o.district) = ($1, t.indicator, t.district) AND o.ended_at IS NULL
    ORDER BY o.at) AS overrides,
  ARRAY(SELECT r FROM alerts.project_red_line r
    WHERE (r.programme, r.kind, r.name, r.district) = ($1, 'indicator', t.indicator, t.district)
    ORDER BY r.raised_at, r.red_line) AS lines
FROM unnest($2::text[], $3::text[]) AS t (indicator, district)
"""
_TICKET = "SELECT indicator, district, rule, episode FROM alerts.ticket WHERE ticket = $1 AND programme = $2"
_DOCUMENTS = """
SELECT indicator, district, period, document::text AS document FROM alerts.standing
JOIN unnest($2::text[], $3::text[], $4::text[]) AS t (indicator, district, period) USING (indicator, district, period)
WHERE programme = $1
"""
_PLACES = "JOIN unnest($2::text[], $3::text[]) AS t (district, period) USING (district, period)"
_SILENCES = f"SELECT district, period, due_at FROM alerts.inhibition {_PLACES} WHERE programme = $1"
_KNOWN = f"""
SELECT district, period, indicator FROM alerts.light {_PLACES}
WHERE programme = $1 AND (received OR excused AND coalesce(excused_until > due_at, true))
"""
_NUMBER = "UPDATE alerts.feed_head SET seq = seq + $1 RETURNING seq"
_ENSURE = """
INSERT INTO alerts.series AS s (programme, indicator, district, partition, department, next_at)
SELECT programme, indicator, district, partition, department, next_at
FROM json_populate_recordset(NULL::alerts.series, $1)
ON CONFLICT (programme, indicator, district) DO UPDATE
SET partition = EXCLUDED.partition, department = EXCLUDED.department, next_at = coalesce(s.next_at, EXCLUDED.next_at)
WHERE (s.partition, s.department) <> (EXCLUDED.partition, EXCLUDED.department) OR s.next_at IS NULL
"""

"""The programme in SQL. What recording knows of a cell is never touched here, only its dates and whether it applies."""

from collections.abc import Sequence
from datetime import datetime

from contracts.operations.database import Pool, sorted_errors
from services.metrics.loading import CELL, SERIES, Table
from services.metrics.store.arrays import Connection, transposed, unnest


async def load(pool: Pool, tables: Sequence[Table]) -> None:
    """Write the programme's tables in one transaction."""
    with sorted_errors():
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute("SET LOCAL statement_timeout = '60s'")
            await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended('metrics', 2))")
            for table in tables:
                if table.name == "finding" and table.rows:  # a version that is loaded again may leave less in doubt
                    await connection.execute(_FORGET_FINDINGS, *table.rows[0][:2])
            await write(connection, tables)
            for table in tables:
                if table.name == "cell":
                    await _forget_cells(connection, table)
            await connection.execute("ANALYZE " + ", ".join(f"metrics.{table.name}" for table in tables))


async def write(connection: Connection, tables: Sequence[Table]) -> None:
    """These rows, in the caller's transaction; others stay."""
    for table in tables:
        if table.rows:
            await connection.execute(_upsert(table), *transposed(table.rows))


async def remember(connection: Connection, tables: Sequence[Table], until: datetime) -> None:
    """What these rows will change of cells' dates and series' units, as it was until a version counted (rule 2.10)."""
    for table in tables:
        if table.rows and table.name in _REMEMBER:
            await connection.execute(_REMEMBER[table.name], *transposed(table.rows), until)


async def published(connection: Connection, programme: str, since: datetime) -> set[tuple[str, ...]]:
    """The cells that a publication had locked by then: indicator, district, period."""
    return {tuple(row) for row in await connection.fetch(_PUBLISHED, programme, since)}


async def applied(pool: Pool, programme: str) -> bool:
    """Whether versions were applied since the tables were loaded: then these hold what the newest says."""
    with sorted_errors():
        return bool(
            await pool.fetchval("SELECT EXISTS (SELECT FROM metrics.catalogue WHERE programme = $1)", programme)
        )


async def loaded(pool: Pool, programme: str) -> str | None:
    """The catalogue version that the tables were written from."""
    with sorted_errors():
        version: str | None = await pool.fetchval(
            "SELECT catalogue_version FROM metrics.programme WHERE programme = $1", programme
        )
    return version


def _upsert(table: Table) -> str:
    """A row that says what it said is left as it is: of a version's thousands of cells most are."""
    names = [column.split()[0] for column in table.columns.split(",")]
    said, key = ", ".join(names), ", ".join(names[: table.key])
    changes = ", ".join(f"{name} = excluded.{name}" for name in names[table.key :])
    was = ", ".join(f"kept.{name}" for name in names[table.key :])
    told = ", ".join(f"excluded.{name}" for name in names[table.key :])
    rows = f"SELECT {said} FROM {unnest(table.columns)}"
    return (
        f"INSERT INTO metrics.{table.name} AS kept ({said}) {rows} "
        f"ON CONFLICT ({key}) DO UPDATE SET {changes} WHERE ({was}) IS DISTINCT FROM ({told})"
    )


async def _forget_cells(connection: Connection, table: Table) -> None:
    """A cell that the catalogue no longer names goes, unless something is known of it."""
    rows = await connection.fetch(_UNKNOWN_CELLS, table.rows[0][0])
    gone = sorted({tuple(row) for row in rows} - {row[:4] for row in table.rows})
    if gone:
        await connection.execute(_FORGET_CELLS, *transposed(gone))


_REMEMBER = {
    "cell": f"""
INSERT INTO metrics.cell_past (programme, indicator, district, period, until, existed, due_at, lock_at, applicable,
    answers)
SELECT programme, indicator, district, period, $10, c.period IS NOT NULL, c.due_at, c.lock_at,
       coalesce(c.applicable, false), c.answers
FROM {unnest(CELL)} LEFT JOIN metrics.cell AS c USING (programme, indicator, district, period)
WHERE (c.due_at, c.lock_at, c.applicable, c.answers)
    IS DISTINCT FROM (new.due_at, new.lock_at, new.applicable, new.answers)
ON CONFLICT DO NOTHING""",
    "series": f"""
INSERT INTO metrics.series_past (programme, indicator, district, until, answers, department)
SELECT programme, indicator, district, $7, s.answers, s.department
FROM {unnest(SERIES)} JOIN metrics.series AS s USING (programme, indicator, district)
WHERE (s.answers, s.department) <> (new.answers, new.department)
ON CONFLICT DO NOTHING""",
}
_PUBLISHED = """
SELECT indicator, district, period FROM metrics.cell WHERE programme = $1 AND published_at <= $2"""

_FORGET_FINDINGS = "DELETE FROM metrics.finding WHERE programme = $1 AND catalogue_version = $2"
_UNKNOWN_CELLS = """
SELECT programme, indicator, district, period FROM metrics.cell WHERE programme = $1 AND version = 0"""
_FORGET_CELLS = f"""
DELETE FROM metrics.cell USING {unnest("programme text, indicator text, district text, period text")}
WHERE (new.programme, new.indicator, new.district, new.period)
    = (cell.programme, cell.indicator, cell.district, cell.period)"""

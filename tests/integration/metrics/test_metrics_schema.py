"""The migrated database is what schema.sql says: a change of one without the other fails."""

import os
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from contracts.operations.database import open_pool
from services.metrics.store.gauges import present
from tests.support.prepared import prepare
from tests.support.recorded import at, bench, reported
from tests.support.schema import dumped

QUESTION = """
SELECT due_at FROM metrics.cell WHERE ($1::text IS NULL OR indicator = $1) AND ($2::date IS NULL OR period_end = $2)"""
SCHEMA = Path(__file__).parents[3] / "services/metrics/schema.sql"


async def test_migrations_make_the_schema(database: str) -> None:
    """Run with LIANGSHAI_WRITE_SCHEMA=1 to write schema.sql anew after a migration was added."""
    async with bench(database):
        found = dumped(database, "metrics")
    if os.environ.get("LIANGSHAI_WRITE_SCHEMA"):
        SCHEMA.write_text(found)
    assert found == SCHEMA.read_text()


async def test_the_boards_role_reads_and_writes_nothing(database: str) -> None:
    """liangshai_read sees every table and view of the schema and may change none."""
    async with bench(database) as recorded, recorded.pool.acquire() as connection:
        names = await connection.fetch(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'metrics'"
        )
        await connection.execute("SET ROLE liangshai_read")
        for row in names:
            if row["table_name"] != "schema_migrations":
                await connection.fetch(f"SELECT * FROM metrics.{row['table_name']} LIMIT 1")
        await connection.fetch("SELECT * FROM metrics.duties(metrics.platform_time()) LIMIT 1")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("DELETE FROM metrics.cell")
        await connection.execute("RESET ROLE")


async def test_lists_are_planned_for_what_is_asked(database: str) -> None:
    """However often a list was asked for: its plan knows which of its filters are left out."""
    async with bench(database), open_pool(database, application="test", planned_each_time=True) as pool:
        for _ in range(8):
            await pool.fetch(QUESTION, None, date(2023, 6, 30))
        plan = "\n".join(row[0] for row in await pool.fetch(f"EXPLAIN {QUESTION}", None, date(2023, 6, 30)))
        assert await pool.fetchval("SHOW plan_cache_mode") == "force_custom_plan"
    assert "IS NULL" not in plan


async def test_loading_again_changes_nothing(database: str) -> None:
    """What recording knows stays; the tables are those of the catalogue."""
    async with bench(database) as recorded:
        await recorded.settle(reported("deqing", "2023-06", "3"))
        before = await recorded.dump("programme", "district", "department", "indicator", "series", "cell")
        await prepare(recorded.pool)
        assert await recorded.dump(*before) == before


async def test_gauges_and_boards_count_alike(database: str) -> None:
    """Completeness is asked for in one pass by the gauges and by two views on the boards: the same figures."""
    async with bench(database) as recorded:
        await recorded.pool.execute("INSERT INTO metrics.watermark VALUES (0, $1, 0)", at("2023-07-20"))
        await recorded.settle(reported("deqing", "2023-06", "3"), reported("anji", "2023-06", "3", at("2023-07-08")))
        found = await present(recorded.pool)
        for unit, rows in (("district", found.districts), ("department", found.departments)):
            columns = f"programme, {unit}, completeness::text, timeliness::text"
            view = await recorded.pool.fetch(f"SELECT {columns} FROM metrics.{unit}_completeness ORDER BY 1, 2")
            assert rows == [tuple(row) for row in view] != []
            assert {share for *_, share in rows} != {"0.0000"}

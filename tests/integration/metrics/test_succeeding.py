"""A version of the catalogue takes over in metrics, on a real Postgres (rules 2.9, 2.10 and 4.4)."""

import contextlib
from collections.abc import AsyncIterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.catalogue import SHIPPED
from contracts.operations.database import Pool
from contracts.topics import partition_of
from services.metrics.__main__ import load_programme
from services.metrics.settings import Settings
from services.metrics.settling import Outdated
from services.metrics.store.reading import Reading
from tests.support.recorded import INDICATOR, PARTITION, PROGRAMME, at, bench, reported
from tests.support.versions import Replica, changed, mark, twin

SERIES = (PROGRAMME, INDICATOR, "deqing")
APPLIED = at("2023-07-03")  # May has locked on 1 July, June is open


@contextlib.asynccontextmanager
async def told(database: str) -> AsyncIterator[Replica]:
    """Deqing has reported May, in time, and June."""
    async with bench(database) as recorded:
        replica = Replica(recorded.pool)
        await replica.settle(reported("deqing", "2023-05", "3"), reported("deqing", "2023-06", "4", at("2023-07-02")))
        yield replica


async def standing(pool: Pool, period: str, known_at: datetime | None = None) -> Any:
    raw = await Reading(pool).standing(SERIES, period, known_at)
    return None if raw is None else msgspec.json.decode(raw)


async def test_what_is_open_moves_and_what_locked_stays(database: str) -> None:
    """Rules 2.9 and 4.4: May keeps its plan; June is held to the version, and is announced after the mark."""
    async with told(database) as replica:
        may, june = await standing(replica.pool, "2023-05"), await standing(replica.pool, "2023-06")
        found = await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        assert await standing(replica.pool, "2023-05") == may
        now = await standing(replica.pool, "2023-06")
        assert (june["catalogue_version"], now["catalogue_version"], now["version"]) == ("1", "2", june["version"] + 1)
        assert (now["expected"], now["target"]) == ("15.00", "30")
        announced = {(each.district, each.period): each for each in found.standings}
        assert announced["deqing", "2023-06"].version == now["version"]
        assert ("deqing", "2023-05") not in announced
        assert found.mark.applied_at == APPLIED


async def test_what_was_known_before_comes_back_byte_by_byte(database: str) -> None:
    """Rule 2.10: known_at before the version answers as then, at its moment as from then on."""
    async with told(database) as replica:
        before = await Reading(replica.pool).standing(SERIES, "2023-06", None)
        await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        assert await Reading(replica.pool).standing(SERIES, "2023-06", at("2023-07-03", "11:59")) == before
        assert (await standing(replica.pool, "2023-06", APPLIED))["catalogue_version"] == "2"


async def test_the_same_mark_again_announces_the_same(database: str) -> None:
    """A crash before the announcement repeats it: nothing new is written, the same standings are told."""
    async with told(database) as replica:
        said = mark(changed(shares={"2023-12-31": "30"}), APPLIED)
        first = await replica.take_over(said)
        again = await Replica(replica.pool).take_over(said)
        assert (again.mark, again.standings, again.changed) == (first.mark, first.standings, 0)
        assert first.changed > 0


async def test_after_a_restart_and_on_another_replica_the_version_holds(database: str) -> None:
    """A replica that never saw the mark finds it under the partition's locks, and then records by it."""
    async with told(database) as replica:
        other = Replica(replica.pool)
        await other.settle(reported("anji", "2023-06", "1"))
        await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        july = reported("deqing", "2023-07", "5")
        with pytest.raises(Outdated):
            await other.settle(july)
        settled = await other.settle(july)
        assert {each.catalogue_version for each in settled.standings} == {"2"}
        assert (await standing(replica.pool, "2023-07"))["expected"] == "17.00"  # whole items (rule 4.8)


async def test_a_new_indicator_has_cells_from_then_on(database: str) -> None:
    """Its series and cells come into the tables; what is reported for it is recorded."""
    async with told(database) as replica:
        programme = twin()
        there = partition_of(PROGRAMME, "new_projects")
        await replica.take_over(mark(programme, APPLIED, there))
        count = "SELECT count(*) FROM metrics.cell WHERE indicator = 'new_projects' AND applicable"
        assert await replica.pool.fetchval(count) > 60
        settled = await replica.settle(
            reported("deqing", "2023-07", "2", at("2023-08-02"), indicator="new_projects", unit="count")
        )
        assert [each.outcome for each in settled.outcomes] == ["applied"]


async def test_cells_that_go_are_marked_and_kept(database: str) -> None:
    """A life that ends earlier: later cells stay as rows, not applicable and never due."""
    async with told(database) as replica:
        await replica.take_over(mark(changed(valid_to=date(2023, 12, 31)), APPLIED))
        rows = await replica.pool.fetch(
            "SELECT applicable, due_at FROM metrics.cell WHERE indicator = $1 AND period_end > '2023-12-31'", INDICATOR
        )
        assert len(rows) > 100
        assert {tuple(row) for row in rows} == {(False, None)}


async def test_another_document_of_that_name_is_refused(database: str) -> None:
    """The first that was kept holds."""
    async with told(database) as replica:
        await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        other = mark(changed(shares={"2023-12-31": "31"}), APPLIED)
        assert await replica.succeeding.take_over(other) is None
        assert (await standing(replica.pool, "2023-06"))["target"] == "30"


async def test_a_mark_counts_from_what_its_partition_was_told(database: str) -> None:
    """Rule 2.9: no later mark reaches a cell that the watermark has already locked."""
    async with told(database) as replica:
        locked = at("2023-08-02")
        await replica.pool.execute("INSERT INTO metrics.watermark VALUES ($1, $2, 0)", PARTITION, locked)
        found = await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        assert found.mark.applied_at == locked
        assert (await standing(replica.pool, "2023-06"))["catalogue_version"] == "1"


async def test_loading_after_a_version_was_applied_changes_nothing(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`metrics load` runs at every start: it must not write the first version over what was applied since."""
    async with told(database) as replica:
        await replica.take_over(mark(changed(shares={"2023-12-31": "30"}), APPLIED))
        tables = ("programme", "indicator", "series", "cell", "finding")
        before = {name: sorted(map(str, await replica.pool.fetch(f"SELECT * FROM metrics.{name}"))) for name in tables}
        await load_programme(Settings(database=database, kafka="", tokens=tmp_path / "none.yaml", catalogue=SHIPPED))
        assert "versions were applied since" in capsys.readouterr().out
        for name, rows in before.items():
            assert sorted(map(str, await replica.pool.fetch(f"SELECT * FROM metrics.{name}"))) == rows, name

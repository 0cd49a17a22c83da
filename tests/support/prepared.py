"""A database as services find it, made once a session: each test is given a copy, at an eighth of the work."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.editions import Catalogue
from contracts.operations.database import Pool, open_pool
from contracts.operations.migrations import Migrations
from services.alerts.store import Store
from services.metrics.loading import tables
from services.metrics.store import programme
from tests.support.judging import excused
from tests.support.servers import in_thread, new_database

SERVICES = Path(__file__).parents[2] / "services"


@contextlib.contextmanager
def prepared(server: str) -> Iterator[str]:
    """The URL of a database that is migrated for all services, with metrics' tables of the shipped catalogue and the
    series of alerts, the cells of their first two years excused."""
    with new_database(server) as url:
        in_thread(_prepare(url))
        yield url


async def _prepare(url: str) -> None:
    async with open_pool(url, application="tests", size=1) as pool:
        await prepare(pool)
        catalogue = Catalogue(load(SHIPPED))
        await Store(pool, catalogue).ensure_series()
        await excused(pool, catalogue.cells)
        await pool.execute("VACUUM ANALYZE")  # once for all copies


async def prepare(pool: Pool) -> None:
    """Migrate and load; done again it changes nothing."""
    for service in ("metrics", "alerts", "desk"):
        await Migrations(SERVICES / service / "migrations", service).apply(pool)
    lookup = load(SHIPPED)
    await programme.load(pool, tables(lookup, Cells(lookup)))

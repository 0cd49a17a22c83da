"""Every query of every board, executed on the real Prometheus and Postgres after a replay, must return rows.

No Grafana can be had here: this is what stands for having seen the boards. The same check after a longer replay:
`unanswered` of tests/support/boards.py with the addresses of any running stack.
"""

from collections.abc import AsyncIterator
from datetime import datetime

import asyncpg
import pytest
import pytest_asyncio

from contracts.periods import SHANGHAI
from deploy.grafana.queries import Window, queries
from tests.support.boards import settled, values_of
from tests.support.replayed import Replayed, replayed

UNTIL = datetime(2023, 3, 8, 12, tzinfo=SHANGHAI)
FOUR_YEARS = Window(datetime(2022, 1, 1, tzinfo=SHANGHAI), datetime(2026, 1, 1, tzinfo=SHANGHAI))

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.timeout(300)]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def replay() -> AsyncIterator[Replayed]:
    """January and February 2023 as the demo tells them."""
    async with replayed(UNTIL) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def reader(replay: Replayed) -> str:
    """The database as Grafana's own role sees it: a login that may only read."""
    connection = await asyncpg.connect(replay.stack.database)
    await connection.execute("CREATE ROLE grafana LOGIN IN ROLE liangshai_read")
    await connection.execute("ALTER ROLE grafana SET default_transaction_read_only = on")
    await connection.close()
    return replay.stack.database.replace("postgres@", "grafana@")


async def test_every_query_returns_rows(replay: Replayed, reader: str) -> None:
    """All panels and variables of all six boards, with their variables filled in."""
    asked = queries(await values_of(reader), FOUR_YEARS)
    assert len(asked) > 80
    left = await settled(asked, replay.prometheus, reader, deadline=30)
    assert left == [], "\n".join(left)


async def test_the_reading_role_reads_only(reader: str) -> None:
    """What a board can ask, it cannot change."""
    connection = await asyncpg.connect(reader)
    try:
        for attempt in ("DELETE FROM alerts.feed", "UPDATE metrics.cell SET value = 0", "CREATE TABLE alerts.x ()"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)):
                await connection.execute(attempt)
    finally:
        await connection.close()

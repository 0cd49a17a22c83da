"""Asks every query of every board of real servers, as Grafana would; whoever has a replay can call `unanswered`."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx

from deploy.grafana.queries import Query

RECENT, STEP = 300, 5  # seconds of real time that a panel of gauges is asked for


@dataclass(frozen=True, slots=True)
class Answered:
    """How many rows or series a query gave, or the error it met."""

    query: Query
    rows: int
    error: str | None = None

    def __str__(self) -> str:
        return f"{self.query}: {self.error or f'{self.rows} rows'}\n    {self.query.text}"


async def answers(questions: Sequence[Query], prometheus: str, database: str) -> list[Answered]:
    """Every query's answer; `database` should be the read-only role's, as Grafana's is."""
    async with httpx.AsyncClient(base_url=prometheus, timeout=20) as http:
        connection = await asyncpg.connect(database)
        try:
            return [
                await (_postgres(connection, each) if each.source == "postgres" else _prometheus(http, each))
                for each in questions
            ]
        finally:
            await connection.close()


async def unanswered(questions: Sequence[Query], prometheus: str, database: str) -> list[str]:
    """Those that met an error or gave no row, in words; empty when all is well."""
    return [f"{each}" for each in await answers(questions, prometheus, database) if each.error or not each.rows]


async def values_of(database: str) -> dict[str, str]:
    """Variables as a viewer would choose them: the district, department and indicator that have most to show."""
    connection = await asyncpg.connect(database)
    try:
        row = await connection.fetchrow(_CHOICE)
    finally:
        await connection.close()
    assert row is not None, "nothing was replayed"
    return dict(row)


async def _postgres(connection: "asyncpg.Connection[asyncpg.Record]", query: Query) -> Answered:
    try:
        async with connection.transaction(readonly=True):
            rows = await connection.fetch(query.text)
    except asyncpg.PostgresError as error:
        return Answered(query, 0, str(error))
    return Answered(query, sum(1 for row in rows if any(value is not None for value in row)))


async def _prometheus(http: httpx.AsyncClient, query: Query) -> Answered:
    now = time.time()
    when: dict[str, Any] = {"time": now} if query.instant else {"start": now - RECENT, "end": now, "step": STEP}
    path = "/api/v1/query" if query.instant else "/api/v1/query_range"
    body = (await http.get(path, params={"query": query.text, **when})).json()
    if body["status"] != "success":
        return Answered(query, 0, body["error"])
    return Answered(query, len(body["data"]["result"]))


async def settled(questions: Sequence[Query], prometheus: str, database: str, deadline: float) -> list[str]:
    """As `unanswered`, asked again until all is well or the deadline passes: scrapes take seconds to arrive."""
    end = time.monotonic() + deadline
    left = list(questions)
    while True:
        answered = await answers(left, prometheus, database)
        left = [each.query for each in answered if each.error or not each.rows]
        if not left or time.monotonic() > end:
            return [f"{each}" for each in answered if each.query in left]
        await asyncio.sleep(1)


_CHOICE = """
SELECT t.programme, t.district, s.department, n.indicator
FROM alerts.ticket t JOIN alerts.series s USING (programme, indicator, district)
JOIN metrics.newest n USING (programme, indicator, district)
WHERE t.district <> 'huzhou' GROUP BY 1, 2, 3, 4 ORDER BY count(*) DESC, 1, 2, 3, 4 LIMIT 1
"""

"""What the gauges show, in SQL: the newest cell of each series, completeness, the words of ids.

`state` tells cheaply whether any of it can have changed: due dates fall on midnights, all else moves a ledger.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from contracts.operations.database import Pool, sorted_errors

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class State:
    """What the gauges depend on, and the platform's time."""

    moved: int
    day: date
    now: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """All that the gauges show."""

    series: list[Row]  # programme, indicator, district, value, expected, lag and attained as shares, end of the period
    districts: list[Row]  # programme, district, completeness, timeliness
    departments: list[Row]
    indicator_names: list[Row]
    district_names: list[Row]
    department_names: list[Row]


async def state(pool: Pool) -> State:
    """How far recording and time have come."""
    with sorted_errors():
        row = await pool.fetchrow(_STATE)
    assert row is not None
    return State(*row)


async def newest(pool: Pool) -> list[Row]:
    """The newest cell of each series: all that one report moves, but for completeness."""
    with sorted_errors():
        return [tuple(row) for row in await pool.fetch(_SERIES)]


async def present(pool: Pool) -> Present:
    """Everything, in one snapshot."""
    queries = _SERIES, _COMPLETENESS, _INDICATOR_NAMES, _DISTRICT_NAMES, _DEPARTMENT_NAMES
    with sorted_errors():
        async with (
            pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            series, units, *names = [[tuple(row) for row in await connection.fetch(query)] for query in queries]
    districts = [(programme, district, *shares) for programme, district, _, *shares in units if district is not None]
    departments = [(programme, unit, *shares) for programme, _, unit, *shares in units if unit is not None]
    return Present(series, districts, departments, *names)


_STATE = """
SELECT coalesce((SELECT sum(moved) FROM metrics.ledger), 0)::bigint,
       (metrics.platform_time() AT TIME ZONE 'Asia/Shanghai')::date, metrics.platform_time()"""

_SERIES = """
SELECT programme, indicator, district, value::text, expected::text, (lag * 0.01)::text, (attainment * 0.01)::text,
       extract(epoch FROM (period_end + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')::bigint
FROM metrics.newest ORDER BY programme, indicator, district"""

# Both of the views metrics.district_completeness and department_completeness in one pass over the cells.
_COMPLETENESS = """
SELECT programme, district, department, round(count(*) FILTER (WHERE received)::numeric / count(*), 4)::text,
       round(count(*) FILTER (WHERE on_time)::numeric / count(*), 4)::text
FROM metrics.duties((SELECT metrics.platform_time()))
GROUP BY programme, GROUPING SETS ((district), (department)) ORDER BY programme, district, department"""

_INDICATOR_NAMES = """
SELECT programme, indicator, name_zh, name_en, area, unit, unit_zh, lead FROM metrics.indicator
ORDER BY programme, position"""

_DISTRICT_NAMES = """
SELECT programme, district, name_zh, name_en, kind FROM metrics.district ORDER BY programme, position"""

_DEPARTMENT_NAMES = """
SELECT programme, department, name_zh, name_en FROM metrics.department ORDER BY programme, position"""

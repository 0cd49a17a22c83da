"""报送日历: who has reported what, by unit and series; how complete and punctual; what is owed, to be reminded of."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from services.desk.calendar import grid
from services.desk.doors import Doors
from services.desk.visit import Visit

Documents = list[dict[str, Any]]
REACH = timedelta(days=150)  # how far back a period may end that can still be reported without the office (rule 2.9)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The grid, and the collective list."""
    return [doors.get("/calendar", show), doors.get("/calendar/list", collective)]


async def show(visit: Visit) -> Response:
    """One unit's series, the person's own unless another is named; or all units."""
    asked = visit.request.query_params
    if "held" in asked:
        return await held(visit)
    today = _today(visit)
    unit = asked.get("unit", visit.person.unit or "")
    months = grid.months(asked.get("until"), today)
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    span = {"first": months.first.isoformat(), "last": months.last.isoformat()}
    if unit in visit.lookup.departments or unit in visit.lookup.districts:
        arrange: Callable[[Documents, Lookup], list[grid.Row]] = grid.by_series
        found = visit.api.items("metrics", f"{at}/cells", unit=unit, **span)
    else:
        unit, arrange = "", grid.by_unit
        found = visit.api.items("metrics", f"{at}/calendar", **span)
    items, complete = await asyncio.gather(found, visit.api.get("metrics", f"{at}/completeness"))
    state = asked.get("state", "") if asked.get("state") in grid.STATES else ""
    return await visit.render(
        "calendar.html",
        unit=unit,
        rows=grid.with_state(arrange(items, visit.lookup), state),
        months=months,
        shares=shares(complete),
        states=grid.STATES,
        state=state,
        lookup=visit.lookup,
    )


async def collective(visit: Visit) -> Response:
    """Everything that is owed and may still be reported, by unit: one list to copy or to print."""
    return await visit.render("calendar_list.html", owing=await owed(visit), lookup=visit.lookup)


async def held(visit: Visit) -> Response:
    """Reports that came behind a lock and wait for the office (rule 2.9)."""
    found = await visit.api.items("metrics", f"/v1/programmes/{visit.lookup.programme.id}/held")
    return await visit.render("calendar_held.html", held=found, lookup=visit.lookup)


async def owed(visit: Visit) -> Sequence[grid.Owing]:
    """By unit, the most owing first."""
    at, today = f"/v1/programmes/{visit.lookup.programme.id}", _today(visit)
    first = (today - REACH).isoformat()

    async def cells(state: str) -> Documents:
        return await visit.api.items("metrics", f"{at}/cells", state=state, first=first, last=today.isoformat())

    found = await asyncio.gather(*map(cells, grid.OWED))
    return grid.owing([each for of in found for each in of], visit.lookup)


def shares(complete: Mapping[str, Documents]) -> dict[str, Mapping[str, Any]]:
    """Completeness and timeliness by unit; by district where it reports, by lead department."""
    found = {each["department"]: each for each in complete["departments"]}
    return found | {each["district"]: each for each in complete["districts"]}


def _today(visit: Visit) -> date:
    return visit.showing.now().astimezone(SHANGHAI).date()

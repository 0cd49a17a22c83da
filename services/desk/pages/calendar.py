"""报送日历: who has reported what, by unit and series; how complete and punctual; what is owed, and reminding of it."""

import asyncio
import csv
import io
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from services.desk import searching
from services.desk.calendar import grid
from services.desk.doors import Doors
from services.desk.pages.held import held
from services.desk.texts import texts
from services.desk.visit import Visit

Documents = list[dict[str, Any]]
REACH = timedelta(days=150)  # how far back a period may end that can still be reported without the office (rule 2.9)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The grid, the collective list as a page and as a file, and the form that reminds a unit."""
    return [
        doors.get("/calendar", show),
        doors.get("/calendar/list", collective),
        doors.get("/calendar/list.csv", collective_file),
        doors.post("/calendar/remind", remind, "remind"),
    ]


async def show(visit: Visit) -> Response:
    """The grid, or what waits behind the lock."""
    asked = visit.request.query_params
    return await held(visit) if "held" in asked else await _grid(visit, asked)


async def remind(visit: Visit) -> Response:
    """One unit, at once (催报); back where the button was pressed, with what came of it."""
    unit, back = (str(visit.form.get(name) or "") for name in ("unit", "back"))
    wish = {"unit": unit, "request": str(visit.form.get("request") or "")}
    at = f"/v1/programmes/{visit.lookup.programme.id}/reminders"
    try:
        told = await visit.api.act("alerts", at, act="remind", target=f"unit {unit}", detail=wish, json=wish)
    except Problem as problem:
        if problem.status != 409:
            raise
        said = {"words": {"zh": problem.zh, "en": problem.en}, "refused": True}
        if back == "list":
            return await collective(visit, said)
        return await _grid(visit, {"unit": unit if back == "unit" else "all"}, said)
    place = "/calendar/list" if back == "list" else "/calendar"
    where = {} if back == "list" else {"unit": unit if back == "unit" else "all"}
    return visit.redirect(place, **where, reminded=unit, count=str(len(told["reminder"]["cells"])))


def _told(visit: Visit) -> dict[str, Any] | None:
    """What the address says that was done just now; nothing when it names no unit."""
    unit, count = (visit.request.query_params.get(name, "") for name in ("reminded", "count"))
    name = visit.showing.units().get(unit)
    if name is None or not count.isdecimal():
        return None
    words = texts()["calendar.reminded"]
    return {
        "words": {"zh": words.zh.format(unit=name.zh, count=count), "en": words.en.format(unit=name.en, count=count)},
        "refused": False,
    }


async def _reminding(visit: Visit) -> dict[str, Any]:
    """For the buttons: a name for the wish, and who was reminded by hand today already. None for who may not."""
    if not visit.may("remind"):
        return {"request": None, "reminded": {}}
    at = f"/v1/programmes/{visit.lookup.programme.id}/feed/newest"
    today = visit.showing.now().astimezone(SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0).isoformat()
    found = await visit.api.get("alerts", at, message="reminder", sent_since=today, limit=1000)
    by_hand = [each for each in found["items"] if each["reason_code"] == "by_hand"]
    return {
        "request": secrets.token_hex(16),
        "reminded": {each["labels"]["addressee"]: each["sent"] for each in by_hand},
    }


async def _grid(visit: Visit, asked: Mapping[str, str], told: dict[str, Any] | None = None) -> Response:
    """One unit's series, the person's own unless another is named; or all units."""
    today = _today(visit)
    said = asked.get("unit", visit.person.unit or "")
    sought = searching.unit("" if said == "all" else said, visit.lookup)
    unit = sought.unit
    months = grid.months(asked.get("until"), today)
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    span = {"first": months.first.isoformat(), "last": months.last.isoformat()}
    if unit in visit.lookup.departments or unit in visit.lookup.districts:
        arrange: Callable[[Documents, Lookup], list[grid.Row]] = grid.by_series
        found = visit.api.items("metrics", f"{at}/cells", unit=unit, **span)
    else:
        unit, arrange = "", grid.by_unit
        found = visit.api.items("metrics", f"{at}/calendar", **span)
    items, complete, reminding = await asyncio.gather(
        found, visit.api.get("metrics", f"{at}/completeness"), _reminding(visit)
    )
    state = asked.get("state", "") if asked.get("state") in grid.STATES else ""
    return await visit.render(
        "calendar.html",
        409 if told else 200,
        told=told or _told(visit),
        reminding=reminding,
        unit=unit,
        sought=sought,
        rows=grid.with_state(arrange(items, visit.lookup), state),
        months=months,
        shares=shares(complete),
        states=grid.STATES,
        state=state,
        lookup=visit.lookup,
    )


async def collective(visit: Visit, told: dict[str, Any] | None = None) -> Response:
    """Everything that is owed and may still be reported, by unit: one list to copy, to print or to take along."""
    owing, reminding = await asyncio.gather(owed(visit), _reminding(visit))
    return await visit.render(
        "calendar_list.html",
        409 if told else 200,
        told=told or _told(visit),
        reminding=reminding,
        owing=owing,
        lookup=visit.lookup,
    )


async def collective_file(visit: Visit) -> Response:
    """The same as CSV, a row a cell, as Excel opens it."""
    head = [visit.t(f"calendar.{name}") for name in ("unit", "series", "district", "period", "due_on", "state")]
    rows = grid.sheet(await owed(visit), visit.lookup, visit.language, lambda state: visit.t(f"calendar.{state}"))
    name = {"Content-Disposition": f'attachment; filename="owed-{_today(visit)}.csv"'}
    return Response(written([head, *rows]), headers=name, media_type="text/csv; charset=utf-8")


def written(rows: Sequence[Sequence[str]]) -> bytes:
    """CSV with the mark by which Excel knows UTF-8."""
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


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

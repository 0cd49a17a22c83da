"""督办单 as a list: filters, the person's saved views of it, and where each ticket stands."""

import asyncio
from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from services.desk import searching, ticket_filters
from services.desk.doors import Doors
from services.desk.kept import Kept, View
from services.desk.pages.home import named, projects
from services.desk.ticket_filters import PAGE, Filters
from services.desk.visit import Visit

_PAGE = "tickets"
LONGEST_NAME = 40


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The list, and the forms of saved views."""
    kept = Kept(doors.audit.pool)

    async def show(visit: Visit) -> Response:
        filters = ticket_filters.read(visit.request.query_params, visit.lookup)
        now = visit.showing.now()
        at = f"/v1/programmes/{visit.lookup.programme.id}"
        views, objections, found = await asyncio.gather(
            kept.views(visit.person.subject, _PAGE),
            visit.api.items("alerts", f"{at}/objections", state="open"),
            visit.api.get("alerts", f"{at}/tickets/pressing", **filters.asked(visit.lookup, visit.person.unit, now)),
        )
        return await visit.render(
            "tickets.html",
            objections=objections,
            filters=filters,
            found=found["items"],
            total=found["total"],
            pages=-(-found["total"] // PAGE),
            views=views,
            lookup=visit.lookup,
            sought=searching.unit(visit.request.query_params.get("unit", ""), visit.lookup),
            names=named(visit.lookup) | await projects(visit, found["items"]),
            is_due=lambda ticket: ticket_filters.is_due(ticket, now),
            is_late=lambda ticket: ticket_filters.is_late(ticket, now),
            deadline=ticket_filters.deadline,
            told=visit.request.query_params.get("told", ""),
            states=ticket_filters.STATES,
            rules=ticket_filters.RULES,
        )

    async def promised(visit: Visit) -> Response:
        found = await visit.api.get("alerts", f"/v1/programmes/{visit.lookup.programme.id}/promises")
        return await visit.render("promises.html", found=found["items"], names=named(visit.lookup))

    async def keep(visit: Visit) -> Response:
        filters = ticket_filters.read(_asked(visit), visit.lookup)
        name = str(visit.form.get("name") or "").strip()[:LONGEST_NAME]
        done = bool(name) and await kept.keep(visit.person.subject, _PAGE, View(name, filters.query))
        return _back(filters, "view_kept" if done else "view_refused")

    async def forget(visit: Visit) -> Response:
        await kept.forget(visit.person.subject, _PAGE, str(visit.form.get("name") or ""))
        return _back(ticket_filters.read(_asked(visit), visit.lookup), "view_forgotten")

    return [
        doors.get("/tickets", show),
        doors.get("/tickets/promises", promised),
        doors.post("/tickets/views", keep),
        doors.post("/tickets/views/forget", forget),
    ]


def _asked(visit: Visit) -> dict[str, str]:
    return {name: value for name, value in visit.form.items() if isinstance(value, str)}


def _back(filters: Filters, told: str) -> Response:
    return RedirectResponse(f"/tickets?{filters.query}&told={told}", 303)

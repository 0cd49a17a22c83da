"""The tickets (督办单, rule 8): the list, and one of them with everything that happened to it."""

import uuid

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit, moment, number
from services.alerts.api.access import Access, columns_of, require
from services.alerts.api.cursors import after_moment, cursor_of
from services.alerts.next_steps import Today
from services.alerts.reading.tickets import TicketReading
from services.alerts.table import TABLES
from services.alerts.views import TicketView, TicketWithEvents
from services.alerts.words import TICKET_STATES

_COLUMNS, _YES_NO = columns_of(TicketView), ("true", "false")


def routes(access: Access, reading: TicketReading) -> list[BaseRoute]:
    """The routes of tickets."""

    async def tickets(request: Request) -> Response:
        scope = access.scope(request, state=tuple(TICKET_STATES), level=("1", "2", "3"), rule=tuple(TABLES))
        most = limit(request)
        found = await reading.tickets(scope, after_moment(request), most, access.today(scope.known_at))
        cursor = cursor_of(found[-1].opened_at, found[-1].ticket) if len(found) == most else None
        return page(request, found, cursor, _COLUMNS)

    async def pressing(request: Request) -> Response:
        """As people work through them: a page by its place, and how many there are in all."""
        words = {
            "level": ("1", "2", "3"),
            "ticket_light": ("yellow", "red"),
            "suppressed": _YES_NO,
            "objected": _YES_NO,
        }
        scope = access.scope(request, rule=tuple(TABLES), **words)
        if (unit := request.query_params.get("addressee")) is not None:
            scope.extra["addressee"] = unit
        asked = request.query_params.get("state")
        states = None if asked is None else [known(each, TICKET_STATES, "state") for each in asked.split(",")]
        skip, due_by = number(request, "skip", 0, least=0, most=2**31), moment(request, "due_by")
        found, total = await reading.pressing(scope, states, due_by, skip, limit(request), access.today())
        return json_response({"items": found, "total": total})

    async def ticket(request: Request) -> Response:
        grant = access.callers.grant(request, "read")
        found = await wanted(request, reading, access.today())
        require(grant, "read", found.indicator if found.rule != "project" else None, found.district)
        return json_response(TicketWithEvents(ticket=found, events=await reading.events(found.ticket)))

    async def promised(request: Request) -> Response:
        return json_response({"items": await reading.promises(access.scope(request))})

    return [
        Route("/v1/programmes/{programme}/tickets", tickets),
        Route("/v1/programmes/{programme}/tickets/pressing", pressing),
        Route("/v1/programmes/{programme}/promises", promised),
        Route("/v1/tickets/{ticket}", ticket),
    ]


async def wanted(request: Request, reading: TicketReading, today: Today) -> TicketView:
    """The ticket of the path; 404 when there is none."""
    try:
        named = str(uuid.UUID(request.path_params["ticket"]))
    except ValueError:
        named = None
    found = await reading.ticket(named, today) if named else None
    if found is None:
        raise Problem(404, "unknown_ticket", "没有这个督办单", "there is no such ticket")
    return found

"""审计: who signed in and did what from these pages, the newest first; for the office and the operator."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.roles import table
from contracts.verdict_words import ACTS
from services.desk.doors import Doors
from services.desk.texts import texts
from services.desk.visit import Visit

SHOWN = 100


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The one page."""
    return [doors.get("/audit", partial(show, doors), "audit")]


async def show(doors: Doors, visit: Visit) -> Response:
    """A hundred lines; `before` goes back in time, `subject` and `act` choose."""
    asked = visit.request.query_params
    before, subject, act = asked.get("before", ""), asked.get("subject") or None, asked.get("act") or None
    position = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    lines = await doors.audit.lines(SHOWN, position, subject, act)
    return await visit.render(
        "audit.html",
        lines=lines,
        acts=await doors.audit.acts(),
        everybody=await doors.people.all(),
        subject=subject,
        act=act,
        older=lines[-1].position if len(lines) == SHOWN else None,
        known=texts(),
        acts_said={**ACTS, **table().acts},
    )

"""Reports that came behind a lock and wait for the office (rule 2.9), with the buttons that approve or return one; the
late reports of projects lead to the project's page, where the decision has its form.

Metrics decides when it records the act, a moment later: the page says that it is sent, not that it is done.
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.verdict_words import ACTS
from services.desk.acted import CELL, LONGEST, REPORT, acted
from services.desk.doors import Doors
from services.desk.items.record import unit_words
from services.desk.visit import Visit

DECISIONS = ("report.approved", "report.returned")


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The form; the page itself is `/calendar?held=true`."""
    return [doors.post("/calendar/held", decide, "approve")]


async def held(visit: Visit, typed: Mapping[str, str] | None = None, refused: str = "") -> Response:
    """All of them; `typed`: what was sent and not taken, and `refused` why."""
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    found, of_projects = await asyncio.gather(
        visit.api.items("metrics", f"{at}/held"), visit.api.items("metrics", f"{at}/held-project-reports")
    )
    done = visit.request.query_params.get("done", "")
    return await visit.render(
        "calendar_held.html",
        422 if refused else 200,
        held=found,
        held_of_projects=of_projects,
        lookup=visit.lookup,
        unit=lambda each: unit_words(each["unit"], visit.language),
        typed=typed or {},
        refused=refused,
        done=ACTS.get(done) if done in DECISIONS else None,
        request_name=secrets.token_hex(8),
    )


async def decide(visit: Visit) -> Response:
    """Approve or return one report; a return says why."""
    said = {name: str(visit.form.get(name) or "").strip() for name in (*CELL, *REPORT, "act", "reason", "request")}
    if said["act"] not in DECISIONS:
        return visit.redirect("/calendar", held="true")
    if said["act"] == "report.returned" and not said["reason"]:
        return await held(visit, said, visit.t("calendar.return_needs_reason"))
    if len(said["reason"]) > LONGEST:
        return await held(visit, said, visit.t("calendar.reason_too_long", most=LONGEST))
    event = acted(said, visit.lookup.programme.id)
    try:
        target = f"report {said['source']} {said['id']}"
        await visit.api.state("/v1/acts", event, act=said["act"], target=target)
    except Problem as problem:
        if problem.status != 422:
            raise
        return await held(visit, said, visit.of(problem))
    return visit.redirect("/calendar", held="true", done=said["act"])

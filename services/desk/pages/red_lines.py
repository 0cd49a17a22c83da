"""The forms of a series' page that raise and close a red line on its task (rule 12). Each is a statement through
intake; metrics decides when it records it, and the page then says how."""

from collections.abc import Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from services.desk.doors import Doors
from services.desk.items.objecting import Typed
from services.desk.items.redlines import SAID, event
from services.desk.pages import item
from services.desk.projects.saying import missing
from services.desk.ticket_forms import LONGEST
from services.desk.visit import Visit

_TOLD_HERE = (403, 422)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """Raise, close."""
    at = "/items/{indicator}/{district}/red-lines/{act}"
    return [doors.post(at, partial(say, doors))]


async def say(doors: Doors, visit: Visit) -> Response:
    """Send it; back on the page, beside the form when it is not taken."""
    indicator, district = item.series(visit)
    act = visit.request.path_params["act"]
    if act not in SAID:
        raise Problem(404, "not_found", "没有这个地址", "there is no such address")
    said = {key: str(value).strip() for key, value in visit.form.items() if isinstance(value, str)}
    again = partial(item.show, doors, visit)
    if wrong := missing(act, said):
        names = ("、" if visit.language == "zh" else ", ").join(visit.t(f"project.field_{each}") for each in wrong)
        words = visit.t("project.missing", fields=names)
        return await again(lined=Typed(said | {"act": act}, words, 422))
    if any(len(value) > LONGEST for value in said.values()):
        return await again(lined=Typed(said | {"act": act}, visit.t("ticket.too_long"), 422))
    statement = event(act, said, visit.lookup.programme.id, indicator.id, district)
    try:
        target = f"series {indicator.id}/{district}"
        answer = await visit.api.state("/v1/projects", statement, act=statement["type"], target=target)
    except Problem as problem:
        if problem.status not in _TOLD_HERE:
            raise
        return await again(lined=Typed(said | {"act": act}, visit.of(problem), problem.status))
    receipt = {"receipt": answer["receipt"]} if answer.get("receipt") else {}
    return visit.redirect(f"/items/{indicator.id}/{district}", sent=act, **receipt)

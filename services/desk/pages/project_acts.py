"""The forms of a project's page: contact log, monthly report with problems, red lines, the office's decisions and acts
on the list. Each is a statement through intake; metrics decides when it records it, and the page then says how."""

from collections.abc import Sequence

import msgspec
from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.project_events import ProjectStanding
from services.desk.doors import Doors
from services.desk.pages import project
from services.desk.projects import saying
from services.desk.ticket_forms import LONGEST
from services.desk.visit import Visit

_TOLD_HERE = (403, 422)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """One route for all of them."""

    async def say(visit: Visit) -> Response:
        act, name = visit.request.path_params["act"], project.named(visit)
        if act not in saying.TYPES:
            raise Problem(404, "not_found", "没有这个地址", "there is no such address")
        said = {key: str(value).strip() for key, value in visit.form.items() if isinstance(value, str)}
        wrong = saying.missing(act, said)
        if wrong:
            fields = ("、" if visit.language == "zh" else ", ").join(visit.t(f"project.field_{each}") for each in wrong)
            return await refuse(visit, act, said, visit.t("project.missing", fields=fields))
        if any(len(value) > LONGEST for value in said.values()):
            return await refuse(visit, act, said, visit.t("ticket.too_long"))
        found = await visit.api.get("metrics", f"/v1/programmes/{visit.lookup.programme.id}/projects/{name}")
        standing = msgspec.convert(found["standing"], ProjectStanding)
        solved = [str(each) for each in visit.form.getlist("solved")]
        document = saying.data(act, said, solved, standing, found["statements"])
        event = saying.event(act, said, document)
        try:
            answer = await visit.api.state("/v1/projects", event, act=event["type"], target=f"project {name}")
        except Problem as problem:
            if problem.status not in _TOLD_HERE:
                raise
            return await refuse(visit, act, said, visit.of(problem), problem.status)
        receipt = answer.get("receipt") or ""
        return visit.redirect(f"/projects/{name}", sent=act, **({"receipt": receipt} if receipt else {}))

    async def refuse(visit: Visit, act: str, said: dict[str, str], words: str, status: int = 422) -> Response:
        return await project.show(doors, visit, saying.Typed(act, said, words, status))

    return [doors.post("/projects/{project}/{act}", say)]

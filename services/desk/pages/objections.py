"""Objections (异议) on the page of a series: a unit disputes a light of record or a target and may
take it back, the office answers."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from services.desk.doors import Doors
from services.desk.items.objecting import Typed
from services.desk.pages import item
from services.desk.ticket_forms import LONGEST
from services.desk.visit import Visit

_TOLD_HERE = (403, 404, 409, 422)


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The three forms of the page of a series."""

    async def object_(visit: Visit) -> Response:
        said = {name: str(visit.form.get(name) or "").strip() for name in ("subject", "reason")}
        about, _, which = said["subject"].partition(":")
        document = {"about": about, "which": which, "reason": said["reason"]}
        place = "/".join(visit.request.path_params[name] for name in ("indicator", "district"))
        return await act(visit, f"lights/{place}/objections", "object", said, document)

    async def answer(visit: Visit) -> Response:
        said = {name: str(visit.form.get(name) or "").strip() for name in ("objection", "answer", "reason")}
        document = {"answer": said["answer"], "reason": said["reason"]}
        return await act(visit, f"objections/{_id(said)}/answer", f"objection_{said['answer']}", said, document)

    async def withdraw(visit: Visit) -> Response:
        said = {name: str(visit.form.get(name) or "").strip() for name in ("objection", "reason")}
        document = {"reason": said["reason"]}
        return await act(visit, f"objections/{_id(said)}/withdraw", "objection_withdrawn", said, document)

    async def act(
        visit: Visit, where: str, name: str, said: Mapping[str, str], document: Mapping[str, Any]
    ) -> Response:
        indicator, district = item.series(visit)
        place, at = f"{indicator.id}/{district}", f"/v1/programmes/{visit.lookup.programme.id}"
        if not said["reason"] or len(said["reason"]) > LONGEST:
            words = visit.t("ticket.missing" if not said["reason"] else "ticket.too_long")
            return await item.show(doors, visit, Typed(said, words, 422))
        try:
            await visit.api.act(
                "alerts", f"{at}/{where}", act=name, target=f"series {place}", detail=document, json=document
            )
        except Problem as problem:
            if problem.status not in _TOLD_HERE:
                raise
            words = visit.of(problem)
            return await item.show(doors, visit, Typed(said, words, problem.status))
        return visit.redirect(f"/items/{place}", objected=name)

    at = "/items/{indicator}/{district}"
    return [
        doors.post(at + "/objections", object_, "object"),
        doors.post(at + "/objections/answer", answer, "review"),
        doors.post(at + "/objections/withdraw", withdraw, "object"),
    ]


def _id(said: Mapping[str, str]) -> str:
    """What a form names, as a part of an address."""
    return quote(said["objection"], safe="")

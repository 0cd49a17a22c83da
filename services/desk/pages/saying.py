"""The forms of a series' page. For its cells: 免报, 取消免报, explaining a quality flag; for its light: 人工调灯, as a
series may never have had a ticket.

Of cells metrics decides when it records the act, a moment later: the page says that it is sent, not that it is done.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from services.desk import ticket_forms
from services.desk.acted import CELL, LONGEST, REPORT, acted
from services.desk.doors import Doors
from services.desk.items.objecting import Typed
from services.desk.items.saying import ACTS, NEEDS_REASON
from services.desk.pages import item
from services.desk.visit import Visit

FIELDS = ("act", "period", *REPORT, "reason", "until", "request")


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """One address for what is said of cells: whoever may excuse may explain, and intake decides about each."""
    at = "/items/{indicator}/{district}"
    return [
        doors.post(at + "/cells", partial(say, doors), "comment"),
        doors.post(at + "/override", partial(override, doors, ticket_forms.OVERRIDE), "override"),
        doors.post(at + "/override/end", partial(override, doors, ticket_forms.END_OVERRIDE), "override"),
    ]


async def say(doors: Doors, visit: Visit) -> Response:
    """Send the act; back on the page, beside the form when it is not taken."""
    indicator, district = item.series(visit)
    typed = {name: str(visit.form.get(name) or "").strip() for name in FIELDS}
    said = {**typed, "indicator": indicator.id, "district": district}
    if wrong := _wrong(visit, said):
        return await item.show(doors, visit, spoken=Typed(said, wrong, 422))
    event = acted(said, visit.lookup.programme.id)
    try:
        await visit.api.state("/v1/acts", event, act=said["act"], target=" ".join(said[name] for name in CELL))
    except Problem as problem:
        if problem.status != 422:
            raise
        return await item.show(doors, visit, spoken=Typed(said, visit.of(problem), 422))
    return visit.redirect(f"/items/{indicator.id}/{district}", said=said["act"], of=said["period"])


async def override(doors: Doors, form: ticket_forms.Form, visit: Visit) -> Response:
    """Worsen the light until a day (rule 6.6), or end that; done when alerts says so."""
    indicator, district = item.series(visit)
    filled = ticket_forms.filled(form, visit.form)
    said = {**filled.values, "act": form.act}
    if filled.wrong:
        return await item.show(doors, visit, spoken=Typed(said, visit.t("ticket.look_again"), 422))
    place = f"{indicator.id}/{district}"
    at = f"/v1/programmes/{visit.lookup.programme.id}/lights/{place}/overrides"
    path, document = at if form is ticket_forms.OVERRIDE else f"{at}/end", ticket_forms.body(form, filled.values)
    try:
        await visit.api.act("alerts", path, act=form.act, target=f"series {place}", detail=document, json=document)
    except Problem as problem:
        if problem.status not in (409, 422):
            raise
        return await item.show(doors, visit, spoken=Typed(said, visit.of(problem), problem.status))
    return visit.redirect(f"/items/{place}", said=form.act)


def _wrong(visit: Visit, said: Mapping[str, str]) -> str | None:
    """What is missing before anything is asked."""
    if said["act"] not in ACTS or not said["period"]:
        return visit.t("cell.nothing_chosen")
    if said["act"] in NEEDS_REASON and not said["reason"]:
        return visit.t("ticket.missing")
    if len(said["reason"]) > LONGEST:
        return visit.t("calendar.reason_too_long", most=LONGEST)
    return None

"""本人: who is signed in and what the role may do; the addresses at which reader programs read the feed, to revoke."""

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.roles import ACTS, table
from services.desk.doors import Doors
from services.desk.visit import Visit


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page and its one form."""
    return [doors.get("/account", partial(show, doors)), doors.post("/account/revoke", revoke)]


async def show(doors: Doors, visit: Visit) -> Response:
    """The own addresses; who sees deliveries sees everybody's."""
    found = (await visit.api.get("alerts", "/v1/subscriptions"))["items"]
    everybody = await doors.people.all()
    return await visit.render(
        "account.html",
        own=[each for each in found if each["subject"] == visit.person.subject],
        others=[each for each in found if each["subject"] != visit.person.subject and each["revoked_at"] is None],
        actors={each.subject: each.name for each in everybody},
        acts=[(act, visit.may(act)) for act in ACTS if visit.may(act, own=True)],
        words=table().acts,
        revoked=visit.request.query_params.get("done") == "revoked",
    )


async def revoke(visit: Visit) -> Response:
    """An address reads nothing from now on; the service knows whose may be revoked."""
    try:
        name = str(UUID(str(visit.form.get("subscription") or "")))
    except ValueError:
        raise Problem(404, "unknown_subscription", "没有这个订阅", "there is no such subscription") from None
    path = f"/v1/subscriptions/{name}"
    await visit.api.act("alerts", path, act="revoke", target=f"subscription {name}", method="DELETE")
    return visit.redirect("/account", done="revoked")

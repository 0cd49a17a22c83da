"""指标页: one series. Its chart and the same as a table, why its light is what it is, the plan's words, who answers,
its lights of record; and all of it as it was at another date, or as it was known then."""

import asyncio
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from datetime import date
from functools import partial
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import SHANGHAI
from contracts.programme import Indicator
from contracts.projects import RED_LINES
from contracts.verdict_words import ACT_OUTCOMES, ACTS
from services.desk.apis import Service
from services.desk.doors import Doors
from services.desk.items import chart, record
from services.desk.items.listing import tickets_of
from services.desk.items.objecting import Typed, may_object, subjects
from services.desk.items.redlines import offered
from services.desk.items.saying import sayable, stretch
from services.desk.pages.recorded import recorded
from services.desk.ticket_forms import worse_than
from services.desk.visit import Visit

Documents = list[dict[str, Any]]
# What can be taken home: the list's name in the address, which service has it, under which path.
RAW: Mapping[str, tuple[Service, str]] = {
    "reports": ("metrics", "standings/{0}/{1}/reports"),
    "standings": ("metrics", "standings/{0}/{1}/history"),
    "lights": ("alerts", "lights/{0}/{1}/history"),
    "acts": ("metrics", "acts"),
}
FORMS = ("csv", "ndjson")


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page, and what lies behind it as files."""
    return [
        doors.get("/items/{indicator}/{district}", partial(show, doors)),
        doors.get("/items/{indicator}/{district}/{name}.{form}", download),
    ]


async def show(
    doors: Doors,
    visit: Visit,
    refused: Typed | None = None,
    *,
    spoken: Typed | None = None,
    lined: Typed | None = None,
) -> Response:
    """Ask for everything at once, then arrange it. `refused`, `spoken`, `lined`: an objection, something said of a
    cell, or of a red line, that was not taken."""
    indicator, district = series(visit)
    then, at = clocks(visit), f"/v1/programmes/{visit.lookup.programme.id}"
    place = f"{indicator.id}/{district}"

    def listed(service: Service, path: str, **more: Any) -> Awaitable[Documents]:
        return visit.api.items(service, f"{at}/{path}", **more)

    (
        one, standings, reports, changes, overrides, tickets, acts, objections, lines, cells, everybody, told
    ) = await asyncio.gather(
        visit.api.get("alerts", f"{at}/lights/{place}", **then),
        listed("metrics", f"standings/{place}/history", **then),
        listed("metrics", f"standings/{place}/reports", **then),
        listed("alerts", f"lights/{place}/history", **then),
        visit.api.get("alerts", f"{at}/lights/{place}/overrides"),
        listed("alerts", "tickets", indicator=indicator.id, district=district, known_at=then["known_at"]),
        listed("metrics", "acts", indicator=indicator.id, district=district, known_at=then["known_at"]),
        listed("alerts", "objections", indicator=indicator.id, district=district, known_at=then["known_at"]),
        listed("metrics", "red-lines", district=district, known_at=then["known_at"]),
        _excusable(visit, f"{at}/cells", indicator.id, district),
        doors.people.all(),
        recorded(visit),
    )  # fmt: skip
    rows = record.rows(standings, one["cells"], reports, acts)
    targets = record.dated(visit.lookup, indicator, district)
    unit = record.unit_in(indicator, district, visit.language)
    place_name = visit.lookup.districts[district].name
    today = visit.showing.now().astimezone(SHANGHAI).date()
    as_of = date.fromisoformat(then["as_of"]) if then["as_of"] else today
    last = record.newest(standings)
    return await visit.render(
        "item.html",
        failed.status if (failed := refused or spoken or lined) else 200,
        indicator=indicator,
        district=district,
        place=place_name,
        light=one["series"],
        derived=one["derived"],
        standing=last,
        rows=rows,
        targets=targets,
        changes=changes,
        overrides=[each for each in overrides if _by(each["at"], then["known_at"])],
        tickets=tickets,
        ticket=tickets_of(tickets).get((indicator.id, district)),
        answering=record.answering(visit.lookup, indicator, district),
        lookup=visit.lookup,
        unit=unit,
        drawing=chart.document(rows, targets, indicator, unit, visit.language, as_of),
        drawn=chart.summary(rows, _said(indicator.name, visit), _said(place_name, visit), unit),
        asked={name: visit.request.query_params.get(name, "") for name in ("as_of", "known_at")},
        past={name: value for name, value in visit.request.query_params.items() if name in then and value},
        bounds=chart.BOUNDS,
        objections=objections,
        objectable=subjects(rows, targets, objections),
        may_object=may_object(visit.person, visit.lookup, indicator.id, district),
        refused=refused,
        red_lines=[each for each in lines if (each["kind"], each["name"]) == ("indicator", indicator.id)],
        red_line_words=RED_LINES,
        may_line=offered(visit.person, visit.lookup, indicator.id, district),
        lined=lined,
        sayable=sayable(visit.person, visit.lookup, indicator.id, district, cells, reports),
        spoken=spoken,
        colours=worse_than(one["series"]["light"]) if visit.may("override") else (),
        said={name: visit.request.query_params.get(name, "") for name in ("said", "of")},
        request_name=secrets.token_hex(8),
        objected=visit.request.query_params.get("objected", ""),
        act_words=ACTS,
        act_outcomes=ACT_OUTCOMES,
        actors={"office": visit.t("ticket.actor_office")} | {each.subject: each.name for each in everybody},
        raw=tuple(RAW),
        **told,
    )


async def _excusable(visit: Visit, path: str, indicator: str, district: str) -> Documents:
    """The cells that this person may excuse, or end the excuse of."""
    if not visit.may("excuse"):
        return []
    asked = stretch(visit.showing.now().astimezone(SHANGHAI).date())
    return await visit.api.items("metrics", path, indicator=indicator, district=district, **asked)


async def download(visit: Visit) -> Response:
    """One of the lists behind the page, as the service writes it, in full."""
    indicator, district = series(visit)
    name, form = visit.request.path_params["name"], visit.request.path_params["form"]
    if name not in RAW or form not in FORMS:
        raise Problem(404, "not_found", "没有这个地址", "there is no such address")
    service, path = RAW[name]
    more = {"indicator": indicator.id, "district": district} if name == "acts" else {}
    then = clocks(visit) if name != "acts" else {"known_at": clocks(visit)["known_at"]}
    where = f"/v1/programmes/{visit.lookup.programme.id}/{path.format(indicator.id, district)}"
    found = await visit.api.raw(service, where, format=form, limit=1000, **more, **then)
    told = {"Content-Disposition": f'attachment; filename="{indicator.id}-{district}-{name}.{form}"'}
    return Response(found.content, headers=told, media_type=found.headers["content-type"])


def series(visit: Visit) -> tuple[Indicator, str]:
    """The series of the address; a page that says so when there is none."""
    indicator = visit.lookup.indicators.get(visit.request.path_params["indicator"])
    district = visit.request.path_params["district"]
    if indicator is None or district not in indicator.districts:
        raise Problem(404, "unknown_series", "没有这个指标序列", "there is no such series")
    return indicator, district


def clocks(visit: Visit) -> dict[str, str | None]:
    """The two dates of the form as the APIs take them: what was known by the end of that day, in Shanghai."""
    as_of, known = (visit.request.query_params.get(name) or None for name in ("as_of", "known_at"))
    return {"as_of": as_of, "known_at": None if known is None else f"{known}T23:59:59.999999+08:00"}


def _by(at: str, known_at: str | None) -> bool:
    return known_at is None or at <= known_at  # both in Shanghai's time, written alike


def _said(text: Any, visit: Visit) -> str:
    return str(getattr(text, visit.language))

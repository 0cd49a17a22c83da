"""通报: a month's cells by unit and how they stand; the chosen ones are published, which locks them (rule 2.9).

First units are chosen, then cells, each by its name; what intake says of each stands in the trail, what it refused is
named on the page, and the outcomes appear by themselves as metrics records them (static/outcomes.js).
"""

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from typing import Any
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import SHANGHAI
from contracts.verdict_words import ACT_OUTCOMES
from services.desk.acted import LONGEST
from services.desk.apis import taken
from services.desk.calendar import publishing
from services.desk.doors import Doors
from services.desk.items.record import unit_in
from services.desk.pages.upload import periods_of
from services.desk.visit import Visit

MOST_CELLS = 2_000  # of a month; the catalogue has some 650
LONGEST_NAME = 100


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """Units, their cells, the act, and what became of it."""
    return [
        doors.get("/publish", show, "publish"),
        doors.get("/publish/cells", partial(choose, doors), "publish"),
        doors.post("/publish", partial(publish, doors), "publish", most_fields=MOST_CELLS),
        doors.get("/publish/{receipt}", partial(outcomes, "publish_sent.html"), "publish"),
        doors.get("/publish/{receipt}/rows", partial(outcomes, "publish_rows.html"), "publish"),
    ]


async def show(visit: Visit) -> Response:
    """Every unit with its cells of the month, counted by how they stand."""
    chosen = _asked(visit)
    return await visit.render(
        "publish.html",
        chosen=chosen,
        months=periods_of(visit)[1:],
        frequencies=publishing.FREQUENCIES,
        units_found=await _units(visit, chosen),
        lookup=visit.lookup,
    )


async def choose(doors: Doors, visit: Visit) -> Response:
    """The cells of the chosen units, one by one; those with a value are chosen unless somebody says otherwise."""
    return await _chosen(doors, visit, {*visit.request.query_params.getlist("unit")})


async def _chosen(doors: Doors, visit: Visit, of: set[str], **more: Any) -> Response:
    chosen = _asked(visit)
    found, everybody = await asyncio.gather(_units(visit, chosen), doors.people.all())
    said = {"refused": "", "verdicts": {}, "picked": None, "publication": None, "sent": 0, "receipt": None} | more
    return await visit.render(
        "publish_cells.html",
        422 if said["refused"] else 200,
        chosen=chosen,
        found=[each for each in found if each.unit in of],
        actors={each.subject: each.name for each in everybody},
        unit_of=partial(_unit_of, visit),
        request_name=secrets.token_hex(8),
        longest=LONGEST_NAME,
        lookup=visit.lookup,
        **said,
    )


async def publish(doors: Doors, visit: Visit) -> Response:
    """All chosen cells in one request to intake. Anything that is not taken is said beside its cell."""
    picked = [name for name in dict.fromkeys(map(str, visit.form.getlist("cell"))) if name.count("/") == 2]
    publication = str(visit.form.get("publication") or "").strip()
    back = {*map(str, visit.form.getlist("unit"))}
    again = partial(_chosen, doors, visit, back, picked={*picked}, publication=publication)
    if not picked:
        return await again(refused=visit.t("publish.nothing_chosen"))
    if not publication or len(publication) > LONGEST_NAME:
        return await again(refused=visit.t("publish.needs_name", most=LONGEST_NAME))
    events = publishing.events(
        picked, publication, str(visit.form.get("request") or "")[:LONGEST], visit.lookup.programme.id
    )
    try:
        told = await visit.api.states(
            "/v1/acts",
            events,
            act="cell.published",
            targets=[name.replace("/", " ") for name in picked],
            detail={"publication": publication},
        )
    except Problem as problem:
        if problem.status not in (422, 429, 503):
            raise
        return await again(refused=visit.of(problem))
    items, receipt = told["items"], told.get("receipt") or ""
    sent = [name for name, verdict in zip(picked, items, strict=True) if taken(verdict)]
    if len(sent) == len(picked):
        return visit.redirect(f"/publish/{quote(receipt, safe='')}", sent=str(len(sent)))
    said = {name: verdict for name, verdict in zip(picked, items, strict=True) if not taken(verdict)}
    words = visit.t("publish.partly", sent=len(sent), refused=len(said))
    return await again(refused=words, verdicts=said, sent=len(sent), receipt=receipt or None)


async def outcomes(template: str, visit: Visit) -> Response:
    """What recording has said by now of the acts of one sending; `sent`: how many intake took."""
    sent = visit.request.query_params.get("sent", "")
    receipt = visit.request.path_params["receipt"]
    recorded, expected = await _recorded(visit, receipt)
    count = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 6 else expected
    order = {name: n for n, name in enumerate((*visit.lookup.indicators, *visit.lookup.districts))}
    return await visit.render(
        template,
        recorded=sorted(recorded, key=lambda each: [order.get(name, 0) for name in publishing.place(each)]),
        count=count,
        following=len(recorded) < count,
        outcome_words=ACT_OUTCOMES,
        receipt=receipt,
        lookup=visit.lookup,
    )


async def _recorded(visit: Visit, receipt: str) -> tuple[list[dict[str, Any]], int]:
    """The acts of a receipt that are recorded, and how many it has; nothing before the first."""
    try:
        told = await visit.api.get("metrics", f"/v1/receipts/{quote(receipt, safe='')}")
    except Problem as problem:
        if problem.status != 404:
            raise
        return [], 1
    return [each for each in told["items"] if each["act"] == "cell.published"], told["expected"]


async def _units(visit: Visit, chosen: publishing.Choice) -> list[publishing.Unit]:
    at = f"/v1/programmes/{visit.lookup.programme.id}"
    kind = {"act": "cell.published"}
    cells, held, *acts = await asyncio.gather(
        visit.api.items("metrics", f"{at}/cells", **chosen.span),
        visit.api.items("metrics", f"{at}/held"),
        *(visit.api.items("metrics", f"{at}/acts", period=each.text, **kind) for each in chosen.periods),
    )
    return publishing.units(chosen, cells, held, chain.from_iterable(acts), visit.lookup)


def _unit_of(visit: Visit, cell: Mapping[str, Any]) -> str:
    indicator = visit.lookup.indicators.get(cell["indicator"])
    return "" if indicator is None else unit_in(indicator, cell["district"], visit.language)


def _asked(visit: Visit) -> publishing.Choice:
    """What the address or the form names; else the last month that is over."""
    asked = visit.form if visit.request.method == "POST" else visit.request.query_params
    month, frequency = (str(asked.get(name) or "") for name in ("month", "frequency"))
    today = visit.showing.now().astimezone(SHANGHAI).date()
    known = periods_of(visit)
    usual = (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
    return publishing.choice(
        month if month in known else usual if usual in known else known[0],
        frequency if frequency in publishing.FREQUENCIES else "all",
    )

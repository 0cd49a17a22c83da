"""预警信息流: the office's reading list, newest first, with what is new to the person, filters, and Atom."""

import asyncio
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.programme import Lookup
from services.desk.doors import Doors
from services.desk.feed_places import places
from services.desk.kept import Kept
from services.desk.texts import texts
from services.desk.visit import Visit

SHOWN = 50
_KNOWN: Mapping[str, tuple[str, ...]] = {
    "message": ("warning", "ticket", "reminder", "objection"),
    "rule": ("lag", "forecast", "reporting", "project"),
    "level": ("1", "2", "3"),
    "colour": ("red", "yellow"),
}


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The list, and its two forms."""
    kept = Kept(doors.audit.pool)

    async def show(visit: Visit, made: Mapping[str, Any] | None = None) -> Response:
        asked = read(visit.request.query_params, visit.lookup)
        at = f"/v1/programmes/{visit.lookup.programme.id}/feed/newest"
        marks, found, newest = await asyncio.gather(
            kept.marks(visit.person.subject),
            visit.api.get(
                "alerts", at, limit=SHOWN, before=before(visit.request.query_params), **where(asked, visit.lookup)
            ),
            visit.api.get("alerts", at, limit=1),
        )
        head = newest["items"][0]["seq"] if newest["items"] else 0
        return await visit.render(
            "feed.html",
            asked=asked,
            found=found["items"],
            older=urlencode({**asked, "before": found["next"]}) if found["next"] else "",
            head=head,
            marks=marks,
            unread=marks.unread(head),
            here=urlencode(_address(visit.request.query_params, visit.lookup)),
            known=_KNOWN,
            units_=[*visit.lookup.districts.values(), *visit.lookup.departments.values()],
            places=partial(places, items=visit.lookup.indicators),
            made=made,
        )  # fmt: skip

    async def mark(visit: Visit) -> Response:
        """One message, or everything up to one; back to the same list."""
        seq, subject = str(visit.form.get("seq") or ""), visit.person.subject
        if seq.isascii() and seq.isdigit() and len(seq) < 19:
            to = kept.mark_one if visit.form.get("which") == "one" else kept.mark_through
            await to(subject, int(seq))
        back = dict(parse_qsl(str(visit.form.get("here") or "")))
        return visit.redirect("/feed", **_address(back, visit.lookup))

    async def subscribe(visit: Visit) -> Response:
        """The address is shown on this answer and never again."""
        name = str(visit.form.get("name") or "").strip()
        if not 0 < len(name) <= 100:
            words = texts()["feed.unnamed"]
            raise Problem(422, "invalid_subscription", words.zh, words.en)
        made = await visit.api.act(
            "alerts", "/v1/subscriptions", act="subscribe", target=f"feed: {name}", json={"name": name}
        )
        return await show(visit, made)

    return [doors.get("/feed", show), doors.post("/feed/read", mark), doors.post("/feed/atom", subscribe)]


def read(asked: Mapping[str, str], lookup: Lookup) -> dict[str, str]:
    """The filters of an address; what it does not know it leaves out."""
    found = {name: asked.get(name, "") for name, words in _KNOWN.items() if asked.get(name) in words}
    unit = asked.get("unit", "")
    return found | ({"unit": unit} if unit in lookup.districts or unit in lookup.departments else {})


def _address(asked: Mapping[str, str], lookup: Lookup) -> dict[str, str]:
    """The address of the list as it is shown."""
    number = before(asked)
    return read(asked, lookup) | ({} if number is None else {"before": str(number)})


def where(asked: Mapping[str, str], lookup: Lookup) -> dict[str, str]:
    """The filters as the API takes them."""
    unit = asked.get("unit")
    said = {name: value for name, value in asked.items() if name != "unit"}
    return said if unit is None else said | {"district" if unit in lookup.districts else "department": unit}


def before(asked: Mapping[str, str]) -> int | None:
    """The number that the page lists what is older than."""
    said = asked.get("before", "")
    return int(said) if said.isascii() and said.isdigit() and len(said) < 19 else None

"""GET /v1/feed.atom, the feed for reader programs, and the addresses at which they read it.

Readers send no headers: each gets an address of its own with a key in it, shown once and revoked at will. It reads what
the token that made it may read at that time. The key stands in the query, which no log of ours holds.
"""

import secrets
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.authority import Grant, hashed
from contracts.feed_events import FeedMessage
from contracts.operations.http import Problem, json_response
from contracts.operations.parameters import number
from contracts.rates import Allowance
from services.alerts import atom
from services.alerts.api.access import Access
from services.alerts.api.bodies import said
from services.alerts.reading.feed import FeedReading
from services.alerts.subscriptions import Holder, Subscriptions

USUAL, MOST = 100, 500
PER_MINUTE = 30  # requests of one address: readers ask every few minutes


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a subscription is called, for whoever looks through them."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


def routes(access: Access, reading: FeedReading, subscriptions: Subscriptions, public: str) -> list[BaseRoute]:
    """The four routes; `public` is the address of alerts that readers are given."""
    callers = access.callers

    async def feed(request: Request) -> Response:
        grant = await _reader(request, access, subscriptions)
        most = number(request, "limit", USUAL, least=1, most=MOST)
        programme = access.lookup.programme
        found = await reading.newest(programme.id, access.series(grant), grant.unit, most)
        messages = [msgspec.json.decode(each, type=FeedMessage) for each in found]
        tag = f'"{messages[0].seq if messages else 0}.{most}"'
        headers = {"ETag": tag, "Cache-Control": "private, max-age=60"}
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(atom.document(messages, programme), headers=headers, media_type=atom.MEDIA)

    async def make(request: Request) -> Response:
        grant = callers.grant(request, "read")
        asked = await said(request, Asked, "invalid_subscription")
        key = secrets.token_urlsafe(32)
        token = grant.sha256 if callers.held(grant.sha256) is not None else None
        holder = Holder(grant.subject, token, grant.unit)
        made = await subscriptions.make(holder, asked.name, key, callers.now())
        base = public or str(request.base_url).rstrip("/")
        return json_response(msgspec.to_builtins(made) | {"url": f"{base}/v1/feed.atom?key={key}"}, 201)

    async def listed(request: Request) -> Response:
        return json_response({"items": await subscriptions.listed(_whose(callers.grant(request, "read")))})

    async def revoke(request: Request) -> Response:
        grant = callers.grant(request, "read")
        found = await subscriptions.revoke(request.path_params["subscription"], _whose(grant), callers.now())
        if found is None:
            raise Problem(404, "unknown_subscription", "没有这个订阅", "there is no such subscription")
        return json_response(found)

    at = "/v1/subscriptions"
    return [
        Route("/v1/feed.atom", feed),
        Route(at, listed),
        Route(at, make, methods=["POST"]),
        Route(at + "/{subscription}", revoke, methods=["DELETE"]),
    ]


def _whose(grant: Grant) -> str | None:
    """Everybody's for who sees deliveries, else one's own."""
    return None if grant.allows("deliveries") else grant.subject


async def _reader(request: Request, access: Access, subscriptions: Subscriptions) -> Grant:
    """Who reads: by the key of the address, or by a token as everywhere."""
    key = request.query_params.get("key")
    if key is None:
        return access.callers.grant(request, "read")
    holder = await subscriptions.holder(key)
    grant = None if holder is None else _granted(access, holder)
    if grant is None or not grant.allows("read"):
        zh, en = "订阅地址无效或已被撤销", "the address is unknown or was revoked"
        raise Problem(401, "subscription_unknown", zh, en)
    access.callers.pay(Allowance.per_minute(hashed(key), PER_MINUTE))
    return grant


def _granted(access: Access, holder: Holder) -> Grant | None:
    """What it may read now: as the token that made it, which may be gone; a person reads everything (亮晒)."""
    if holder.token is not None:
        return access.callers.held(holder.token)
    return Grant(
        subject=holder.subject, sha256=hashed(holder.subject), department=holder.unit, indicators="*", districts="*",
        kinds=frozenset({"read"}),
    )  # fmt: skip

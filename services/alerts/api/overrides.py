"""Overrides of a light (rule 6.6): the office worsens it for a time, takes that back, and everyone reads the history.

Beside it what kept lights from opening tickets: the districts that did not report (rule 8).
"""

from datetime import datetime
from typing import Annotated, Literal, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit
from contracts.periods import SHANGHAI
from services.alerts.api.access import Access, columns_of, require
from services.alerts.api.acts import Words
from services.alerts.api.bodies import said
from services.alerts.api.cursors import after_moment, cursor_of
from services.alerts.interventions import Interventions
from services.alerts.overrides import NotOverridden, NotWorse, Override
from services.alerts.tickets import UntilPassed
from services.alerts.views import InhibitionView
from services.alerts.words import LIGHTS


class Overrule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A worse light, why, and until when."""

    colour: Literal["yellow", "red"]
    reason: Words
    until: Annotated[datetime, msgspec.Meta(tz=True)]


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Why it is taken back before it ends by itself."""

    reason: Words


class Overruling(Protocol):
    """Overrides the light of a series in one transaction, or takes that back."""

    async def overrule(self, indicator: str, district: str, override: Override) -> None: ...

    async def lift(self, indicator: str, district: str, at: datetime, actor: str, reason: str) -> None: ...


def routes(access: Access, reading: Interventions, acting: Overruling) -> list[BaseRoute]:
    """The three routes of overrides, and the one of inhibitions."""

    def named(request: Request) -> tuple[str, str]:
        access.programme(request)
        indicator = known(request.path_params["indicator"], access.lookup.indicators, "indicator")
        district = request.path_params["district"]
        if district not in access.lookup.indicators[indicator].districts:
            raise Problem(404, "unknown_series", "没有这个指标序列", "there is no such series")
        return indicator, district

    async def listed(request: Request) -> Response:
        indicator, district = named(request)
        access.callers.grant(request, "read", indicator, district)
        return json_response(await reading.overrides(access.lookup.programme.id, indicator, district))

    async def overrule(request: Request) -> Response:
        indicator, district = named(request)
        grant = access.callers.grant(request, "override")
        require(grant, "override", indicator, district)
        asked, now = await said(request, Overrule, "invalid_override"), access.callers.now()
        until = asked.until.astimezone(SHANGHAI)
        if until <= now:
            raise _refused(UntilPassed(now))
        override = Override("", asked.colour, grant.subject, asked.reason, now, until)
        try:
            await acting.overrule(indicator, district, override)
        except NotWorse as refusal:
            raise _refused(refusal) from None
        return json_response(await reading.overrides(access.lookup.programme.id, indicator, district))

    async def lift(request: Request) -> Response:
        indicator, district = named(request)
        grant = access.callers.grant(request, "override")
        require(grant, "override", indicator, district)
        asked = await said(request, End, "invalid_override")
        try:
            await acting.lift(indicator, district, access.callers.now(), grant.subject, asked.reason)
        except NotOverridden as refusal:
            raise _refused(refusal) from None
        return json_response(await reading.overrides(access.lookup.programme.id, indicator, district))

    async def inhibitions(request: Request) -> Response:
        scope, most = access.scope(request), limit(request)
        found = await reading.inhibitions(scope, after_moment(request), most)
        last = found[-1] if len(found) == most else None
        cursor = cursor_of(last.due_at, f"{last.district}/{last.period}") if last else None
        return page(request, found, cursor, columns_of(InhibitionView))

    at = "/v1/programmes/{programme}/lights/{indicator}/{district}/overrides"
    return [
        Route(at, listed),
        Route(at, overrule, methods=["POST"]),
        Route(at + "/end", lift, methods=["POST"]),
        Route("/v1/programmes/{programme}/inhibitions", inhibitions),
    ]


def _refused(refusal: NotWorse | NotOverridden | UntilPassed) -> Problem:
    match refusal:
        case UntilPassed():
            return Problem(
                422, "until_not_ahead", "人工调灯的截止时间应晚于现在", "an override must end later than now"
            )
        case NotOverridden():
            return Problem(409, "not_overridden", "该灯没有人工调灯", "there is no override of this light")
    light = LIGHTS[refusal.light]
    zh = f"人工调灯只能调差，当前为{light.zh}"
    return Problem(409, "not_worse", zh, f"an override may only worsen; the light is {light.en}", light=refusal.light)

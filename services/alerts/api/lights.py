"""The lights: of every series now or at an earlier date, of one series with its cells, and how they changed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import day, known, limit, moment, number
from contracts.programme import CITY
from services.alerts.api.access import Access, columns_of
from services.alerts.reading.lights import LightReading
from services.alerts.reading.scope import Scope
from services.alerts.views import SeriesLight
from services.alerts.words import WORST_FIRST

_COLUMNS = columns_of(SeriesLight)
_CHANGES = ("change", "period", "kind", "before", "after", "said", "worse", "at", "seq", "reason")


def routes(access: Access, reading: LightReading) -> list[BaseRoute]:
    """The three routes of lights."""

    async def lights(request: Request) -> Response:
        scope = access.scope(request, light=WORST_FIRST)
        most = limit(request)
        found = await reading.series(scope, request.query_params.get("after", ""), most)
        cursor = f"{found[-1].indicator}/{found[-1].district}" if len(found) == most else None
        return page(request, found, cursor, _COLUMNS)

    async def one(request: Request) -> Response:
        scope = named(request, access)
        light = await reading.series(scope, "", 1)
        if not light:
            raise Problem(404, "unknown_series", "没有这个指标序列", "there is no such series")
        derived = await reading.derived(scope) if scope.district == CITY else None
        return json_response({"series": light[0], "cells": await reading.cells(scope), "derived": derived})

    async def history(request: Request) -> Response:
        most = limit(request)
        after = number(request, "after", 0, least=0, most=2**62)
        found = await reading.changes(named(request, access), after, most)
        return page(request, found, found[-1]["change"] if len(found) == most else None, _CHANGES)

    at = "/v1/programmes/{programme}/lights"
    return [
        Route(at, lights),
        Route(at + "/{indicator}/{district}", one),
        Route(at + "/{indicator}/{district}/history", history),
    ]


def named(request: Request, access: Access) -> Scope:
    """The series of the path, if the caller may read it, and of when it is asked."""
    indicator, district = request.path_params["indicator"], request.path_params["district"]
    access.callers.grant(request, "read", indicator, district)
    programme = access.programme(request)
    known(indicator, access.lookup.indicators, "indicator")
    known(district, access.lookup.districts, "district")
    known_at = moment(request, "known_at")
    return Scope(
        programme=programme,
        indicator=indicator,
        district=district,
        as_of=day(request, "as_of"),
        known_at=known_at,
        leads=access.leads(known_at),
    )

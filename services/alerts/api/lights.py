"""The lights: of every series now or at an earlier date, of one series with its cells, and how they changed."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import known, limit
from services.alerts.api.access import Access, columns_of
from services.alerts.reading import Reading
from services.alerts.views import SeriesLight
from services.alerts.words import WORST_FIRST

_COLUMNS = columns_of(SeriesLight)


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """The three routes of lights."""

    async def lights(request: Request) -> Response:
        scope = access.scope(request, light=WORST_FIRST)
        most = limit(request)
        found = await reading.lights(scope, request.query_params.get("after", ""), most)
        cursor = f"{found[-1].indicator}/{found[-1].district}" if len(found) == most else None
        return page(request, found, cursor, _COLUMNS)

    async def one(request: Request) -> Response:
        series = named(request, access)
        light = await reading.series(*series)
        if light is None:
            raise Problem(404, "unknown_series", "没有这个指标序列", "there is no such series")
        return json_response({"series": light, "cells": await reading.cells(*series)})

    async def history(request: Request) -> Response:
        series = named(request, access)
        return json_response({"items": await reading.changes(*series), "next": None})

    at = "/v1/programmes/{programme}/lights"
    return [
        Route(at, lights),
        Route(at + "/{indicator}/{district}", one),
        Route(at + "/{indicator}/{district}/history", history),
    ]


def named(request: Request, access: Access) -> tuple[str, str, str]:
    """The series of the path, if the caller may read it."""
    indicator, district = request.path_params["indicator"], request.path_params["district"]
    access.callers.grant(request, "read", indicator, district)
    programme = access.programme(request)
    known(indicator, access.lookup.indicators, "indicator")
    known(district, access.lookup.districts, "district")
    return programme, indicator, district

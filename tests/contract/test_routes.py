"""The OpenAPI documents and the routes that the services really have are the same."""

import re
from collections.abc import Sequence
from typing import Any
from unittest.mock import Mock

import msgspec
import pytest
from starlette.routing import BaseRoute, Route

from contracts.description.routes import declared
from contracts.description.shapes import schema_of
from contracts.project_events import RedLineState
from services.alerts import api as alerts
from services.alerts import views
from services.alerts.api import overview, receivers, subscriptions
from services.alerts.overview import AtAGlance
from services.alerts.projects import api as alerts_projects
from services.alerts.projects import reading as project_lights
from services.alerts.scores import views as scores
from services.alerts.sending import deliveries
from services.alerts.subscriptions import SubscriptionView
from services.ingest.api import Intake
from services.ingest.catalogues import routes as catalogue_routes
from services.ingest.limits import Limits
from services.ingest.returning import routes as returning_routes
from services.metrics import api as metrics
from services.metrics.api import completeness, findings, reports
from services.metrics.api.previews import routes as preview_routes
from services.metrics.projects import api as project_api
from services.metrics.projects import figures
from services.metrics.projects import views as project_views
from services.metrics.projects.api import routes as project_routes


def _real(service: str) -> Sequence[BaseRoute]:
    """A service's public routes; what stands behind them is not asked."""
    if service == "ingest":
        return [
            *Intake(*(Mock() for _ in range(8))).routes(),
            *catalogue_routes(Mock(), Mock()),
            *returning_routes(Mock(), Limits()),
        ]
    return (
        [*metrics.routes(Mock(), Mock()), *project_routes(Mock(), Mock()), *preview_routes(Mock(), Mock())]
        if service == "metrics"
        else [
            *alerts.routes(*(Mock() for _ in range(12))),
            *alerts_projects.routes(Mock(), Mock()),
            *overview.routes(Mock(), Mock()),
            *receivers.routes(Mock(), Mock(), Mock()),
            *subscriptions.routes(Mock(), Mock(), Mock(), ""),
        ]
    )


@pytest.mark.parametrize("service", ["ingest", "metrics", "alerts"])
def test_every_route_is_described(service: str) -> None:
    """Each route with its method stands in the OpenAPI document, and nothing else does."""
    real = {
        (method.lower(), re.sub(r":\w+}", "}", route.path))
        for route in _real(service)
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert real == {(route.method, route.path) for route in declared().of(service).values()}


def _members(shape: str) -> tuple[str, ...]:
    return tuple(schema_of(declared().shape(shape))["properties"])


@pytest.mark.parametrize(
    ("shape", "view"),
    [
        ("light", views.SeriesLight),
        ("cell", views.CellLight),
        ("warning", views.WarningView),
        ("ticket", views.TicketView),
        ("override", views.OverrideView),
        ("inhibition", views.InhibitionView),
        ("glance", AtAGlance),
        ("promises_of", views.PromisesOf),
        ("ticket_event", views.TicketEvent),
        ("ticket_with_events", views.TicketWithEvents),
        ("receiver", deliveries.ReceiverView),
        ("attempt", deliveries.AttemptView),
        ("delivery", deliveries.DeliveryView),
        ("notification", deliveries.NotificationView),
        ("tried", receivers.Tried),
        ("subscription", SubscriptionView),
        ("project_light", project_lights.ProjectLight),
        ("project_month", project_lights.ProjectMonth),
        ("project_change", project_lights.ProjectChange),
        ("project", project_views.ProjectView),
        ("problem", project_views.ProblemView),
        ("list_figures", figures.ListFigures),
        ("feed", figures.Feed),
        ("red_line", RedLineState),
        ("score_row", scores.ScoreRow),
        ("score_item", scores.ScoreItem),
        ("score_list", scores.ListView),
        ("edition", scores.EditionView),
        ("unit_scores", scores.UnitView),
    ],
)
def test_the_shapes_of_alerts_are_its_views(shape: str, view: Any) -> None:
    """What the document says of an item is what the service writes, member for member."""
    assert _members(shape) == tuple(field.name for field in msgspec.structs.fields(view))


def test_the_shapes_of_metrics_are_what_it_answers() -> None:
    """Items of a receipt and rows of completeness have the members that the document names."""
    shapes = schema_of(declared().shape("receipt"))["properties"]
    assert tuple(shapes["items"]["items"]["properties"]) == reports._ITEM
    assert _members("fed_cell") == project_api._FED
    assert _members("finding") == findings.COLUMNS
    assert _members("comparison") == tuple(each.name for each in msgspec.structs.fields(findings.Compared))
    rows = schema_of(declared().shape("completeness"))["properties"]["districts"]["items"]["properties"]
    assert tuple(rows) == ("district", *completeness.COLUMNS[2:])

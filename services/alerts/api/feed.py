"""GET /v1/feed: the append-only list of messages (预警信息流, rule 9), in commit order behind a cursor."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.listing import page
from contracts.operations.parameters import limit, moment, number
from services.alerts.api.access import Access
from services.alerts.reading.feed import FeedReading
from services.alerts.table import TABLES

_COLUMNS = (
    *("seq", "message_id", "msg_type", "sent", "rule", "kind", "ticket_id", "notification_reason", "severity"),
    *("ticket_level", "episode", "period", "labels_programme", "labels_indicator", "labels_district"),
    *("labels_department", "annotations_summary_zh", "annotations_summary_en", "reason_code", "references"),
)

_MESSAGES, _LEVELS, _COLOURS = ("warning", "ticket", "reminder", "objection"), ("1", "2", "3"), ("yellow", "red")


def routes(access: Access, reading: FeedReading) -> list[BaseRoute]:
    """The feed's one route."""

    async def feed(request: Request) -> Response:
        """`next` is always given: it is where to go on, also when nothing is there yet."""
        grant = access.callers.grant(request, "read")
        after = number(request, "after", 0, least=0, most=2**62)
        programme = access.lookup.programme.id
        found, cursor = await reading.messages(programme, access.series(grant), grant.unit, after, limit(request))
        return page(request, found, cursor, _COLUMNS)

    async def newest(request: Request) -> Response:
        """The same from its end, newest first, with filters, to `sent_since`; `next` is what to send as `before`."""
        grant = access.callers.grant(request, "read")
        scope = access.scope(request, message=_MESSAGES, rule=tuple(TABLES), level=_LEVELS, colour=_COLOURS)
        before = number(request, "before", 0, least=0, most=2**62) or None
        found, cursor = await reading.latest(scope, grant.unit, before, limit(request), moment(request, "sent_since"))
        return page(request, found, cursor, _COLUMNS, by="before")

    return [Route("/v1/feed", feed), Route("/v1/programmes/{programme}/feed/newest", newest)]

"""GET /v1/receivers, what each was handed and told and each attempt to do so, and a test message to one of them.

For who may see deliveries: what went to whom is nobody else's business.
"""

from collections.abc import Mapping

import msgspec
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.operations.listing import page
from contracts.operations.parameters import limit, number
from services.alerts.api.access import Access, columns_of, word
from services.alerts.sending.answers import Verdict
from services.alerts.sending.deliveries import STATES, Deliveries, DeliveryView, NotificationView, ReceiverView
from services.alerts.sending.delivering import Line

_RECEIVER = columns_of(ReceiverView)
_DELIVERY = columns_of(DeliveryView)
_NOTIFICATION = columns_of(NotificationView)

log = structlog.get_logger(__name__)


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """What a test message came to: `done` or why not, in the receiver's own words."""

    receiver: str
    channel: str
    verdict: Verdict
    status: int | None
    error: str | None


def routes(access: Access, deliveries: Deliveries, lines: Mapping[str, Line]) -> list[BaseRoute]:
    """The four routes of receivers; `lines` are those that this process serves."""

    async def receivers(request: Request) -> Response:
        access.callers.grant(request, "deliveries")
        return page(request, await deliveries.receivers(), None, _RECEIVER)

    async def delivered(request: Request) -> Response:
        access.callers.grant(request, "deliveries")
        receiver, state, most = request.path_params["receiver"], word(request, "state", STATES), limit(request)
        found = await deliveries.of(receiver, state, number(request, "after", 0, least=0, most=2**62), most)
        if found is None:
            raise _unknown()
        return page(request, found, found[-1].seq if len(found) == most else None, _DELIVERY)

    async def notified(request: Request) -> Response:
        access.callers.grant(request, "deliveries")
        receiver, most = request.path_params["receiver"], limit(request)
        found = await deliveries.notifications(receiver, number(request, "after", 0, least=0, most=2**31 - 1), most)
        if found is None:
            raise _unknown()
        return page(request, found, found[-1].number if len(found) == most else None, _NOTIFICATION)

    async def test(request: Request) -> Response:
        grant = access.callers.grant(request, "deliveries")
        line = lines.get(request.path_params["receiver"])
        if line is None:
            raise _unknown()
        if line.test is None:
            raise Problem(409, "not_testable", "该接收方不能接收测试消息", "this receiver takes no test message")
        answer = await line.test()
        log.info("test message", receiver=line.receiver, subject=grant.subject, verdict=answer.verdict)
        return json_response(
            Tried(
                receiver=line.receiver,
                channel=line.channel,
                verdict=answer.verdict,
                status=answer.status,
                error=answer.error,
            )
        )

    at = "/v1/receivers/{receiver}"
    return [
        Route("/v1/receivers", receivers),
        Route(at + "/deliveries", delivered),
        Route(at + "/notifications", notified),
        Route(at + "/tests", test, methods=["POST"]),
    ]


def _unknown() -> Problem:
    return Problem(404, "unknown_receiver", "没有这个接收方", "there is no such receiver")

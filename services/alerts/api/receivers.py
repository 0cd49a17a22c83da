"""GET /v1/receivers and /v1/receivers/{receiver}/deliveries: who is handed the feed, and each attempt to do so.

For the office alone (kind review): what went to whom is nobody else's business.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem
from contracts.operations.listing import page
from contracts.operations.parameters import limit, number
from services.alerts.api.access import Access, columns_of, word
from services.alerts.deliveries import STATES, Deliveries, DeliveryView, ReceiverView

_RECEIVER = columns_of(ReceiverView)
_DELIVERY = columns_of(DeliveryView)


def routes(access: Access, deliveries: Deliveries) -> list[BaseRoute]:
    """The two routes of receivers."""

    async def receivers(request: Request) -> Response:
        access.callers.grant(request, "deliveries")
        return page(request, await deliveries.receivers(), None, _RECEIVER)

    async def delivered(request: Request) -> Response:
        access.callers.grant(request, "deliveries")
        receiver, state, most = request.path_params["receiver"], word(request, "state", STATES), limit(request)
        found = await deliveries.of(receiver, state, number(request, "after", 0, least=0, most=2**62), most)
        if found is None:
            raise Problem(404, "unknown_receiver", "没有这个接收方", "there is no such receiver")
        return page(request, found, found[-1].seq if len(found) == most else None, _DELIVERY)

    return [Route("/v1/receivers", receivers), Route("/v1/receivers/{receiver}/deliveries", delivered)]

"""What applying a version of the catalogue, or adopting this process's rules, would move: for the office's dry runs."""

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from contracts.operations.http import Problem, json_response
from contracts.programme import Lookup, Programme
from services.metrics.api.access import Access
from services.metrics.previewing import Previewing


class Asked(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A whole catalogue; without one the rules are previewed."""

    document: Programme | None = None


def routes(access: Access, previewing: Previewing) -> list[BaseRoute]:
    """The one route."""

    async def preview(request: Request) -> Response:
        access.callers.grant(request, "catalogue")
        programme = access.programme(request)
        try:
            asked = msgspec.json.decode(await request.body() or b"{}", type=Asked)
        except msgspec.DecodeError as error:
            zh, en = f"无法读取请求体：{error}", f"the body cannot be read: {error}"
            raise Problem(422, "body_unreadable", zh, en) from None
        if asked.document is None:
            return json_response(await previewing.rules())
        if asked.document.id != programme:
            raise Problem(422, "another_programme", "不是该工程的目录", "not a catalogue of this programme")
        return json_response(await previewing.version(Lookup(asked.document)))

    return [Route("/v1/programmes/{programme}/previews", preview, methods=["POST"])]

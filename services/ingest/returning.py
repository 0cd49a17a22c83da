"""POST /v1/reports/annotated: a table and what became of its rows → the same table with the verdicts beside the rows.

Everything comes with the request, because intake keeps nothing: the desk and scripts send the file that they sent
before, the answer that they got, and the outcomes seen by then. `liangshai push` calls the same function.
"""

import asyncio

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.operations.callers import Callers
from contracts.operations.http import Problem
from contracts.verdicts import Answer
from services.ingest.limits import Limits, Unusable, body_of
from services.ingest.tables.annotating import Outcome, annotated
from services.ingest.tables.workbook import XLSX


class Annotation(msgspec.Struct, frozen=True):
    """`file` in base64, as it was sent; `answer` as it came; `outcomes` are the items of the receipt."""

    file: bytes
    answer: Answer
    outcomes: tuple[Outcome, ...] = ()


_decode = msgspec.json.Decoder(Annotation).decode


def routes(callers: Callers, limits: Limits) -> list[Route]:
    """The one route."""
    wide = msgspec.structs.replace(limits, max_body_bytes=4 * limits.max_body_bytes)  # base64, and the answer

    async def post(request: Request) -> Response:
        callers.grant(request, "report")
        try:
            said = _decode(await body_of(request, wide))
            content = await asyncio.to_thread(annotated, said.file, said.answer, said.outcomes, limits)
        except msgspec.MsgspecError as error:
            raise Problem(400, "malformed_json", f"内容有误：{error}", f"not what is read here: {error}") from error
        except Unusable as no:
            raise Problem(no.status, no.code, no.zh, no.en, **no.members) from no
        return Response(content, media_type=XLSX)

    return [Route("/v1/reports/annotated", post, methods=["POST"])]

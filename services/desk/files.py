"""The static files, held in memory: there are few. Their addresses change with them, so browsers keep them for ever."""

import mimetypes

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from services.desk.drawing import STATIC

_KEPT = {"Cache-Control": "public, max-age=31536000, immutable"}


class Files:
    """An app to be mounted."""

    def __init__(self) -> None:
        self._files = {
            file.name: (file.read_bytes(), mimetypes.guess_type(file.name)[0] or "application/octet-stream")
            for file in STATIC.iterdir()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = self._files.get(scope["path"].rpartition("/")[2])
        if found is None or scope["method"] not in ("GET", "HEAD"):
            await PlainTextResponse("not found\n", 404)(scope, receive, send)
            return
        content, kind = found
        await Response(content, headers=_KEPT, media_type=kind)(scope, receive, send)

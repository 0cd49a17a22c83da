"""What a request says in its body: read up to a limit, decoded into what is expected there, or refused."""

from typing import TypeVar

import msgspec
from starlette.requests import Request

from contracts.operations.http import Problem

MAX_BODY = 64 * 1024

Said = TypeVar("Said")


async def body(request: Request) -> bytes:
    """The request's body, at most MAX_BODY of it."""
    content = b""
    async for part in request.stream():
        content += part
        if len(content) > MAX_BODY:
            zh, en = f"请求内容超过 {MAX_BODY} 字节", f"the body has more than {MAX_BODY} bytes"
            raise Problem(413, "too_large", zh, en, max_body_bytes=MAX_BODY)
    return content


async def said(request: Request, kind: type[Said], code: str) -> Said:
    """The body as this type; 422 with `code` for anything else."""
    content = await body(request)
    try:
        return msgspec.json.decode(content, type=kind)
    except msgspec.DecodeError as error:
        zh, en = f"请求内容不可识别：{error}", f"the body is not understood: {error}"
        raise Problem(422, code, zh, en) from None

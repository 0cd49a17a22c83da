"""How much one request may hold, how its body is read, and how a request is turned down as a whole."""

import asyncio
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request

from contracts.submission import MAX_EVENT_BYTES

_BODY_SECONDS = 60  # a body that takes longer is given up (408)


class Unusable(Exception):
    """A request that cannot be read as a whole: its HTTP status, a stable code and the words for people."""

    def __init__(self, status: int, code: str, zh: str, en: str, members: dict[str, Any] | None = None) -> None:
        super().__init__(en)
        self.status, self.code, self.zh, self.en, self.members = status, code, zh, en, members or {}


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Told to whoever exceeds one."""

    max_body_bytes: int = 8 * 1024 * 1024
    max_event_bytes: int = MAX_EVENT_BYTES
    max_items: int = 10_000
    max_unpacked_bytes: int = 64 * 1024 * 1024  # of a workbook
    max_cells: int = 400_000  # of a workbook, empty ones aside

    def exceeded(self, code: str, zh: str, en: str) -> Unusable:
        return Unusable(413, code, zh, en, msgspec.to_builtins(self))

    def check_items(self, count: int) -> None:
        """Unusable (413) for more items than one request may hold."""
        if count > self.max_items:
            zh, en = f"一次至多 {self.max_items} 条，请分批发送", f"at most {self.max_items} items at once; send parts"
            raise self.exceeded("too_many_items", zh, en)

    def check_lines(self, count: int) -> None:
        """Unusable (413) for more lines than one request's items can need: empty ones cost time too."""
        if count > 10 * self.max_items:
            self.check_items(count)

    def check_unpacked(self, count: int) -> None:
        """Unusable (413) for a workbook that unpacks to more: a small file can hold gigabytes of nothing."""
        if count > self.max_unpacked_bytes:
            zh = f"工作簿解压后超过 {self.max_unpacked_bytes} 字节；请只保留要报送的工作表"
            en = f"the workbook unpacks to more than {self.max_unpacked_bytes} bytes; keep only the sheet to be sent"
            raise self.exceeded("workbook_too_large", zh, en)

    def check_cells(self, count: int) -> None:
        """Unusable (413) for a workbook with more cells than its rows can need."""
        if count > self.max_cells:
            zh = f"工作簿有内容的单元格超过 {self.max_cells} 个；请只保留要报送的行列"
            en = f"more than {self.max_cells} cells in the workbook; keep only what is to be sent"
            raise self.exceeded("too_many_cells", zh, en)

    def check_event(self, count: int) -> None:
        """Unusable (413) for a larger event sent alone."""
        if count > self.max_event_bytes:
            zh, en = (
                f"单条不得超过 {self.max_event_bytes} 字节",
                f"one event holds at most {self.max_event_bytes} bytes",
            )
            raise self.exceeded("event_too_large", zh, en)

    def check_bytes(self, count: int) -> None:
        """Unusable (413) for a larger body."""
        if count > self.max_body_bytes:
            zh = f"请求体不得超过 {self.max_body_bytes} 字节，请分批发送"
            en = f"a body holds at most {self.max_body_bytes} bytes; send parts"
            raise self.exceeded("body_too_large", zh, en)


async def body_of(request: Request, limits: Limits) -> bytes:
    """The whole body, no larger and no slower than allowed. A caller that hangs up midway has said nothing."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding != "identity":
        raise Unusable(415, "unsupported_encoding", "请发送未压缩的内容", "send the content uncompressed")
    length = request.headers.get("content-length", "")
    limits.check_bytes(int(length) if length.isdecimal() else 0)
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_BODY_SECONDS):
            async for part in request.stream():
                size += len(part)
                limits.check_bytes(size)
                parts.append(part)
    except TimeoutError as error:
        raise Unusable(408, "body_too_slow", "请求体接收超时", f"no whole body within {_BODY_SECONDS} s") from error
    except ClientDisconnect as gone:
        raise Unusable(400, "incomplete_body", "请求体不完整", "the body ended early") from gone
    return b"".join(parts)

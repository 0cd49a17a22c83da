"""HTTP/1.1 over connections that stay open, as far as the driver of the time-lapse needs it.

A story asks tens of thousands of short questions, one after the other: a general client took two thirds of a
millisecond of the processor for each, on the two cores that the platform itself has to share with the story.
"""

import asyncio
import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Place = tuple[str, int]


class Away(Exception):
    """Nobody answered: no connection, or one that ended before its answer was whole."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered; the headers' names are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()

    def json(self) -> Any:
        return json.loads(self.content)


@dataclass(slots=True)
class Client:
    """At most `most` questions at a time, each within `patience` seconds."""

    most: int = 16
    patience: float = 30.0
    _free: dict[Place, list[Connection]] = field(default_factory=dict)
    _turns: asyncio.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        self._turns = asyncio.Semaphore(self.most)

    async def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """The answer to one question; `Away` when there is none."""
        parts = urlsplit(url)
        assert parts.hostname is not None
        place = parts.hostname, parts.port or 80
        said = {"host": parts.netloc, **headers, "content-length": str(len(content))}
        head = f"{method} {parts.path}{'?' + parts.query if parts.query else ''} HTTP/1.1\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in said.items()) + "\r\n"
        async with self._turns:
            try:
                async with asyncio.timeout(self.patience):
                    return await self._asked(place, head.encode() + content)
            except (OSError, EOFError, TimeoutError) as error:
                raise Away(f"{url}: {error!r}") from error

    async def close(self) -> None:
        """Let all connections go."""
        writers = [writer for connections in self._free.values() for _, writer in connections]
        self._free.clear()
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _asked(self, place: Place, question: bytes) -> Answer:
        reader, writer = await self._connection(place)
        try:
            writer.write(question)
            answer = await _read(reader)
        except BaseException:
            writer.close()
            raise
        if answer.headers.get("connection") == "close":
            writer.close()
        else:
            self._free.setdefault(place, []).append((reader, writer))
        return answer

    async def _connection(self, place: Place) -> Connection:
        """One that is free and that the server has not closed meanwhile, or a new one."""
        free = self._free.get(place, [])
        while free:
            reader, writer = free.pop()
            if not reader.at_eof() and not writer.is_closing():
                return reader, writer
            writer.close()
        return await asyncio.open_connection(*place)


async def _read(reader: asyncio.StreamReader) -> Answer:
    """One whole answer; the services say how long each is."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
    return Answer(int(first.split(" ", 2)[1]), headers, await reader.readexactly(int(headers["content-length"])))

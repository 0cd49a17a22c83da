"""The driver's client against servers that keep, close and break connections."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from deploy.demo.asking import Away, Client

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nRetry-After: 3\r\n\r\n{}"
Reply = Callable[[int, int], bytes | None]  # (which connection, which question on it) → what is sent; None: it ends


@asynccontextmanager
async def server(reply: Reply) -> AsyncIterator[tuple[str, list[bytes]]]:
    """A server that answers like this: its address, and the questions that it has read."""
    asked: list[bytes] = []
    serving: list[asyncio.Task[None] | None] = []
    connections = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        mine, question = connections, 0
        connections += 1
        serving.append(asyncio.current_task())
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                asked.append(head + await reader.readexactly(length))
                answer = reply(mine, question)
                question += 1
                writer.write(answer or b"")
                if answer is None or not answer.endswith(b"{}"):
                    break
        except asyncio.IncompleteReadError:
            pass
        writer.close()
        await writer.wait_closed()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}", asked
    await asyncio.gather(*(task for task in serving if task is not None))


async def test_a_connection_is_used_again() -> None:
    """Questions one after the other need one connection; method, path, headers and body arrive as they were given."""
    async with server(lambda connection, _: OK if connection == 0 else None) as (url, asked):
        client = Client()
        for _ in range(3):
            answer = await client.ask("POST", f"{url}/v1/x?a=1", {"authorization": "Bearer t"}, b"body")
            assert (answer.status, answer.json(), answer.headers["retry-after"]) == (200, {}, "3")
        await client.close()
    assert len(asked) == 3
    assert asked[0].startswith(b"POST /v1/x?a=1 HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"authorization: Bearer t\r\n" in asked[0]
    assert asked[0].endswith(b"content-length: 4\r\n\r\nbody")


async def test_what_the_server_closed_is_not_used_again() -> None:
    """A server may end a connection that is not in use: the next question takes a new one and is asked once."""
    closing = OK.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
    async with server(lambda _, __: closing) as (url, asked):
        client = Client()
        assert [(await client.ask("GET", url, {})).status for _ in range(2)] == [200, 200]
        await client.close()
    assert len(asked) == 2


@pytest.mark.parametrize("reply", [None, b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"])
async def test_an_answer_that_breaks_off_is_none(reply: bytes | None) -> None:
    """A connection that ends before its answer is whole is told as nobody there, and is not kept."""
    async with server(lambda connection, _: reply if connection == 0 else OK) as (url, _):
        client = Client()
        with pytest.raises(Away):
            await client.ask("GET", url, {})
        assert (await client.ask("GET", url, {})).content == b"{}"
        await client.close()


async def test_nobody_there_and_nobody_answering(unused_tcp_port: int) -> None:
    """A refused connection and a server that says nothing in time are the same: nobody answered."""
    with pytest.raises(Away):
        await Client().ask("GET", f"http://127.0.0.1:{unused_tcp_port}", {})
    async with server(lambda _, __: b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{}") as (url, _):
        client = Client(patience=0.05)
        with pytest.raises(Away, match="TimeoutError"):
            await client.ask("GET", url, {})

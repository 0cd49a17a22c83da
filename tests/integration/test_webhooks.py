"""Webhooks by the Standard Webhooks convention against a real receiver and a real Postgres (rule 9).

The receiver checks signatures with the convention's own library, independent of our signing.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import uvicorn
from prometheus_client import CollectorRegistry
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contracts.operations.connections import Unavailable
from contracts.operations.database import make_pool
from deploy.local.ports import free_ports
from services.alerts.instruments import Instruments
from services.alerts.sending.delivering import Delivering, Line, enable
from services.alerts.sending.receivers import Webhook as Hook
from services.alerts.sending.receiving import to_webhook
from services.alerts.sending.webhooks import Sender, client
from tests.support.standings import coloured
from tests.support.supervised import Supervised, items, supervised
from tests.support.waiting import eventually

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0"
Answers = Callable[[int], tuple[int, dict[str, str]]]  # by the number of the request


class Listening:
    """A receiver: notes what arrives and answers as it is told."""

    def __init__(self) -> None:
        self.answers: Answers = lambda _: (204, {})
        self.seen: list[dict[str, Any]] = []
        self.attempts: list[str] = []
        self.at: list[float] = []
        self.open = asyncio.Event()  # until then it answers nobody
        self.open.set()
        (self.port,) = free_ports(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    @property
    def numbers(self) -> list[int]:
        """The seq of the messages that were accepted, in order."""
        return [message["seq"] for message in self.seen]

    async def hook(self, request: Request) -> Response:
        body = await request.body()
        message = Webhook(SECRET).verify(body, dict(request.headers))
        assert message["message_id"] == request.headers["webhook-id"]
        self.attempts.append(message["message_id"])
        self.at.append(asyncio.get_running_loop().time())
        await self.open.wait()
        status, headers = self.answers(len(self.attempts))
        if 200 <= status < 300:
            self.seen.append(message)
        return Response(status_code=status, headers=headers)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Listening"]:
        app = Starlette(routes=[Route("/hook", self.hook, methods=["POST"])])
        server = uvicorn.Server(uvicorn.Config(app, port=self.port, log_config=None, lifespan="off"))
        server.capture_signals = contextlib.nullcontext  # type: ignore[method-assign,assignment]  # the loop is not ours
        serving = asyncio.create_task(server.serve())
        await eventually(lambda: server.started)
        try:
            yield self
        finally:
            server.should_exit = True
            await serving


@pytest.fixture
async def receiver() -> AsyncIterator[Listening]:
    """A receiver that takes everything."""
    async with Listening().running() as found:
        yield found


@contextlib.asynccontextmanager
async def told(database: str, receiver: Listening, **settings: Any) -> AsyncIterator[Supervised]:
    """The service with that one receiver, registered and waiting for messages."""
    listed = [{"receiver": "office", "url": receiver.url, "secrets": [SECRET]}]
    async with supervised(database, receivers=listed, **settings) as alerts:
        await eventually(lambda: alerts.pool.fetchval("SELECT count(*) = 2 FROM alerts.receiver"))
        yield alerts


async def log_of(alerts: Supervised, receiver: str = "office") -> list[tuple[Any, ...]]:
    """The receiver's log: seq, state, attempts, status."""
    rows = await alerts.pool.fetch(
        "SELECT seq, state, attempts, status FROM alerts.delivery WHERE receiver = $1 ORDER BY seq", receiver
    )
    return [tuple(row) for row in rows]


async def attempts_of(alerts: Supervised, receiver: str = "office") -> list[tuple[Any, ...]]:
    """Every attempt of a receiver: seq, number, status, when."""
    rows = await alerts.pool.fetch(
        "SELECT seq, attempt, status, at FROM alerts.attempt WHERE receiver = $1 ORDER BY seq, attempt", receiver
    )
    return [tuple(row) for row in rows]


async def test_every_message_arrives_signed_in_order_and_once(database: str, receiver: Listening) -> None:
    """2xx is done; the receiver's log says so; the body is the feed's own document."""
    async with told(database, receiver) as alerts:
        await alerts.june()
        await eventually(lambda: len(receiver.seen) == 4)
        assert receiver.numbers == [1, 2, 3, 4]
        assert receiver.seen == (await alerts.get("/v1/feed")).json()["items"]
        await eventually(lambda: _is(log_of(alerts), [(seq, "done", 1, 204) for seq in (1, 2, 3, 4)]))


async def test_a_failing_receiver_is_tried_again_and_holds_its_own_line_back(
    database: str, receiver: Listening
) -> None:
    """500 is tried again with a pause; nothing overtakes it."""
    receiver.answers = lambda attempt: (500 if attempt == 2 else 200, {})
    async with told(database, receiver) as alerts:
        await alerts.june()
        await eventually(lambda: len(receiver.seen) == 4)
        assert receiver.numbers == [1, 2, 3, 4]
        assert receiver.at[2] - receiver.at[1] >= 0.5
        await eventually(
            lambda: _is(
                log_of(alerts), [(1, "done", 1, 200), (2, "done", 2, 200), (3, "done", 1, 200), (4, "done", 1, 200)]
            )
        )
        tried = await attempts_of(alerts)
        assert [each[:3] for each in tried] == [(1, 1, 200), (2, 1, 500), (2, 2, 200), (3, 1, 200), (4, 1, 200)]
        assert timedelta(seconds=0.5) <= tried[2][3] - tried[1][3] < timedelta(seconds=10)


async def test_the_office_reads_every_attempt(database: str, receiver: Listening) -> None:
    """How each receiver stands, and of each message all tries with what was answered; nobody else may ask."""
    receiver.answers = lambda attempt: (500 if attempt == 2 else 204, {})
    async with told(database, receiver) as alerts:
        await alerts.june()
        await eventually(lambda: len(receiver.seen) == 4)
        done = [(1, "done", 1, 204), (2, "done", 2, 204), (3, "done", 1, 204), (4, "done", 1, 204)]
        await eventually(lambda: _is(log_of(alerts), done))
        listed = {each["receiver"]: each for each in items(await alerts.get("/v1/receivers", "office"))}
        assert listed.keys() == {"office", "progress.feed"}
        assert (listed["office"]["url"], listed["office"]["pending"]) == (receiver.url, 0)
        assert listed["office"]["done_through"] == 4
        sent = items(await alerts.get("/v1/receivers/office/deliveries", "office"))
        assert [(each["seq"], each["state"]) for each in sent] == [(seq, "done") for seq in (1, 2, 3, 4)]
        assert [[try_["status"] for try_ in each["attempts"]] for each in sent] == [[204], [500, 204], [204], [204]]
        page = (await alerts.get("/v1/receivers/office/deliveries?limit=3&after=1", "office")).json()
        assert ([each["seq"] for each in page["items"]], page["next"]) == ([2, 3, 4], 4)
        assert items(await alerts.get("/v1/receivers/office/deliveries?state=failed", "office")) == []
        assert (await alerts.get("/v1/receivers/nobody/deliveries", "office")).json()["code"] == "unknown_receiver"
        for path in ("/v1/receivers", "/v1/receivers/office/deliveries"):
            assert (await alerts.get(path, "reader")).status_code == 403


async def test_retry_after_is_obeyed(database: str, receiver: Listening) -> None:
    """A 429 says when to come back: not sooner (503 alike, as a unit test holds)."""
    receiver.answers = lambda attempt: (429, {"Retry-After": "2"}) if attempt == 1 else (200, {})
    async with told(database, receiver) as alerts:
        await alerts.june()
        await eventually(lambda: len(receiver.seen) == 4)
        assert receiver.at[1] - receiver.at[0] >= 2


async def test_other_client_errors_are_final(database: str, receiver: Listening) -> None:
    """The message is given up, the line goes on, and the gauge that an alert stands on says so (each status of its kind
    in a unit test)."""
    receiver.answers = lambda attempt: (415 if attempt == 1 else 200, {})
    async with told(database, receiver) as alerts:
        await alerts.june()
        await eventually(lambda: len(receiver.seen) == 3)
        assert receiver.numbers == [2, 3, 4]
        await eventually(
            lambda: _is(log_of(alerts), [(1, "failed", 1, 415), *((n, "done", 1, 200) for n in (2, 3, 4))])
        )
        await eventually(lambda: _says(alerts, 'liangshai_deliveries_failed{receiver="office"} 1.0'))


async def test_a_receiver_that_is_gone_is_disabled(database: str, receiver: Listening) -> None:
    """410: nothing more is sent or owed, the gauge says 1, and the operator can enable it again."""
    receiver.answers = lambda _: (410, {})
    receiver.open.clear()
    async with told(database, receiver) as alerts:
        await alerts.june()
        receiver.open.set()  # all four are owed by now
        untried = [(n, "dropped", 0, None) for n in (2, 3, 4)]
        await eventually(lambda: _is(log_of(alerts), [(1, "dropped", 1, 410), *untried]))
        assert [each[:3] for each in await attempts_of(alerts)] == [(1, 1, 410)]
        assert len(receiver.attempts) == 1
        await eventually(lambda: _says(alerts, 'liangshai_receiver_disabled{receiver="office"} 1.0'))
        ticket = (await alerts.ticket("deqing"))["ticket"]
        await alerts.act(ticket, "deqing", act="ack")
        assert len(await log_of(alerts)) == 4  # nothing is owed to it any more
        receiver.answers = lambda _: (200, {})
        async with alerts.pool.acquire() as connection:
            assert await enable(connection, "office")
            assert not await enable(connection, "nobody")
        await alerts.tell("2023-08-02", coloured("2023-07", "red", district="changxing"))
        said = [each["notification_reason"] for each in items(await alerts.get("/v1/feed?after=5", "office"))]
        assert said == ["early", "escalated", "escalated"]  # nobody has signed for Anji's or answered for Deqing's
        await eventually(lambda: receiver.numbers == [6, 7, 8])


async def test_two_replicas_do_not_both_send(database: str, receiver: Listening) -> None:
    """A session's lock: while one replica is at a receiver's line the other leaves it alone."""
    async with told(database, receiver) as alerts, make_pool(database, application="second") as pool, client() as out:
        line = Line(
            "office",
            receiver.url,
            to_webhook(Hook(receiver="office", url=receiver.url, secrets=(SECRET,)), Sender(out)),
        )
        second = Delivering(pool, [line], Instruments(CollectorRegistry()))
        await alerts.june()

        async def both() -> bool:
            await second.round(line)
            return len(receiver.seen) >= 4

        await eventually(both, every=0.001)
        assert receiver.numbers == [1, 2, 3, 4]
        assert len(receiver.attempts) == 4


async def test_a_receiver_that_is_listed_no_more_is_owed_nothing(database: str, receiver: Listening) -> None:
    """Taken from the file: disabled as `not listed`; a new address brings it back."""
    async with told(database, receiver) as alerts:
        told_by = Instruments(CollectorRegistry())
        await Delivering(alerts.pool, [], told_by).register()
        assert (
            await alerts.pool.fetchval("SELECT reason FROM alerts.receiver WHERE receiver = 'office'") == "not listed"
        )
        line = Line("office", "http://127.0.0.1:9/new", _never)
        await Delivering(alerts.pool, [line], told_by).register()
        row = await alerts.pool.fetchrow("SELECT url, disabled_at FROM alerts.receiver WHERE receiver = 'office'")
        assert row is not None
        assert tuple(row) == ("http://127.0.0.1:9/new", None)


async def test_what_the_broker_has_not_acknowledged_stays_owed(database: str) -> None:
    """The topic is one more receiver: while Kafka is away its messages stay pending, and are tried again."""
    async with supervised(database) as alerts:
        await eventually(lambda: alerts.pool.fetchval("SELECT count(*) = 1 FROM alerts.receiver"))
        await alerts.june()
        await eventually(lambda: _first_attempt(alerts))
        assert [state for _, state, _, _ in await log_of(alerts, "progress.feed")] == ["pending"] * 4


async def _first_attempt(alerts: Supervised) -> bool:
    return any(attempts for _, _, attempts, _ in await log_of(alerts, "progress.feed"))


async def _is(found: Awaitable[Sequence[Any]], wanted: Sequence[Any]) -> bool:
    return list(await found) == list(wanted)


async def _says(alerts: Supervised, line: str) -> bool:
    return line in (await alerts.operations.get("/metrics")).text.splitlines()


async def _never(_: Sequence[Any]) -> AsyncIterator[Any]:
    raise Unavailable("nothing is handed to it")
    yield

"""What the desk asks of the services: a question whose connection broke is asked again, an act is not."""

from pathlib import Path

import httpx
import pytest

from contracts.operations.connections import Unavailable
from contracts.passes import Minter, make_keys
from services.desk.apis import Apis
from services.desk.people import Person
from services.desk.settings import Settings

LI = Person(subject="li.ming", name="李明", role="leader")
SETTINGS = Settings(
    database="postgresql://nowhere", key=Path("unused"), url="http://127.0.0.1:1", ingest="http://ingest",
    metrics="http://metrics", alerts="http://alerts",
)  # fmt: skip


@pytest.fixture
def minter(tmp_path: Path) -> Minter:
    make_keys(tmp_path / "private.json", tmp_path / "public.json")
    return Minter(tmp_path / "private.json")


class Breaking(httpx.AsyncBaseTransport):
    """The first `times` requests find their connection closed."""

    def __init__(self, times: int) -> None:
        self.times, self.asked = times, 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.asked <= self.times:
            raise httpx.ReadError("")
        return httpx.Response(200, json={})


@pytest.mark.parametrize(
    ("method", "times", "asked", "answered"),
    [("GET", 1, 2, True), ("GET", 2, 2, False), ("POST", 1, 1, False), ("POST", 0, 1, True)],
)
async def test_a_broken_connection(minter: Minter, method: str, times: int, asked: int, answered: bool) -> None:
    """Once more for a question; an act may have been done, so that is told as it is."""
    wire = Breaking(times)
    async with Apis(SETTINGS, minter, wire) as apis:
        if answered:
            assert (await apis.send(LI, "alerts", method, "/v1/x")).status_code == 200
        else:
            with pytest.raises(Unavailable):
                await apis.send(LI, "alerts", method, "/v1/x")
    assert wire.asked == asked

"""POST /v1/reports from the outside, over ASGI with a broker that keeps what it is given."""

import asyncio
import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from openpyxl import load_workbook
from prometheus_client import CollectorRegistry

from contracts.authority import Tokens, hashed
from contracts.codec import Record, decode
from contracts.description.routes import declared
from contracts.events import ProgressReported
from contracts.operations.callers import Callers
from contracts.operations.http import application
from contracts.topics import REPORTED, partition_of
from services.ingest import returning
from services.ingest.api import Intake
from services.ingest.instruments import IntakeInstruments
from services.ingest.limits import Limits
from services.ingest.projects.acceptance import Acceptance as ProjectAcceptance
from services.ingest.tables.workbook import XLSX
from tests.support.intake import NOW, TOKEN, Broker, acceptance, catalogue, event
from tests.support.workbooks import HEADING, ROW, book, saved

BATCH = {"Content-Type": "application/cloudevents-batch+json"}


class StoppedClock:
    """Platform time stands still."""

    driven = True
    delay = timedelta()

    def now(self) -> datetime:
        return NOW


@pytest.fixture
def broker() -> Broker:
    return Broker()


@pytest.fixture
def intake(broker: Broker, tmp_path: Path) -> Intake:
    common = {"indicators": "*", "districts": "*", "rate_per_minute": 100}
    entries = [
        {"subject": "clerk", "sha256": hashed(TOKEN), "department": "deqing", "kinds": ["report", "correct"], **common},
        {"subject": "reader", "sha256": hashed("reader"), "kinds": ["read"], **common},
        {
            "subject": "old",
            "sha256": hashed("old"),
            "kinds": ["report"],
            "expires_at": "2026-01-01T00:00:00Z",
            **common,
        },
    ]
    (tmp_path / "tokens.yaml").write_text(yaml.safe_dump(entries), encoding="utf-8")
    return Intake(
        acceptance=acceptance(),
        project_acceptance=ProjectAcceptance(catalogue()),
        tokens=Tokens(tmp_path / "tokens.yaml", monotonic=lambda: 0.0),  # no token comes back while a test runs
        clock=StoppedClock(),
        publisher=broker,
        limits=Limits(max_body_bytes=20_000, max_items=50),
        instruments=IntakeInstruments(CollectorRegistry()),
        metrics_url="http://metrics",
    )


def _client(intake: Intake, token: str | None = TOKEN) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx.ASGITransport(application(intake.routes()))
    return httpx.AsyncClient(transport=transport, base_url="http://ingest", headers=headers)


@pytest.fixture
async def client(intake: Intake) -> AsyncIterator[httpx.AsyncClient]:
    async with _client(intake) as made:
        yield made


def _published(broker: Broker) -> list[ProgressReported]:
    found = []
    for offset, message in enumerate(broker.messages):
        said = decode(Record(message.topic, message.partition or 0, offset, message.key, message.value, 0))
        assert isinstance(said, ProgressReported)
        found.append(said)
    return found


async def test_one_report_is_accepted_where_the_broker_put_it(client: httpx.AsyncClient, broker: Broker) -> None:
    """207 with the receipt, its link and the place on the topic; what goes on says who sent it and when."""
    response = await client.post("/v1/reports", json=event())
    document = response.json()
    assert response.status_code == 207
    assert document["counts"] == {"accepted": 1, "duplicate": 0, "rejected": 0, "failed": 0, "aborted": 0}
    assert document["links"]["receipt"] == f"http://metrics/v1/receipts/{document['receipt']}"
    assert document["links"]["report"] == "http://metrics/v1/reports{?source,id}"
    partition = partition_of("huzhou-2023-2027", "major_projects_investment")
    assert document["items"] == [
        {
            "index": 0, "id": "deqing-2023-06-investment", "source": "/deqing/statistics", "status": "accepted",
            "step": "publishing", "retryable": False, "topic": REPORTED.name, "partition": partition, "offset": 0,
        }
    ]  # fmt: skip
    (said,) = _published(broker)
    assert (said.subject, said.department, said.kind) == ("clerk", "deqing", "report")
    assert (said.receipt, said.receipt_size, said.received_at) == (document["receipt"], 1, NOW)
    assert broker.messages[0].key == b"huzhou-2023-2027/major_projects_investment"
    assert datetime.fromisoformat(document["received_at"]) == NOW


async def test_a_batch_is_answered_item_by_item(client: httpx.AsyncClient, broker: Broker) -> None:
    """Good items go on though others do not; equal errors are said once with their indexes; events carry the size."""
    batch = [
        event(id="a"), event(id="b", district="330521"), event(id="c", district="330521"),
        event(id="d", period="2023-07", revision=1), event(id="a"),
    ]  # fmt: skip
    document = (await client.post("/v1/reports", json=batch, headers=BATCH)).json()
    assert [item["status"] for item in document["items"]] == [
        *("accepted", "rejected", "rejected", "accepted", "duplicate")
    ]
    conflict = document["conflicts"][0]
    assert (conflict["code"], conflict["indexes"], conflict["count"]) == ("unknown_district", [1, 2], 2)
    assert conflict["objects"]["district"] == "330521"
    assert [(said.id, said.receipt_size, said.kind) for said in _published(broker)] == [
        *(("a", 2, "report"), ("d", 2, "correct"))
    ]


async def test_a_workbook_is_answered_cell_by_cell(client: httpx.AsyncClient, broker: Broker) -> None:
    """An .xlsx is judged like any batch: verdicts by address, what was passed over, nothing sent when dry."""
    wrong = [*ROW[:4], "6.35亿", *ROW[5:]]
    there = [*ROW[:2], "上海市", *ROW[3:]]
    content = saved(book(HEADING, ROW, wrong, there, ["合计", None, None, None, 12.7])[0])
    for dry_run in (True, False):
        query = {"dry_run": str(dry_run).lower()}
        response = await client.post("/v1/reports", content=content, params=query, headers={"Content-Type": XLSX})
        document = response.json()
        assert [(each["status"], each["address"]) for each in document["items"]] == [
            ("accepted", "表1!E2"), ("rejected", "表1!E3"), ("rejected", "表1!C4")
        ]  # fmt: skip
        assert [each.get("code") for each in document["items"]] == [None, "unreadable_number", "unknown_district"]
        assert document["reading"]["sheets"] == ["表1"]
        assert [(each["address"], each["why"]) for each in document["reading"]["rows"]] == [("表1!A5", "total")]
        assert len(broker.messages) == (0 if dry_run else 1)
    assert _published(broker)[0].report.value == "6.35"


async def test_the_file_goes_back_with_its_verdicts(intake: Intake) -> None:
    """Posted with the answer and the outcomes, the workbook returns with both beside its rows; nothing is published;
    without a token that reports, and for what is no table, it is refused."""
    content = saved(book(HEADING, ROW, [*ROW[:4], "6.35亿", *ROW[5:]])[0])
    routes = [*intake.routes(), *returning.routes(Callers(intake.tokens, intake.clock), intake.limits)]
    transport = httpx.ASGITransport(application(routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
        client.headers["Authorization"] = f"Bearer {TOKEN}"
        sent = await client.post("/v1/reports", content=content, headers={"Content-Type": XLSX})
        item = sent.json()["items"][0]
        outcomes = [{"source": item["source"], "id": item["id"], "outcome": "applied", "flags": []}]
        said = {"file": b64encode(content).decode(), "answer": sent.json(), "outcomes": outcomes}
        back = await client.post("/v1/reports/annotated", json=said)
        assert (back.status_code, back.headers["Content-Type"]) == (200, XLSX)
        page = load_workbook(io.BytesIO(back.content)).active
        assert [page[at].value for at in ("H2", "I2", "J3")] == [
            "✓ 已接收 accepted", "已入库 applied", "unreadable_number"
        ]  # fmt: skip
        assert (await client.post("/v1/reports/annotated", json={"file": "!"})).json()["code"] == "malformed_json"
        old = said | {"file": b64encode(bytes.fromhex("d0cf11e0a1b11ae1")).decode()}
        assert (await client.post("/v1/reports/annotated", json=old)).json()["code"] == "old_workbook"
        client.headers["Authorization"] = "Bearer reader"
        assert (await client.post("/v1/reports/annotated", json=said)).status_code == 403


async def test_an_old_workbook_is_turned_down_with_the_remedy(client: httpx.AsyncClient) -> None:
    """.xls: 415, and how to save it, whatever type the browser gave it."""
    for media in (XLSX, "text/csv", "application/vnd.ms-excel"):
        content = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(512)
        response = await client.post("/v1/reports", content=content, headers={"Content-Type": media})
        assert (response.status_code, response.json()["code"]) == (415, "old_workbook")


async def test_a_year_goes_on_as_the_cells_period(client: httpx.AsyncClient, broker: Broker) -> None:
    """Rule 2.1: 2023 for a monthly series goes on as 2023-12, and the verdict says so."""
    document = (await client.post("/v1/reports", json=event(period="2023"))).json()
    assert document["items"][0]["period"] == "2023-12"
    assert _published(broker)[0].report.period == "2023-12"


async def test_a_dry_run_does_all_but_publish(client: httpx.AsyncClient, broker: Broker) -> None:
    """?dry_run=true: the same verdicts, no receipt, nothing on the topic."""
    document = (await client.post("/v1/reports?dry_run=true", json=[event(), event(id="b", value="x")])).json()
    assert [item["status"] for item in document["items"]] == ["accepted", "rejected"]
    assert document["dry_run"] is True
    assert document["receipt"] is None
    assert document["links"] == {"receipt": None, "report": None}
    assert broker.messages == []


async def test_atomic_is_all_or_nothing(client: httpx.AsyncClient, broker: Broker) -> None:
    """?atomic=true: one rejected item aborts the others, retryable, and nothing is published."""
    document = (await client.post("/v1/reports?atomic=true", json=[event(id="a"), event(id="b", value="x")])).json()
    assert [(item["status"], item["retryable"]) for item in document["items"]] == [
        *(("aborted", True), ("rejected", False))
    ]
    assert document["receipt"] is None
    assert broker.messages == []


async def test_misspelt_options_are_refused(client: httpx.AsyncClient, broker: Broker) -> None:
    """?dryrun=true would publish what was only to be tried: 400."""
    for query in ("dryrun=true", "dry_run=yes", "dry_run"):
        response = await client.post(f"/v1/reports?{query}", json=event())
        assert (response.status_code, response.json()["code"]) == (400, "unknown_parameter")
    assert broker.messages == []


async def test_a_table_is_told_by_row_and_column(client: httpx.AsyncClient) -> None:
    """A CSV's verdicts name row and column instead of a pointer."""
    body = (
        "indicator,district,period,value,unit\n"
        "major_projects_investment,deqing,2023-06,6.35,亿元\n"
        "major_projects_investment,deqing,2023-07,六,亿元\n"
    )
    document = (await client.post("/v1/reports", content=body, headers={"Content-Type": "text/csv"})).json()
    good, bad = document["items"]
    assert (good["status"], good["row"]) == ("accepted", 2)
    assert (bad["status"], bad["row"], bad["column"], bad.get("pointer")) == ("rejected", 3, "value", None)


async def test_lines_are_told_by_line(client: httpx.AsyncClient) -> None:
    """NDJSON: the broken line is rejected at its line, the other goes through."""
    body = f"{{broken\n{json.dumps(event())}\n"
    response = await client.post("/v1/reports", content=body, headers={"Content-Type": "application/x-ndjson"})
    assert [(item["status"], item["row"]) for item in response.json()["items"]] == [("rejected", 1), ("accepted", 2)]


async def test_without_a_token_nothing(intake: Intake, broker: Broker) -> None:
    """No token, an unknown or expired one: 401 with the challenge; one that may not report: 403."""
    for token, status, code in (
        (None, 401, "token_missing"), ("what", 401, "token_unknown"), ("old", 401, "token_expired"),
        ("reader", 403, "not_authorised"),
    ):  # fmt: skip
        async with _client(intake, token) as client:
            response = await client.post("/v1/reports", json=event())
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert response.headers["content-type"] == "application/problem+json"
        assert ("www-authenticate" in response.headers) == (status == 401)
        assert {"detail", "detail_zh"} <= response.json().keys()
    assert broker.messages == []


async def test_limits_are_told(client: httpx.AsyncClient, broker: Broker) -> None:
    """A body that is too large, with or without its length said, and too many items: 413 with the limits."""

    async def unannounced() -> AsyncIterator[bytes]:
        for _ in range(30):
            yield b" " * 1000

    large = await client.post("/v1/reports", content=b" " * 30_000, headers=BATCH)
    streamed = await client.post("/v1/reports", content=unannounced(), headers=BATCH)
    many = await client.post("/v1/reports", content=json.dumps([{}] * 51), headers=BATCH)
    for response, code in ((large, "body_too_large"), (streamed, "body_too_large"), (many, "too_many_items")):
        assert (response.status_code, response.json()["code"]) == (413, code)
        limits = {name: response.json()[name] for name in ("max_body_bytes", "max_event_bytes", "max_items")}
        assert limits == {"max_body_bytes": 20_000, "max_event_bytes": 65_536, "max_items": 50}
    assert broker.messages == []


async def test_forms_that_are_not_read(client: httpx.AsyncClient) -> None:
    """Another media type or a compressed body is 415; a body that is no JSON is 400."""
    xml = await client.post("/v1/reports", content="<a/>", headers={"Content-Type": "application/xml"})
    gzip = await client.post("/v1/reports", content=b"x", headers={**BATCH, "Content-Encoding": "gzip"})
    broken = await client.post("/v1/reports", content="[{", headers=BATCH)
    assert [each.status_code for each in (xml, gzip, broken)] == [415, 415, 400]
    assert xml.json()["supported"]


async def test_over_the_rate(client: httpx.AsyncClient, broker: Broker) -> None:
    """Items over the token's rate: 429 with Retry-After, and nothing of the request is taken."""
    batch = [event(id=str(n), period="2023-06", revision=n) for n in range(50)]
    for _ in range(2):
        assert (await client.post("/v1/reports", json=batch, headers=BATCH)).status_code == 207
    before = len(broker.messages)
    response = await client.post("/v1/reports", json=batch, headers=BATCH)
    assert (response.status_code, response.json()["code"]) == (429, "rate_exceeded")
    assert int(response.headers["retry-after"]) >= 1
    assert response.json()["rate_per_minute"] == 100
    assert len(broker.messages) == before


async def test_a_broker_that_takes_nothing(client: httpx.AsyncClient, broker: Broker) -> None:
    """503 with Retry-After; the verdicts stand in the problem, failed and retryable, the rejected beside them."""
    broker.away = True
    response = await client.post("/v1/reports", json=[event(id="a"), event(id="b", value="x"), event(id="a")])
    assert (response.status_code, response.json()["code"]) == (503, "broker_unavailable")
    assert int(response.headers["retry-after"]) >= 1
    assert [(item["status"], item["retryable"]) for item in response.json()["items"]] == [
        *(("failed", True), ("rejected", False), ("failed", True))
    ]


async def test_a_broker_that_takes_some(client: httpx.AsyncClient, broker: Broker) -> None:
    """207: what was acknowledged is accepted, the rest failed and may be sent again, with Retry-After."""
    broker.refuses = {1}
    batch = [event(id="a"), event(id="b", revision=1), event(id="c", revision=2)]
    response = await client.post("/v1/reports", json=batch, headers=BATCH)
    assert response.status_code == 207
    assert [item["status"] for item in response.json()["items"]] == ["accepted", "failed", "accepted"]
    assert response.headers["retry-after"]
    assert {said.receipt_size for said in _published(broker)} == {3}  # `expected`: what was handed to the broker


async def test_atomic_does_not_cover_the_broker(client: httpx.AsyncClient, broker: Broker) -> None:
    """?atomic=true reaches up to publishing; a broker that fails midway is told item by item, and the API says so."""
    broker.refuses = {1}
    response = await client.post("/v1/reports?atomic=true", json=[event(id="a"), event(id="b", revision=1)])
    document = response.json()
    assert (response.status_code, document["atomic"]) == (207, True)
    assert [(item["status"], item["retryable"]) for item in document["items"]] == [
        *(("accepted", False), ("failed", True))
    ]
    assert "broker" in declared().parameters["atomic"].en
    assert "消息队列" in declared().parameters["atomic"].zh


async def test_nothing_needs_the_broker_where_nothing_is_ready(client: httpx.AsyncClient, broker: Broker) -> None:
    """While the broker is away a file full of mistakes is still answered with 207."""
    broker.away = True
    assert (await client.post("/v1/reports", json=event(value="x"))).status_code == 207


async def test_an_unfinished_body_says_nothing(intake: Intake, broker: Broker) -> None:
    """A client that hangs up midway has reported nothing, though what came was a whole batch."""
    first = {"type": "http.request", "body": json.dumps([event()]).encode(), "more_body": True}
    messages = iter([first, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(messages)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {TOKEN}".encode()), (b"content-type", BATCH["Content-Type"].encode())]
    scope = {
        "type": "http", "method": "POST", "path": "/v1/reports", "raw_path": b"/v1/reports", "query_string": b"",
        "headers": headers, "http_version": "1.1", "scheme": "http", "server": ("ingest", 80), "client": ("c", 1),
    }  # fmt: skip
    await application(intake.routes())(scope, receive, send)
    assert broker.messages == []
    assert sent[0]["status"] == 400


async def test_too_many_requests_at_once(intake: Intake) -> None:
    """Beyond the number of requests whose bodies fit into memory: 503 with Retry-After."""
    async with _client(replace(intake, max_requests=0)) as client:
        response = await client.post("/v1/reports", json=event())
    assert (response.status_code, response.json()["code"]) == (503, "overloaded")
    assert response.headers["retry-after"] == "1"


async def test_a_file_of_any_size_is_one_request_of_the_rate(intake: Intake) -> None:
    """A file of as many items as the rate is taken from a full bucket: the one paid before reading counts."""
    async with _client(replace(intake, limits=Limits())) as client:
        batch = [event(id=str(n), revision=n) for n in range(120)]
        assert (await client.post("/v1/reports", json=batch, headers=BATCH)).status_code == 207


async def test_what_is_refused_whole_costs_too(client: httpx.AsyncClient) -> None:
    """A hundred unreadable or oversize bodies use up a rate of a hundred: 429, before the body is read."""
    for _ in range(50):
        assert (await client.post("/v1/reports", content="[{", headers=BATCH)).status_code == 400
        assert (await client.post("/v1/reports", content=b" " * 30_000, headers=BATCH)).status_code == 413
    response = await client.post("/v1/reports", content="[{", headers=BATCH)
    assert (response.status_code, response.json()["code"]) == (429, "rate_exceeded")


class TickingClock(StoppedClock):
    """Platform time goes on by a second each time it is asked for."""

    def __init__(self) -> None:
        self.asked = 0

    def now(self) -> datetime:
        self.asked += 1
        return NOW + timedelta(seconds=self.asked)


async def test_the_send_deadline_counts_from_the_stamp(intake: Intake, broker: Broker) -> None:
    """received_at is stamped after the judging, and the producer is told since when it is waited for."""
    clock, before = TickingClock(), asyncio.get_running_loop().time()
    async with _client(replace(intake, clock=clock)) as client:
        document = (await client.post("/v1/reports", json=event())).json()
    assert datetime.fromisoformat(document["received_at"]) == NOW + timedelta(seconds=clock.asked)
    assert _published(broker)[0].received_at == NOW + timedelta(seconds=clock.asked)
    assert broker.since is not None
    assert before <= broker.since <= asyncio.get_running_loop().time()


async def test_a_large_batch_lets_others_have_the_loop(intake: Intake) -> None:
    """While thousands of items are read and judged, other requests have their turns in between."""
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    body = json.dumps([event(id=str(n), indicator=f"unheard_of_{n}") for n in range(4000)])
    waiting = asyncio.create_task(other())
    async with _client(replace(intake, limits=Limits())) as client:
        first = turns
        assert (await client.post("/v1/reports", content=body, headers=BATCH)).status_code == 207
    waiting.cancel()
    assert turns - first >= 16


async def test_an_empty_batch(client: httpx.AsyncClient) -> None:
    """Nothing sent, nothing said: 207 without a receipt."""
    document = (await client.post("/v1/reports", json=[], headers=BATCH)).json()
    assert (document["items"], document["receipt"]) == ([], None)


async def test_what_is_counted(intake: Intake) -> None:
    """The instruments count items by verdict and objections by code, dry runs aside."""
    async with _client(intake) as client:
        await client.post("/v1/reports", json=[event(id="a"), event(id="b", value="x")])
        await client.post("/v1/reports?dry_run=1", json=event(id="c", value="x"))
    assert intake.instruments.items.labels("accepted")._value.get() == 1
    assert intake.instruments.items.labels("rejected")._value.get() == 1
    assert intake.instruments.objections.labels("invalid_value")._value.get() == 1

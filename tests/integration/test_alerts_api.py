"""The API of alerts on a real Postgres: what is read, by whom, in which form, and what is refused (rules 6-9)."""

import csv
import dataclasses
import io
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from deploy.local.ports import free_ports
from tests.support.standings import INDICATOR, PROGRAMME
from tests.support.supervised import ANSWER, JUNE, Supervised, authorised, items, serving, supervised
from tests.support.waiting import eventually

AT = f"/v1/programmes/{PROGRAMME}"

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def alerts(module_database: str) -> AsyncIterator[Supervised]:
    """The service after June 2023; nothing here changes it."""
    async with supervised(module_database) as found:
        await found.june()
        yield found


async def test_the_feed_is_read_to_its_end_behind_a_cursor(alerts: Supervised) -> None:
    """Pages of one message give the whole feed in commit order, gap-free (rule 9)."""
    seen, after = [], 0
    while page := items(answer := await alerts.get(f"/v1/feed?after={after}&limit=1")):
        seen += page
        after = answer.json()["next"]
        assert f"after={after}" in answer.headers["link"]
    assert [m["seq"] for m in seen] == list(range(1, len(seen) + 1))
    told = [(m["labels"]["district"], m["notification_reason"], m["severity"]) for m in seen]
    assert sorted(told) == [
        ("anji", "early", "yellow"),
        ("anji", "first", "yellow"),
        ("deqing", "early", "red"),
        ("deqing", "first", "red"),
    ]
    assert answer.json()["next"] == after == 4  # where to go on, also at the end


async def test_a_narrow_token_goes_on_behind_what_it_may_not_see(alerts: Supervised) -> None:
    """A district reads its own messages; the cursor stands at the feed's head, so an empty page is not asked again."""
    answer = await alerts.get("/v1/feed?limit=2", "anji")
    assert [m["notification_reason"] for m in items(answer)] == ["early", "first"]
    for token, after in (("anji", answer.json()["next"]), ("deqing", 4), ("anji", 9)):
        page = await alerts.get(f"/v1/feed?after={after}", token)
        assert (items(page), page.json()["next"]) == ([], max(after, 4))


async def test_lights_are_listed_by_what_is_asked_for(alerts: Supervised) -> None:
    """Filters and pages of lights; a series about which nothing is known is grey (rule 6.1)."""
    lit = {i["district"]: i["light"] for i in items(await alerts.get(f"{AT}/lights?indicator={INDICATOR}"))}
    assert {d: lit[d] for d in JUNE} == JUNE
    assert lit["nanxun"] == "grey"
    red = items(await alerts.get(f"{AT}/lights?light=red"))
    assert [(i["indicator"], i["district"]) for i in red] == [(INDICATOR, "deqing")]
    assert red[0]["period"] == "2023-06"
    assert "落后" in red[0]["lag_text"]["zh"]


async def test_lists_are_paged_completely(alerts: Supervised) -> None:
    """Following `next` gives every series once."""
    every, after = [], ""
    while after is not None:
        answer = await alerts.get(f"{AT}/lights?limit=300&after={after}")
        every += [(i["indicator"], i["district"]) for i in items(answer)]
        after = answer.json()["next"]
    known = await alerts.pool.fetchval("SELECT count(*) FROM alerts.series")
    assert len(every) == len(set(every)) == known > 900


async def test_one_series_with_its_cells_and_history(alerts: Supervised) -> None:
    """A series' light, the cell's live light and that of record, and each change with the message that told it."""
    one = (await alerts.get(f"{AT}/lights/{INDICATOR}/deqing")).json()
    assert one["series"]["light"] == "red"
    june = next(cell for cell in one["cells"] if cell["period"] == "2023-06")
    assert (june["live"], june["record"]) == ("red", "red")
    assert june["due_at"] == "2023-07-06T00:00:00+08:00"
    history = items(await alerts.get(f"{AT}/lights/{INDICATOR}/deqing/history"))
    assert [(c["kind"], c["after"], c["seq"] is not None) for c in history if c["period"] == "2023-06"] == [
        ("live", "red", True),
        ("record", "red", True),
    ]


async def test_lists_as_csv_and_ndjson(alerts: Supervised) -> None:
    """The same items as CSV with a header, and one JSON object a line."""
    answer = await alerts.get(f"{AT}/lights?light=yellow", accept="text/csv")
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert [(r["district"], r["light"], r["period"]) for r in rows] == [("anji", "yellow", "2023-06")]
    assert rows[0]["lag_text_zh"]
    lines = (await alerts.get("/v1/feed", accept="application/x-ndjson")).text.splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [1, 2, 3, 4]


async def test_warnings_and_tickets_as_they_stood(alerts: Supervised) -> None:
    """Before the light of record a warning is open and there is no ticket; afterwards it is confirmed (rule 6.5)."""
    before = "known_at=2023-07-03T00:00:00%2B08:00"
    now = {w["district"]: w["state"] for w in items(await alerts.get(f"{AT}/warnings"))}
    then = {w["district"]: w["state"] for w in items(await alerts.get(f"{AT}/warnings?{before}"))}
    assert now == {"deqing": "confirmed", "anji": "confirmed"}
    assert then == {"deqing": "open", "anji": "open"}
    assert items(await alerts.get(f"{AT}/tickets?{before}")) == []
    levels = {t["district"]: (t["level"], t["level_text"]["zh"]) for t in items(await alerts.get(f"{AT}/tickets"))}
    assert levels == {"deqing": (2, "督办函"), "anji": (1, "提醒")}
    assert items(await alerts.get(f"{AT}/tickets?as_of=2023-05-31")) == []


async def test_a_token_sees_its_own_cells_only(alerts: Supervised) -> None:
    """Feed, lights, warnings and tickets are limited to the token's cells; the default is to refuse."""
    assert {m["labels"]["district"] for m in items(await alerts.get("/v1/feed", "anji"))} == {"anji"}
    for what in ("lights", "warnings", "tickets"):
        assert {i["district"] for i in items(await alerts.get(f"{AT}/{what}", "anji"))} == {"anji"}
    ticket = await alerts.ticket("deqing")
    assert (await alerts.get(f"/v1/tickets/{ticket['ticket']}", "anji")).status_code == 403
    assert (await alerts.get(f"{AT}/lights/{INDICATOR}/deqing", "anji")).status_code == 403


@pytest.mark.parametrize(
    ("token", "code"), [(None, "token_missing"), ("nobody", "token_unknown"), ("past", "token_expired")]
)
async def test_without_a_good_token_nothing_is_said(alerts: Supervised, token: str | None, code: str) -> None:
    """Every route answers 401 as a problem in both languages."""
    paths = ("/v1/feed", "/v1/watermarks", f"{AT}/lights", f"{AT}/warnings", f"{AT}/tickets")
    for path in paths:
        answer = await alerts.get(path, token)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["detail"]
        assert answer.json()["detail_zh"]


async def test_too_many_requests_are_told_when_to_come_back(alerts: Supervised) -> None:
    """429 always carries Retry-After in seconds."""
    answers = [await alerts.get("/v1/feed", "hasty") for _ in range(3)]
    assert [a.status_code for a in answers] == [200, 200, 429]
    assert int(answers[-1].headers["retry-after"]) >= 1


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=1001", "limit=x", "after=-1", "after=1.5", "after=99999999999999999999"]
)
async def test_what_cannot_be_understood_is_refused(alerts: Supervised, query: str) -> None:
    """Parameters are read strictly: 400 names the one that is wrong."""
    answer = await alerts.get(f"/v1/feed?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (400, query.split("=")[0])


async def test_unknown_things_are_not_found(alerts: Supervised) -> None:
    """Other programmes, series, tickets: 404 with a code of their own."""
    codes = {
        "/v1/programmes/other/lights": "unknown_programme",
        f"{AT}/lights/no_such/deqing": "unknown_indicator",
        f"{AT}/lights/{INDICATOR}/atlantis": "unknown_district",
        "/v1/tickets/not-a-uuid": "unknown_ticket",
        "/v1/tickets/00000000-0000-0000-0000-000000000000": "unknown_ticket",
        "/v1/nothing": "not_found",
    }
    for path, code in codes.items():
        answer = await alerts.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code), path


async def test_watermarks_tell_how_far_judging_is(alerts: Supervised) -> None:
    """Whoever drives the clock waits for this."""
    partitions = (await alerts.get("/v1/watermarks")).json()["partitions"]
    assert [p["through"] for p in partitions.values()] == ["2023-07-06T12:00:00+08:00"]


@pytest.mark.parametrize(
    ("token", "command", "status", "code"),
    [
        ("anji", {"act": "ack"}, 403, "not_authorised"),
        ("office", {"act": "ack"}, 403, "not_authorised"),
        ("deqing", {"act": "escalate", "reason": "x"}, 403, "not_authorised"),
        ("deqing", {"act": "dance"}, 422, "invalid_act"),
        ("deqing", {"act": "answer", "cause": "x", "plan": "y"}, 422, "invalid_act"),
        ("deqing", ANSWER | {"cause": ""}, 422, "invalid_act"),
        (
            "deqing",
            ANSWER | {"promised_on": "2024-03-31"},
            422,
            "promise_out_of_reach",
        ),
        (
            "deqing",
            ANSWER | {"promised_on": "2023-07-01"},
            422,
            "promise_out_of_reach",
        ),
        ("nobody", {"act": "dance"}, 401, "token_unknown"),
    ],
)
async def test_acts_that_are_refused(
    alerts: Supervised, token: str, command: dict[str, str], status: int, code: str
) -> None:
    """Who may not, what is no act, and a promise more than three periods ahead."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    answer = await alerts.act(ticket, token, **command)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert (await alerts.ticket("deqing"))["state"] == "OPEN"


async def test_a_body_without_end_is_refused(alerts: Supervised) -> None:
    """413 tells the limit."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    answer = await alerts.act(ticket, "deqing", act="ack", padding="x" * 70_000)
    assert (answer.status_code, answer.json()["max_body_bytes"]) == (413, 65536)


async def test_gauges_are_those_of_the_tables(alerts: Supervised) -> None:
    """The leading replica exports each light, the counts, tickets and warnings (rule 13)."""
    wanted = {
        f'liangshai_light{{programme="{PROGRAMME}",indicator="{INDICATOR}",district="deqing"}} 3',
        f'liangshai_lights{{programme="{PROGRAMME}",district="anji",colour="yellow"}} 1',
        f'liangshai_tickets{{programme="{PROGRAMME}",district="deqing",rule="lag",state="OPEN",level="2"}} 1',
        f'liangshai_warnings_open{{programme="{PROGRAMME}",district="deqing"}} 0',
    }

    async def exported() -> bool:  # they are drawn once a second
        return wanted <= set((await alerts.operations.get("/metrics")).text.splitlines())

    await eventually(exported)


async def test_without_postgres_the_api_asks_for_patience(alerts: Supervised) -> None:
    """503 with Retry-After, for reads and for acts; never an empty list that looks like good news."""
    nowhere = dataclasses.replace(alerts.settings, database="postgresql://127.0.0.1:1/none")
    public, operations = free_ports(2)
    ticket = (await alerts.ticket("deqing"))["ticket"]
    async with serving(dataclasses.replace(nowhere, port=public, operations_port=operations)) as (client, _):
        for path in ("/v1/feed", "/v1/watermarks", f"{AT}/lights", f"{AT}/warnings", f"{AT}/tickets"):
            answer = await client.get(path, headers=authorised("reader"))
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert int(answer.headers["retry-after"]) > 0
        acted = await client.post(f"/v1/tickets/{ticket}/acts", json={"act": "ack"}, headers=authorised("deqing"))
        assert acted.status_code == 503

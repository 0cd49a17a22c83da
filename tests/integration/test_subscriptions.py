"""The feed in reader programs: an address with a key, shown once, of its maker's reach, revoked at will."""

import xml.etree.ElementTree as ET
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import yaml

from tests.support.supervised import Supervised, authorised, items, supervised
from tests.support.waiting import eventually

NS = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Supervised]:
    """The service after June 2023."""
    async with supervised(database) as found:
        await found.june()
        yield found


async def subscribe(alerts: Supervised, token: str, name: str = "手机") -> dict[str, Any]:
    """A new address."""
    answer = await alerts.public.post("/v1/subscriptions", json={"name": name}, headers=authorised(token))
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def read(alerts: Supervised, url: str, **headers: str) -> httpx.Response:
    """What a reader gets: it knows nothing but the address."""
    return await alerts.public.get(url.removeprefix("http://alerts"), headers=headers)


def entries(answer: httpx.Response) -> list[str]:
    """The ids of the entries."""
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    return [each.findtext("a:id", "", NS) for each in ET.fromstring(answer.content).findall("a:entry", NS)]


async def test_a_reader_reads_what_its_maker_may(alerts: Supervised) -> None:
    """Newest first, the same messages as the feed of that token."""
    for token in ("reader", "deqing"):
        url = (await subscribe(alerts, token))["url"]
        assert url.startswith("http://alerts/v1/feed.atom?key=")
        told = [f"urn:uuid:{each['message_id']}" for each in items(await alerts.get("/v1/feed", token))]
        assert entries(await read(alerts, url)) == told[::-1]
        assert entries(await read(alerts, url + "&limit=1")) == told[:-2:-1]
        assert entries(await alerts.get("/v1/feed.atom", token)) == told[::-1]
    assert len(told) == 2  # Deqing's own


async def test_nothing_new_is_304(alerts: Supervised) -> None:
    """Readers ask often: what they have is not sent again."""
    url = (await subscribe(alerts, "reader"))["url"]
    answer = await read(alerts, url)
    again = await read(alerts, url, **{"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    ticket = (await alerts.ticket("deqing"))["ticket"]
    await alerts.act(ticket, "deqing", act="ack")
    assert len(entries(await read(alerts, url, **{"if-none-match": answer.headers["etag"]}))) == 5


async def test_an_address_is_revoked_by_its_maker_or_the_office(alerts: Supervised) -> None:
    """Nobody else sees it or may; from then on it reads nothing, and its key stands nowhere."""
    mine, other = await subscribe(alerts, "deqing"), await subscribe(alerts, "anji")
    assert [each["name"] for each in items(await alerts.get("/v1/subscriptions", "deqing"))] == ["手机"]
    assert len(items(await alerts.get("/v1/subscriptions", "office"))) == 2
    at = f"/v1/subscriptions/{mine['subscription']}"
    assert (await alerts.public.delete(at, headers=authorised("anji"))).json()["code"] == "unknown_subscription"
    assert len(entries(await read(alerts, mine["url"]))) == 2
    assert (await alerts.public.delete(at, headers=authorised("deqing"))).json()["revoked_at"] is not None
    refused = await read(alerts, mine["url"])
    assert (refused.status_code, refused.json()["code"]) == (401, "subscription_unknown")
    by_office = await alerts.public.delete(f"/v1/subscriptions/{other['subscription']}", headers=authorised("office"))
    assert by_office.status_code == 200
    assert (await read(alerts, other["url"])).status_code == 401
    rows = await alerts.pool.fetch("SELECT s::text AS said FROM alerts.subscription s")
    assert all(mine["url"].partition("key=")[2] not in row["said"] for row in rows)


async def test_an_address_ends_with_its_token(alerts: Supervised) -> None:
    """Taken from the tokens' file: the addresses that it made read nothing any more."""
    url = (await subscribe(alerts, "deqing"))["url"]
    assert len(entries(await read(alerts, url))) == 2
    tokens = alerts.settings.tokens
    kept = [each for each in yaml.safe_load(tokens.read_text()) if each["subject"] != "deqing"]
    tokens.write_text(yaml.safe_dump(kept))
    await eventually(lambda: _is_refused(alerts, url), every=0.3)


async def _is_refused(alerts: Supervised, url: str) -> bool:
    return (await read(alerts, url)).status_code == 401


async def test_what_is_refused(alerts: Supervised) -> None:
    """No key, another's, a body that is none; and one address may not ask without end."""
    assert (await alerts.get("/v1/feed.atom", None)).json()["code"] == "token_missing"
    assert (await alerts.get("/v1/feed.atom?key=guessed", None)).json()["code"] == "subscription_unknown"
    assert (await alerts.get("/v1/feed.atom?limit=x", "reader")).status_code == 400
    answer = await alerts.public.post("/v1/subscriptions", json={"called": "x"}, headers=authorised("reader"))
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_subscription")
    url = (await subscribe(alerts, "reader"))["url"]
    answers = {(await read(alerts, url)).status_code for _ in range(60)}
    assert answers == {200, 429}

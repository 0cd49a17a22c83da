"""预警信息流 on the desk before a real alerts service: what is new to whom, filters, older pages, Atom."""

import re

import httpx

from tests.support.standings import PROGRAMME
from tests.support.supervised import items
from tests.support.supervised_desk import supervised_desk


async def test_what_is_new_is_marked_until_it_is_read(database: str) -> None:
    """Four messages are new to each person; who has read them all sees none marked, also after the mark is sent again
    with an older number; somebody else still sees four."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        office, leader = await it.signed_in("office_director"), await it.signed_in("leader")
        first = (await office.get("/feed")).text
        await it.post(office, "/feed/read", "/feed", seq="4")
        await it.post(office, "/feed/read", "/feed", seq="1")
        await it.post(office, "/feed/read", "/feed", seq="nonsense")
        second, other = (await office.get("/feed")).text, (await leader.get("/feed")).text
    assert "4 条未读" in first
    assert first.count('<li class="new">') == 4
    assert "已全部读过" in second
    assert '<li class="new">' not in second
    assert other.count('<li class="new">') == 4
    assert first.index("#4 ·") < first.index("#1 ·")
    assert re.search(r'href="/tickets/[0-9a-f-]{36}"', first)


async def test_one_message_is_read_alone(database: str) -> None:
    """The newest is marked: the older ones stay new; then all up to the second: the third alone is new; what closes up
    to the position is no single mark any more; the list is shown as it was, with its filters."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        office = await it.signed_in("office_director")
        back = await it.post(office, "/feed/read", "/feed", seq="4", which="one", here="colour=red&before=9&x=y")
        one = (await office.get("/feed")).text
        await it.post(office, "/feed/read", "/feed", seq="2", which="through")
        two = (await office.get("/feed")).text
        await it.post(office, "/feed/read", "/feed", seq="3", which="one")
        all_ = (await office.get("/feed")).text
        kept = await it.pool.fetch("SELECT seq FROM desk.read_mark UNION ALL SELECT seq FROM desk.read_single")
    assert back.headers["location"] == "/feed?colour=red&before=9"
    assert "3 条未读" in one
    assert re.findall(r'aria-label="标为已读：#(\d)"', one) == ["3", "2", "1"]
    assert "1 条未读" in two
    assert re.findall(r'aria-label="标为已读：#(\d)"', two) == ["3"]
    assert "已全部读过" in all_
    assert [row["seq"] for row in kept] == [4]


async def test_the_list_is_filtered_and_goes_back(database: str) -> None:
    """By kind, colour and unit; `before` shows what is older; what is not understood is left out."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        client = await it.signed_in("leader")

        async def numbers(query: str) -> list[str]:
            return re.findall(r"#(\d+) ·", (await client.get(f"/feed?{query}")).text)

        tickets, red, deqing = (
            await numbers("message=ticket"),
            await numbers("colour=red"),
            await numbers("unit=deqing"),
        )
        assert len(tickets) == 2
        assert red == deqing
        assert len(red) == 2
        assert await numbers("before=3") == ["2", "1"]
        assert await numbers("before=x&message=nonsense&unit=nowhere") == ["4", "3", "2", "1"]
        assert await numbers("level=3") == []


async def test_the_newest_come_in_pages_and_within_the_token(database: str) -> None:
    """GET …/feed/newest: newest first, `next` and its Link lead to what is older; a district's token sees its own."""
    async with supervised_desk(database) as (alerts, _):
        await alerts.june()
        at = f"/v1/programmes/{PROGRAMME}/feed/newest"
        first = await alerts.get(f"{at}?limit=3")
        assert [each["seq"] for each in items(first)] == [4, 3, 2]
        assert first.json()["next"] == 2
        assert "before=2" in first.headers["link"]
        assert [each["seq"] for each in items(await alerts.get(f"{at}?limit=3&before=2"))] == [1]
        own = items(await alerts.get(at, "deqing"))
        assert {each["labels"]["district"] for each in own} == {"deqing"}
        assert items(await alerts.get(f"{at}?department=anji")) != []
        wrong = await alerts.get(f"{at}?message=letter")
        assert wrong.status_code == 400


async def test_an_address_for_a_reader_is_shown_once(database: str) -> None:
    """It is on the answer and gives the feed as Atom without any header; without a name none is made."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        client = await it.signed_in("leader")
        page = (await it.post(client, "/feed/atom", "/feed", name="手机阅读器")).text
        found = re.search(r'<code class="secret">([^<]+)</code>', page)
        assert found is not None
        address = found[1]
        assert "feed.atom?key=" in address
        async with httpx.AsyncClient(timeout=30) as reader:
            path = "/v1/feed.atom?" + address.partition("?")[2]
            atom = await reader.get(str(alerts.public.base_url).rstrip("/") + path)
        assert atom.status_code == 200
        assert "<feed" in atom.text
        assert "feed.atom?key=" not in (await client.get("/feed")).text
        assert (await it.post(client, "/feed/atom", "/feed", name=" ")).status_code == 422


async def test_addresses_are_listed_and_revoked(database: str) -> None:
    """The own ones stand on the account page without their keys; revoked, one reads nothing; nobody revokes another's
    but who sees deliveries, who finds it there."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        leader, clerk = await it.signed_in("leader"), await it.signed_in("district_clerk", "deqing")
        operator = await it.signed_in("operator")
        addresses = []
        for name in ("手机阅读器", "办公室电脑"):
            page = (await it.post(leader, "/feed/atom", "/feed", name=name)).text
            found = re.search(r'<code class="secret">[^<]+(/v1/feed.atom[^<]+)</code>', page)
            assert found is not None
            addresses.append(found[1])
        own, theirs = (await leader.get("/account")).text, (await clerk.get("/account")).text
        revocable = re.findall(r'name="subscription" value="([^"]+)"><button[^>]*aria-label="撤销 ([^"]+)"', own)
        names = [name for called in ("手机阅读器", "办公室电脑") for name, label in revocable if label == called]
        assert (await it.post(clerk, "/account/revoke", subscription=names[0])).status_code == 404
        assert (await it.post(clerk, "/account/revoke", subscription="nonsense")).status_code == 404
        async with httpx.AsyncClient(base_url=alerts.public.base_url) as reader:
            done = await it.post(leader, "/account/revoke", subscription=names[0])
            after = (await leader.get(done.headers["location"])).text
            first = [(await reader.get(each)).status_code for each in addresses]
            everybody = (await operator.get("/account")).text
            await it.post(operator, "/account/revoke", subscription=names[1])
            last = (await reader.get(addresses[1])).status_code
    assert len(names) == 2
    assert "key=" not in own
    assert "手机阅读器" not in theirs
    assert "地址已撤销" in after
    assert "已于 2023-07-06 12:00 撤销" in after
    assert (first, last) == ([401, 200], 401)
    assert "办公室电脑" in everybody
    assert "手机阅读器" not in everybody

"""人员 and 审计: the operator enters people and hands out links; the office and the operator read who did what."""

import re

import httpx
import pytest

from contracts.operations.connections import Unavailable
from contracts.operations.http import Problem
from contracts.passes import Minter
from services.desk.apis import Api, Apis
from services.desk.audit import Audit
from tests.support.desk import desk, listed
from tests.support.handclock import HandClock

ENTRY = {"subject": "li.ming", "name": "李明", "role": "district_clerk", "unit": "deqing", "login": "", "active": "yes"}


async def test_the_operator_enters_a_person_who_signs_in(database: str) -> None:
    """Entered with role and unit, given a link that is shown once, in by it; all of it in the trail."""
    async with desk(database) as it:
        operator = await it.signed_in("operator")
        entered = await it.post(operator, "/people", page="/people", **ENTRY)
        assert entered.headers["location"] == "/people?done=li.ming"
        page = (await operator.get("/people?done=li.ming")).text
        assert "区县填报人" in page
        assert "已保存：li.ming" in page
        shown = (await it.post(operator, "/people/invite", page="/people", subject="li.ming")).text
        key = re.search(r"/sign-in/link\?key=([\w-]+)", shown)
        assert key
        assert key[1] not in (await operator.get("/people")).text
        await it.open().post("/sign-in/link", data={"key": key[1]}, headers={"Origin": it.settings.url})
        trail = (await operator.get("/audit")).text
    for said in ("人员变更", "发放一次性链接", "登录", "li.ming", "127.0.0.1"):
        assert said in trail


async def test_people_are_found_by_name_role_or_unit(database: str) -> None:
    """Every word of what is typed; how many of how many; whoever is changed meanwhile stays found."""
    async with desk(database) as it:
        operator = await it.signed_in("operator")
        for unit in ("deqing", "anji"):
            await it.person("district_clerk", unit)
        found = (await operator.get("/people?q=填报人+德清县")).text
        none = (await operator.get("/people?q=<月球>")).text
    assert "找到 1 人，共 3 人" in found
    assert "district_clerk-deqing</small>" in found
    assert "district_clerk-anji</small>" not in found
    assert 'href="?change=district_clerk-deqing&amp;q=' in found
    assert "找到 0 人" in none
    assert 'value="&lt;月球&gt;"' in none


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"subject": "Li Ming"}, "subject_form"),
        ({"name": ""}, "name_form"),
        ({"name": "x" * 61}, "name_form"),
        ({"role": "emperor"}, "unfit"),
        ({"unit": ""}, "unfit"),
        ({"unit": "construction_bureau"}, "unfit"),
        ({"unit": "huzhou"}, "unfit"),
        ({"login": "taken"}, "login_taken"),
    ],
)
async def test_who_cannot_be_is_not_entered(database: str, change: dict[str, str], code: str) -> None:
    """A refusal with its reason; nobody is entered."""
    async with desk(database) as it:
        await it.person("leader", login="taken")
        operator = await it.signed_in("operator")
        answer = await it.post(operator, "/people", page="/people", **{**ENTRY, **change})
        assert (answer.status_code, code in answer.text) == (422, True)
        assert await it.people.named("li.ming") is None


@pytest.mark.parametrize("change", [{"active": "no"}, {"role": "leader"}])
async def test_the_operator_cannot_lock_out_themself(database: str, change: dict[str, str]) -> None:
    """Neither dismissed nor moved to another role by one's own hand."""
    async with desk(database) as it:
        operator = await it.signed_in("operator")
        own = {**ENTRY, "subject": "operator-office", "role": "operator", "unit": "", **change}
        answer = await it.post(operator, "/people", page="/people", **own)
        assert (answer.status_code, "not_yourself" in answer.text) == (422, True)


async def test_nobody_else_manages_people(database: str) -> None:
    """Every other role is refused the page and its forms, and is not shown the way."""
    async with desk(database) as it:
        for role, unit in (("office_director", None), ("district_lead", "deqing"), ("leader", None)):
            client = await it.signed_in(role, unit)
            assert "/people" not in (await client.get("/")).text
            assert (await client.get("/people")).status_code == 403
            answer = await it.post(client, "/people", **ENTRY)
            assert (answer.status_code, "not_authorised" in answer.text) == (403, True)
        assert await it.people.named("li.ming") is None


async def test_a_link_for_nobody_is_refused(database: str) -> None:
    """Unknown people and those who were dismissed get none."""
    async with desk(database) as it:
        await it.person("leader", active=False)
        operator = await it.signed_in("operator")
        for subject in ("stranger", "leader-office"):
            answer = await it.post(operator, "/people/invite", page="/people", subject=subject)
            assert (answer.status_code, "nobody" in answer.text) == (422, True)


async def test_the_trail_is_read_by_office_and_operator(database: str) -> None:
    """Filtered by person and act, page by page; a unit's people are refused."""
    async with desk(database) as it:
        office = await it.signed_in("office_director")
        for n in range(120):
            await it.pool.execute(
                "INSERT INTO desk.audit (at, subject, act, target) VALUES (now(), $1, 'acknowledge', $2)",
                "office_director-office", f"ticket {n}",
            )  # fmt: skip
        page = (await office.get("/audit?act=acknowledge")).text
        assert 'href="/tickets/119"' in page
        assert 'href="/tickets/19"' not in page
        older = re.search(r'href="(\?before=[^"]+)"', page)
        assert older
        assert 'href="/tickets/19"' in (await office.get("/audit" + older[1].replace("&amp;", "&"))).text
        assert 'href="/tickets/1' not in (await office.get("/audit?act=sign_in")).text
        assert (await office.get("/audit?before=nonsense")).status_code == 200
        assert (await (await it.signed_in("district_lead", "deqing")).get("/audit")).status_code == 403


async def test_an_act_leaves_its_line_before_it_is_asked(database: str) -> None:
    """What a service refused, and what was never answered, is in the trail too, with its code."""

    answers = iter(
        [
            httpx.Response(200, json={"fine": True}),
            httpx.Response(403, json={"code": "not_addressee", "detail": "no", "detail_zh": "否"}),
        ]
    )

    def answer(_: httpx.Request) -> httpx.Response:
        try:
            return next(answers)
        except StopIteration:
            raise httpx.ConnectError("away") from None

    async with desk(database, listed({})) as it:
        person = await it.person("leader")
        apis = Apis(it.settings, Minter(it.settings.key), httpx.MockTransport(answer))
        async with apis:
            api = Api(apis, person, Audit(it.pool, HandClock()), "10.0.0.1")
            assert await api.act("alerts", "/x", act="acknowledge", target="ticket 1", json={}) == {"fine": True}
            with pytest.raises(Problem):
                await api.act("alerts", "/x", act="acknowledge", target="ticket 2", json={})
            with pytest.raises(Unavailable):
                await api.act("alerts", "/x", act="acknowledge", target="ticket 3", json={})
        rows = await it.pool.fetch("SELECT target, outcome FROM desk.audit ORDER BY position")
    assert [tuple(row) for row in rows] == [("ticket 1", "done"), ("ticket 2", "not_addressee"), ("ticket 3", "asked")]

"""Objections to a light of record or a target (异议) on a real Postgres: raised, said, answered, read back."""

import asyncio
from typing import Any

import httpx

from tests.support.standings import INDICATOR, PROGRAMME
from tests.support.supervised import Supervised, authorised, items, supervised

AT = f"/v1/programmes/{PROGRAMME}"
LIGHT = {"about": "light", "which": "2023-06", "reason": "六月数据已于7月3日更正"}
TARGET = {"about": "target", "which": "2023", "reason": "目标未含新增项目"}


async def object_(alerts: Supervised, token: str = "deqing", district: str = "deqing", **said: Any) -> httpx.Response:
    path = f"{AT}/lights/{INDICATOR}/{district}/objections"
    return await alerts.public.post(path, json=said, headers=authorised(token))


async def answer(alerts: Supervised, objection: str, token: str = "office", **said: Any) -> httpx.Response:
    path = f"{AT}/objections/{objection}/answer"
    return await alerts.public.post(path, json=said, headers=authorised(token))


async def test_a_light_is_disputed_and_the_office_answers(database: str) -> None:
    """Deqing objects to June's red light, the office dismisses it: two messages, the second naming the first; ticket
    and light are as they were; the list says who, when, what, and before the answer that it waited."""
    async with supervised(database) as alerts:
        await alerts.june()
        before = await alerts.ticket("deqing"), (await alerts.get(f"{AT}/lights/{INDICATOR}/deqing")).json()
        raised = (await object_(alerts, **LIGHT)).json()
        alerts.set_clock(alerts.judging._clock.now().replace(day=7))
        answered = (await answer(alerts, raised["objection"], answer="dismissed", reason="更正在锁定之后")).json()
        assert (await alerts.ticket("deqing"), (await alerts.get(f"{AT}/lights/{INDICATOR}/deqing")).json()) == before
        first, second = (await alerts.get("/v1/feed?after=4")).json()["items"]
        then = items(await alerts.get(f"{AT}/objections?known_at=2023-07-06T12:00:00%2B08:00"))
        waiting = items(await alerts.get(f"{AT}/objections?state=open"))
        rest = items(await alerts.get(f"{AT}/objections?state=answered"))
    assert raised == {
        "objection": raised["objection"], "programme": PROGRAMME, "indicator": INDICATOR, "district": "deqing",
        **LIGHT, "unit": "deqing", "author": "deqing", "at": "2023-07-06T12:00:00+08:00", "answer": None,
        "answered_by": None, "answered_at": None, "answer_reason": None,
    }  # fmt: skip
    said = {"answer": "dismissed", "answered_by": "office", "answer_reason": "更正在锁定之后"}
    assert answered == {**raised, **said, "answered_at": "2023-07-07T12:00:00+08:00"}
    assert (waiting, rest, then) == ([], [answered], [raised])
    assert [each["kind"] for each in (first, second)] == ["objection", "objection"]
    assert (first["notification_reason"], second["notification_reason"]) == ("objected", "objection_dismissed")
    assert (first["severity"], first["reason_code"], first["period"]) == ("red", "light", "2023-06")
    assert second["references"] == [first["message_id"]]
    name = "重点(重大)项目完成投资额"
    assert first["annotations"]["summary_zh"] == (
        f"异议：德清县对德清县“{name}”2023年6月定格的红灯有异议：六月数据已于7月3日更正"
    )
    assert second["annotations"]["summary_zh"].endswith("的异议不成立：更正在锁定之后")


async def test_a_target_is_disputed_by_its_year(database: str) -> None:
    """The year names it; upheld says what has to follow as an act of its own."""
    async with supervised(database) as alerts:
        await alerts.june()
        raised = (await object_(alerts, **TARGET)).json()
        await answer(alerts, raised["objection"], answer="upheld", reason="将修改目录")
        *_, last = (await alerts.get("/v1/feed")).json()["items"]
    assert (last["notification_reason"], last["period"], last["as_of"]) == ("objection_upheld", "2023", "2023-12-31")
    assert "2023年目标的异议成立" in last["annotations"]["summary_zh"]
    assert last["annotations"]["next_step_zh"] == "更正数据、修改目录等由相应操作完成"


async def test_one_waits_at_a_time(database: str) -> None:
    """Two at the same moment, one more, one to something else; an answer once; then anew; the feed has no gap."""
    async with supervised(database) as alerts:
        await alerts.june()
        pair = await asyncio.gather(*(object_(alerts, **LIGHT) for _ in range(2)))
        assert sorted(each.status_code for each in pair) == [200, 409]
        raised = next(each.json() for each in pair if each.status_code == 200)
        assert (await object_(alerts, **{**LIGHT, "reason": "再提"})).json()["code"] == "already_objected"
        assert (await object_(alerts, **TARGET)).status_code == 200
        replies = await asyncio.gather(
            *(answer(alerts, raised["objection"], answer="upheld", reason="r") for _ in range(2))
        )
        assert sorted(each.status_code for each in replies) == [200, 409]
        assert (await object_(alerts, **LIGHT)).status_code == 200
        numbers = [each["seq"] for each in (await alerts.get("/v1/feed")).json()["items"]]
    assert numbers == list(range(1, len(numbers) + 1))


async def test_who_may_not_and_what_is_not_there(database: str) -> None:
    """Another unit, the office, a reader (403); no light of record yet, no target of that year (409), no period (422);
    no such series or objection (404); an answer by the unit itself (403): nothing is said."""
    async with supervised(database) as alerts:
        await alerts.june()
        for token, code in (("anji", "not_authorised"), ("office", "not_authorised"), ("reader", "not_authorised")):
            refused = await object_(alerts, token, **LIGHT)
            assert (refused.status_code, refused.json()["code"]) == (403, code)
        for said, code in (
            ({**LIGHT, "which": "2023-07"}, "nothing_to_object_to"),
            ({**TARGET, "which": "2022"}, "nothing_to_object_to"),
            ({**TARGET, "which": "2023-06"}, "invalid_objection"),
            ({**LIGHT, "which": "June"}, "invalid_objection"),
            ({**LIGHT, "reason": ""}, "invalid_objection"),
            ({"about": "weather", "which": "2023", "reason": "r"}, "invalid_objection"),
        ):
            refused = await object_(alerts, **said)
            assert refused.json()["code"] == code, said
            assert refused.status_code == (409 if code == "nothing_to_object_to" else 422)
        assert (await object_(alerts, district="nowhere", **LIGHT)).status_code == 404
        raised = (await object_(alerts, **LIGHT)).json()["objection"]
        assert (await answer(alerts, raised, "deqing", answer="upheld", reason="r")).status_code == 403
        for name in ("nonsense", "00000000-0000-4000-8000-000000000000"):
            assert (await answer(alerts, name, answer="upheld", reason="r")).status_code == 404
        assert len((await alerts.get("/v1/feed")).json()["items"]) == 5


async def withdraw(alerts: Supervised, objection: str, token: str = "deqing", **said: Any) -> httpx.Response:
    path = f"{AT}/objections/{objection}/withdraw"
    return await alerts.public.post(path, json=said, headers=authorised(token))


async def test_a_unit_takes_its_objection_back(database: str) -> None:
    """While nobody has answered: said once as a Cancel of the objection, read as it stood before and after; nobody
    else may, nobody answers it afterwards; a new one may be raised; what was answered is not taken back."""
    async with supervised(database) as alerts:
        await alerts.june()
        name = (await object_(alerts, **LIGHT)).json()["objection"]
        for token, code in (("anji", "not_authorised"), ("office", "not_authorised"), ("reader", "not_authorised")):
            refused = await withdraw(alerts, name, token, reason="r")
            assert (refused.status_code, refused.json()["code"]) == (403, code)
        assert (await withdraw(alerts, name)).json()["code"] == "invalid_objection"
        assert (await withdraw(alerts, "nonsense", reason="r")).status_code == 404
        alerts.set_clock(alerts.judging._clock.now().replace(day=7))
        pair = await asyncio.gather(*(withdraw(alerts, name, reason="已核对，无误") for _ in range(2)))
        assert sorted(each.status_code for each in pair) == [200, 409]
        then = items(await alerts.get(f"{AT}/objections?known_at=2023-07-06T12:00:00%2B08:00"))
        open_, ended = [items(await alerts.get(f"{AT}/objections?state={state}")) for state in ("open", "answered")]
        late = await answer(alerts, name, answer="upheld", reason="r")
        again = (await object_(alerts, **LIGHT)).json()["objection"]
        await answer(alerts, again, answer="dismissed", reason="r")
        answered = await withdraw(alerts, again, reason="r")
        *_, raised, withdrawn, _, _ = (await alerts.get("/v1/feed")).json()["items"]
    assert [each["answer"] for each in then] == [None]
    assert open_ == []
    said = {name: ended[0][name] for name in ("answer", "answered_by", "answered_at", "answer_reason")}
    assert said == {
        "answer": "withdrawn", "answered_by": "deqing", "answered_at": "2023-07-07T12:00:00+08:00",
        "answer_reason": "已核对，无误",
    }  # fmt: skip
    assert [late.json()["code"], answered.json()["code"]] == ["already_answered", "already_answered"]
    assert again != name
    assert (withdrawn["msg_type"], withdrawn["references"]) == ("Cancel", [raised["message_id"]])
    assert withdrawn["notification_reason"] == "objection_withdrawn"
    assert withdrawn["annotations"]["summary_zh"].startswith("撤回异议：德清县撤回对德清县")

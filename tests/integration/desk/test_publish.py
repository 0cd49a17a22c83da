"""通报 before stubbed services: a month by unit, the chosen cells through intake, its verdicts, the outcomes."""

import json
from typing import Any

import httpx

from tests.support.desk import Answers, desk, listed

INDICATOR = "major_projects_investment"
NAME = "重点(重大)项目完成投资额"


def cell(district: str, state: str, **more: Any) -> dict[str, Any]:
    said = {
        "indicator": INDICATOR, "district": district, "answers": district, "period": "2023-06", "state": state,
        "due_at": "2023-07-06T00:00:00+08:00", "locked": False, "conflict": False, "flags": [], "value": "30",
    }  # fmt: skip
    return {**said, **more}


CELLS = [
    cell("deqing", "received_on_time"),
    cell("anji", "received_late"),
    cell("changxing", "overdue", value=None),
    cell("wuxing", "received_on_time", locked=True),
    cell("nanxun", "received_on_time", locked=True),
]
ACT = {
    "indicator": INDICATOR, "district": "wuxing", "period": "2023-06", "actor": "office_director-office",
    "received_at": "2023-07-06T09:00:00+08:00", "publication": "六月快报", "act": "cell.published",
    "outcome": {"outcome": "applied", "code": None},
}  # fmt: skip
HELD = {"indicator": INDICATOR, "district": "nanxun", "period": "2023-06"}
LISTS = listed({"/cells": CELLS, "/held": [HELD], "/programmes/huzhou-2023-2027/acts": [ACT]})
DEQING, ANJI, CHANGXING = (f"{INDICATOR}/{district}/2023-06" for district in ("deqing", "anji", "changxing"))
WHERE = {"month": "2023-06", "frequency": "monthly"}
PAGE = "/publish/cells?month=2023-06&frequency=monthly&unit=deqing&unit=anji&unit=changxing&unit=wuxing&unit=nanxun"


def publishing(*statuses: str, recorded: int = 9) -> Answers:
    """Intake that says this of the acts in their order, and a recording that has come to `recorded` of them."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path == "/v1/acts":
            items = [
                {"status": each, "code": "not_authorised_for_act", "detail": "not yours", "detail_zh": "无权通报"}
                if each == "rejected"
                else {"status": each}
                for each in statuses
            ]
            return httpx.Response(207, json={"receipt": "0190-r", "items": items})
        if path == "/v1/receipts/0190-r":
            sent = [ACT | {"district": each, "outcome": "applied", "code": None} for each in ("deqing", "anji")]
            if not recorded:
                return httpx.Response(404, json={"code": "unknown_receipt", "detail": "", "detail_zh": ""})
            return {"receipt": "0190-r", "expected": 2, "items": sent[:recorded]}
        return LISTS(service, method, path, request)

    return answers


async def test_a_month_by_unit_and_cell(database: str) -> None:
    """Complete, late, overdue, held, published by whom: each in words, with a choice only where one is open; what has
    a value is ticked. Linked from the start page; only for who may."""
    async with desk(database, LISTS) as it:
        office, group = await it.signed_in("office_director"), await it.signed_in("function_group", "group_1")
        page, cells = (await office.get("/publish")).text, (await office.get(PAGE)).text
        none = (await office.get("/publish?month=2023-05&frequency=quarterly")).text
        english = (await office.get(PAGE + "&lang=en")).text
        refused = [await group.get(path) for path in ("/publish", PAGE, "/publish/0190-r")]
        linked = ['href="/publish"' in (await each.get("/")).text for each in (office, group)]
        forged = await it.post(group, "/publish", **WHERE, cell=DEQING, publication="6月通报")
    assert "2023-06：5 个单位共 5 项，可通报 3 项，其中已报 2 项" in page
    assert [f'name="unit" value="{unit}"' in page for unit in ("deqing", "changxing", "wuxing")] == [True, True, False]
    assert [f'value="{each}"' in cells for each in (DEQING, ANJI, CHANGXING)] == [True, True, True]
    assert cells.count('name="cell"') == 3
    assert cells.count(" checked") == 2
    for said in ("按时", "迟报", "逾期未报", "待审批", "已通报", "李明，2023-07-06 09:00", "六月快报"):
        assert said in cells, said
    assert "lock the ticked cells" in english
    assert "没有符合条件的报送单元" in none
    assert [each.status_code for each in (*refused, forged)] == [403, 403, 403, 403]
    assert linked == [True, False]


async def test_the_chosen_cells_are_published(database: str) -> None:
    """One request with an act a cell, a line of the trail each; the page then tells what recording says of each."""
    async with desk(database, publishing("accepted", "accepted")) as it:
        office = await it.signed_in("office_director")
        wish = WHERE | {"publication": "6月通报", "request": "r1", "unit": "deqing"}
        done = await it.post(office, "/publish", **wish, cell=[DEQING, ANJI])  # type: ignore[arg-type]
        after = (await office.get(done.headers["location"])).text
        rows = (await office.get("/publish/0190-r/rows?sent=3")).text
        [sent] = [json.loads(each.content) for each in it.asked if each.method == "POST"]
        trail = await it.pool.fetch("SELECT act, target, outcome, detail FROM desk.audit ORDER BY position")
    assert [(each["data"]["district"], each["data"]["publication"]) for each in sent] == [
        ("deqing", "6月通报"), ("anji", "6月通报"),
    ]  # fmt: skip
    assert done.headers["location"] == "/publish/0190-r?sent=2"
    assert "已提交 2 项，全部入库" in after
    assert after.count("已生效") == 2
    assert "outcomes.js" not in after
    assert "已提交 3 项，已入库 2 项" in rows
    assert [(row["act"], row["target"], row["outcome"], json.loads(row["detail"])) for row in trail] == [
        ("cell.published", each.replace("/", " "), "done", {"publication": "6月通报"}) for each in (DEQING, ANJI)
    ]


async def test_what_is_not_recorded_yet_is_not_said_to_be(database: str) -> None:
    """Before the first outcome: nothing listed, and the script asks again."""
    async with desk(database, publishing(recorded=0)) as it:
        page = (await (await it.signed_in("office_director")).get("/publish/0190-r?sent=2")).text
    assert "已提交 2 项，已入库 0 项" in page
    assert "已生效" not in page
    assert "outcomes.js" in page


async def test_what_intake_refuses_is_named(database: str) -> None:
    """One of two is not taken: beside its cell in words, still ticked; the other is followed by a link. The trail says
    of each what intake said of it."""
    async with desk(database, publishing("accepted", "rejected")) as it:
        office = await it.signed_in("office_director")
        wish = WHERE | {"publication": "6月<通报>", "request": "r1"}
        page = await it.post(office, "/publish", **wish, cell=[DEQING, ANJI], unit=["deqing", "anji"])  # type: ignore[arg-type]
        trail = await it.pool.fetch("SELECT target, outcome FROM desk.audit ORDER BY position")
    assert page.status_code == 422
    assert "已提交 1 项；1 项未被接收" in page.text
    assert 'href="/publish/0190-r?sent=1"' in page.text
    assert page.text.count("未被接收：无权通报") == 1
    assert 'value="6月&lt;通报&gt;"' in page.text
    assert [tuple(row) for row in trail] == [
        (DEQING.replace("/", " "), "done"), (ANJI.replace("/", " "), "not_authorised_for_act"),
    ]  # fmt: skip


async def test_nothing_is_sent_that_was_not_chosen_or_named(database: str) -> None:
    """No cell, no name, a name too long: said in words; a broker that took nothing is said too, and stands in the
    trail."""

    def away(service: str, method: str, path: str, request: httpx.Request) -> Any:
        words = {"code": "broker_unavailable", "detail": "took nothing", "detail_zh": "没有一条入队"}
        return httpx.Response(503, json=words) if path == "/v1/acts" else LISTS(service, method, path, request)

    async with desk(database, away) as it:
        office = await it.signed_in("office_director")
        wish = WHERE | {"request": "r1", "unit": "deqing"}
        nothing = await it.post(office, "/publish", **wish, publication="6月通报", cell="nonsense")
        unnamed = await it.post(office, "/publish", **wish, publication=" ", cell=DEQING)
        long = await it.post(office, "/publish", **wish, publication="长" * 101, cell=DEQING)
        asked = [each for each in it.asked if each.method == "POST"]
        failed = await it.post(office, "/publish", **wish, publication="6月通报", cell=DEQING)
        trail = await it.pool.fetch("SELECT outcome FROM desk.audit")
    assert asked == []
    assert [each.status_code for each in (nothing, unnamed, long, failed)] == [422] * 4
    assert "请至少勾选一个单元" in nothing.text
    assert "请填写通报名称" in unnamed.text
    assert "请填写通报名称" in long.text
    assert "没有一条入队" in failed.text
    assert [row["outcome"] for row in trail] == ["broker_unavailable"]

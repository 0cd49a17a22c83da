"""报送日历 before stubbed services: units and series by state, the collective list, what waits behind the lock."""

import json
from typing import Any

import httpx
import pytest

from tests.support.desk import Answers, desk, listed

INDICATOR, DISTRICT = "major_projects_investment", "deqing"
NAME = "重点(重大)项目完成投资额"


def cell(district: str, state: str, **more: Any) -> dict[str, Any]:
    said = {
        "indicator": INDICATOR, "district": district, "answers": district, "department": "agri_rural_bureau",
        "period": "2023-06", "period_end": "2023-06-30", "due_at": "2023-07-06T00:00:00+08:00", "state": state,
        "locked": False, "unit": district,
    }  # fmt: skip
    return {**said, **more}


CELLS = [
    cell(DISTRICT, "overdue"),
    cell(DISTRICT, "received_late", period="2023-Q1", period_end="2023-03-31", locked=True),
    cell("anji", "due"),
    cell("wuxing", "never_reported", locked=True),
]
COUNTS = [
    {"unit": DISTRICT, "month": "2023-06", "state": "overdue", "locked": False, "cells": 3, "due_at": None},
    {"unit": DISTRICT, "month": "2023-06", "state": "received_on_time", "locked": False, "cells": 7, "due_at": None},
    {
        "unit": "construction_bureau",
        "month": "2023-07",
        "state": "not_due",
        "locked": False,
        "cells": 2,
        "due_at": None,
    },
]
HELD = {
    "indicator": INDICATOR, "name_zh": NAME, "name_en": "Investment", "district": DISTRICT, "answers": DISTRICT,
    "period": "2023-03", "value": "7", "unit": "CNY_100M", "reason": "漏报", "present_value": "6",
    "received_at": "2023-06-06T00:00:00+08:00", "source": "/deqing", "id": "r2",
}  # fmt: skip
LISTS = listed({"/cells": CELLS, "/calendar": COUNTS, "/held": [HELD]})


def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
    if path.endswith("/completeness"):
        counted = {"due": 10, "received": 9, "on_time": 8, "completeness": "0.9000", "timeliness": "0.8000"}
        return {"at": None, "districts": [{"district": DISTRICT, **counted}], "departments": []}
    return LISTS(service, method, path, request)


async def test_all_units_by_state(database: str) -> None:
    """The office sees every unit with its counts, signs named for screen readers, completeness and timeliness."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("office_director")).get("/calendar")).text
        asked = next(request for request in it.asked if request.url.path.endswith("/calendar"))
    assert dict(asked.url.params)["first"] == "2023-02-01"
    assert dict(asked.url.params)["last"] == "2023-07-31"
    for said in ("德清县", 'aria-label="逾期未报 3 项"', 'aria-label="按时报送 7 项"', "90.0%", "80.0%", "市建设局"):
        assert said in page, said
    assert page.index("逾期未报 3 项") < page.index("按时报送 7 项")
    assert 'href="/publish"' in page


async def test_a_clerk_opens_the_own_units(database: str) -> None:
    """A row a series with its period, state and lock in words; a link to all units and to the series."""
    async with desk(database, answers) as it:
        client = await it.signed_in("district_clerk", DISTRICT)
        page = (await client.get("/calendar")).text
        english = (await client.get("/calendar?lang=en")).text
    assert 'aria-label="2023-06：逾期未报，2023-07-05 到期"' in page
    assert 'aria-label="2023-Q1：迟报，2023-07-05 到期，已锁定"' in page
    assert f'href="/items/{INDICATOR}/{DISTRICT}"' in page
    assert 'href="/calendar?unit=all"' in page
    assert 'aria-label="2023-06: overdue, due 2023-07-05"' in english


async def test_a_unit_is_found_by_its_name(database: str) -> None:
    """Typed or picked, in either language; what may be several is offered, what is none is said, with all units."""
    async with desk(database, answers) as it:
        client = await it.signed_in("office_director")
        one = (await client.get("/calendar?unit=德清县")).text
        several, none = [(await client.get(f"/calendar?unit={typed}")).text for typed in ("德清", "月球")]
        asked = next(request for request in it.asked if request.url.path.endswith("/cells"))
    assert asked.url.params["unit"] == DISTRICT
    assert "报送日历 · 德清县" in one
    assert 'id="unit" name="unit" list="unit-names"' in one
    assert 'value="德清县">' in one
    assert "有几个单位名称含“德清”" in several
    assert f'unit={DISTRICT}">德清县</a>' in several
    assert "没有名称含“月球”的单位" in none


async def test_only_what_is_overdue(database: str) -> None:
    """The start page's link: rows with that state, a way back to all of them; none is said."""
    async with desk(database, answers) as it:
        client = await it.signed_in("district_clerk", DISTRICT)
        found = (await client.get("/calendar?state=overdue")).text
        none = (await client.get("/calendar?state=excused")).text
        strange = await client.get("/calendar?state=anything")
    assert "只列有“逾期未报”的行" in found
    assert NAME in found
    assert "没有符合条件的单元" in none
    assert strange.status_code == 200


async def test_the_collective_list(database: str) -> None:
    """Every unit that owes, with what and since when; what is locked is not asked for any more."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("office_director")).get("/calendar/list")).text
    assert "截至 2023-07-06，2 个单位共 2 项待报或逾期未报" in page
    assert f"<li>{NAME}（2023-06），2023-07-05到期" in page  # the heading names the county
    assert "吴兴区" not in page


LATE: dict[str, Any] = {
    "source": "/anji", "id": "late", "project": "anji_road", "name": {"zh": "安吉<公路>", "en": "Anji road"},
    "district": "anji", "department": "transport_bureau", "period": "2023-01", "revision": 0, "status": "under_way",
    "invested_total": "0.20", "reason": "漏报一期", "subject": "li", "unit": "anji",
    "received_at": "2023-06-05T00:00:00+08:00", "present_status": None, "present_invested_total": None,
}  # fmt: skip
TAKEN_BACK = LATE | {
    "status": None, "present_status": "suspended", "present_invested_total": "1.50", "project": "anji_bridge",
    "received_at": "2023-06-04T00:00:00+08:00",
}  # fmt: skip


async def test_what_waits_behind_the_lock(database: str) -> None:
    """The start page counts both kinds and leads here: the held report beside the present value, with its reason, and
    the projects' late reports beside what counts of the month, each with the way to its project's form."""
    lists = listed({"/held": [HELD], "/held-project-reports": [LATE, TAKEN_BACK]})
    async with desk(database, lists) as it:
        office = await it.signed_in("office_director")
        start = (await office.get("/")).text
        page = (await office.get("/calendar?held=true")).text
        leader = (await (await it.signed_in("leader")).get("/calendar?held=true")).text
    assert '待审批的锁定后报送 <span class="count">1</span>' in start
    assert '待审批的项目锁定后月报 <span class="count">2</span>' in start
    assert start.index('href="/projects/anji_bridge#rule"') < start.index(
        'href="/projects/anji_road#rule">安吉&lt;公路&gt;'
    )
    assert NAME in page
    assert "漏报" in page
    said = page.split('id="projects"')[1]
    assert [
        "漏报一期" in said,
        "在建 · 0.2 亿元" in said,
        "无月报" in said,
        "停工 · 1.5 亿元" in said,
        "撤回" in said,
    ] == [True] * 5
    assert 'href="/projects/anji_road#rule"' in said
    assert "#rule" not in leader


SENT = {"reason_code": "by_hand", "labels": {"addressee": "anji"}, "sent": "2023-07-06T09:30:00+08:00"}
BEFORE = {**SENT, "labels": {"addressee": DISTRICT}, "sent": "2023-07-05T09:30:00+08:00"}


def reminding(answer: Any) -> Answers:
    """Services with reminders of today and of yesterday, and what alerts says to one more."""

    def told(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path.endswith("/reminders"):
            return answer
        if path.endswith("/feed/newest"):
            since = request.url.params["sent_since"]
            return {"items": [each for each in (SENT, BEFORE) if str(each["sent"]) >= since], "next": None}
        return answers(service, method, path, request)

    return told


async def test_a_button_reminds_a_unit_of_what_it_owes(database: str) -> None:
    """For the office: a button where something is awaited, the hour where it was pressed today; the request names the
    wish; what came of it is said on the page it was pressed on. Clerks see none, and their form is refused."""
    told: dict[str, Any] = {"reminder": {"cells": [{}, {}, {}]}}
    async with desk(database, reminding(told)) as it:
        office, clerk = await it.signed_in("function_group", "group_1"), await it.signed_in("district_clerk", DISTRICT)
        page, listed = (await office.get("/calendar?unit=all")).text, (await office.get("/calendar/list")).text
        done = await it.post(office, "/calendar/remind", unit=DISTRICT, request="wish-0001", back="all")
        after = (await office.get(done.headers["location"])).text
        asked = next(request for request in it.asked if request.method == "POST")
        theirs = (await clerk.get("/calendar?unit=all")).text
        refused = await it.post(clerk, "/calendar/remind", unit=DISTRICT, request="wish-0001")
        trail = await it.pool.fetchrow("SELECT act, target, outcome FROM desk.audit WHERE act = 'remind'")
    assert 'aria-label="催报 德清县"' in page
    assert 'aria-label="催报 市建设局"' not in page
    assert "今天 09:30 已催报" in listed
    assert 'aria-label="催报 安吉县"' not in listed
    assert json.loads(asked.content) == {"unit": DISTRICT, "request": "wish-0001"}
    assert "已催报德清县：3 项。" in after
    assert trail is not None
    assert tuple(trail) == ("remind", f"unit {DISTRICT}", "done")
    assert "/calendar/remind" not in theirs
    assert refused.status_code == 403


@pytest.mark.parametrize("back", ["all", "unit", "list"])
async def test_a_refused_reminder_is_said_in_words(database: str, back: str) -> None:
    """The service's own words, on the page where the button was pressed."""
    words = {"code": "reminded_today", "detail_zh": "今天09:30已催报过德清县", "detail": "reminded today"}
    async with desk(database, reminding(httpx.Response(409, json=words))) as it:
        office = await it.signed_in("office_director")
        page = await it.post(office, "/calendar/remind", unit=DISTRICT, request="wish-0001", back=back)
    assert page.status_code == 409
    assert "今天09:30已催报过德清县" in page.text
    assert ("催报清单</h1>" in page.text) == (back == "list")


async def test_the_collective_list_is_a_file_too(database: str) -> None:
    """CSV with the mark by which Excel knows UTF-8: a row a cell, in words."""
    async with desk(database, answers) as it:
        found = await (await it.signed_in("office_director")).get("/calendar/list.csv")
    assert found.content.startswith("\ufeff".encode())
    assert 'filename="owed-2023-07-06.csv"' in found.headers["content-disposition"]
    assert found.text.removeprefix("\ufeff").splitlines() == [
        "单位,指标,区县,报告期,截止日期,状态",
        f"德清县,{NAME},德清县,2023-06,2023-07-05,逾期未报",
        f"安吉县,{NAME},安吉县,2023-06,2023-07-05,待报送",
    ]


def deciding(verdict: dict[str, Any]) -> Answers:
    """Services before which one report is held, and intake's verdict on an act."""

    def told(service: str, method: str, path: str, request: httpx.Request) -> Any:
        return {"items": [verdict]} if path == "/v1/acts" else answers(service, method, path, request)

    return told


HELD_PAGE = "/calendar?held=true"


async def test_the_office_approves_and_returns_what_is_held(database: str) -> None:
    """One form a report: the act names the report and its cell; the same click twice is one act; it says that it is
    sent. Others see the list without buttons, and their form is refused."""
    said = {name: str(HELD[name]) for name in ("indicator", "district", "period", "source", "id")} | {"request": "r"}
    async with desk(database, deciding({"status": "accepted"})) as it:
        office, group = await it.signed_in("office_deputy"), await it.signed_in("function_group", "group_1")
        page, theirs = (await office.get(HELD_PAGE)).text, (await group.get(HELD_PAGE)).text
        for _ in range(2):
            done = await it.post(office, "/calendar/held", **said, act="report.approved", reason="")
        await it.post(office, "/calendar/held", **said, act="report.returned", reason="缺佐证")
        after = (await office.get(done.headers["location"])).text
        refused = await it.post(group, "/calendar/held", **said, act="report.approved", reason="")
        nonsense = await it.post(office, "/calendar/held", **said, act="cell.published")
        sent = [json.loads(request.content) for request in it.asked if request.method == "POST"]
    assert page.count('action="/calendar/held"') == 1
    assert 'action="/calendar/held"' not in theirs
    assert "已提交：批准锁定后的报送" in after
    assert (refused.status_code, nonsense.status_code) == (403, 303)
    assert [each["data"]["act"] for each in sent] == ["report.approved", "report.approved", "report.returned"]
    assert sent[0]["id"] == sent[1]["id"] != sent[2]["id"]
    assert sent[2]["data"] == {
        "act": "report.returned", "programme": "huzhou-2023-2027", "indicator": INDICATOR, "district": DISTRICT,
        "period": "2023-03", "report": {"source": "/deqing", "id": "r2"}, "reason": "缺佐证",
    }  # fmt: skip


async def test_a_decision_that_is_not_taken_keeps_what_was_typed(database: str) -> None:
    """A return without a reason, a reason that is too long, a verdict of intake: in words, and nothing is lost."""
    said = {name: str(HELD[name]) for name in ("indicator", "district", "period", "source", "id")} | {"request": "r"}
    verdict = {
        "status": "failed",
        "code": "not_confirmed",
        "detail_zh": "未得到消息队列确认",
        "detail": "not confirmed",
    }
    async with desk(database, deciding(verdict)) as it:
        office = await it.signed_in("office_director")
        bare = await it.post(office, "/calendar/held", **said, act="report.returned", reason=" ")
        long = await it.post(office, "/calendar/held", **said, act="report.approved", reason="长" * 1001)
        failed = await it.post(office, "/calendar/held", **said, act="report.approved", reason="已核对台账")
        trail = await it.pool.fetch("SELECT act, outcome FROM desk.audit")
    assert [tuple(row) for row in trail] == [("report.approved", "not_confirmed")]  # and not that it was done
    assert (bare.status_code, long.status_code, failed.status_code) == (422, 422, 422)
    assert "退回须填写理由" in bare.text
    assert "理由过长" in long.text
    assert "未得到消息队列确认" in failed.text
    assert 'value="已核对台账"' in failed.text

"""The forms of a series' page that excuse a period and explain a report, before stubbed services."""

import json
import re
from typing import Any

import httpx

from tests.support.desk import desk, empty

INDICATOR, DISTRICT = "major_projects_investment", "deqing"
PAGE = f"/items/{INDICATOR}/{DISTRICT}"
CELL = {"period": "2023-06", "period_end": "2023-06-30", "due_at": "2023-07-06T00:00:00+08:00", "state": "overdue"}
CELLS = [
    {**CELL, "excused_until": None},
    {**CELL, "period": "2023-05", "period_end": "2023-05-31", "state": "excused", "excused_until": "2023-07-31"},
]
REPORT = {
    "source": "/deqing", "id": "r0", "period": "2023-04", "revision": 0, "value": "29", "value_in_unit": "29",
    "reason": None, "subject": "li", "department": DISTRICT, "received_at": "2023-05-03T10:00:00+08:00",
    "outcome": {"outcome": "applied", "flags": ["running_total_fell"]},
}  # fmt: skip
ACCEPTED = {"items": [{"index": 0, "status": "accepted"}]}
REFUSED = {
    "items": [{"index": 0, "status": "rejected", "code": "too_late", "detail": "over", "detail_zh": "截止日已过"}]
}


def answering(verdict: dict[str, Any]) -> Any:
    """Services with one overdue and one excused cell, a flagged report, and what intake says to an act."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if re.search("/lights/[^/]+/[^/]+$", path):
            light = {
                "light": "grey", "stale": False, "forecast": False, "override": None, "period": None, "since": None,
                "lag_text": {"zh": "", "en": ""},
            }  # fmt: skip
            return {"series": light, "cells": [], "derived": None}
        if path.endswith("/overrides"):
            return []
        found = {"/v1/acts": verdict} if service == "ingest" else {}
        lists = {"/cells": CELLS, "/reports": [REPORT]}
        found |= {end: {"items": items, "next": None} for end, items in lists.items() if service == "metrics"}
        return next((said for end, said in found.items() if path.endswith(end)), empty(service, method, path, request))

    return answers


async def test_the_office_excuses_a_period(database: str) -> None:
    """The overdue one is offered with its day, the excused one can be taken back; the act names cell, reason and last
    day, and the page says that it is sent."""
    async with desk(database, answering(ACCEPTED)) as it:
        office = await it.signed_in("office_director")
        page = (await office.get(PAGE)).text
        wish = {"act": "cell.excused", "period": "2023-06", "reason": "统计制度调整", "until": "2023-08-31"}
        done = await it.post(office, f"{PAGE}/cells", request="wish-1", **wish)
        after = (await office.get(done.headers["location"])).text
        sent = next(json.loads(each.content) for each in it.asked if each.method == "POST")
        trail = await it.pool.fetch("SELECT act, target, outcome FROM desk.audit")
    assert "2023-06（逾期未报，2023-07-05到期）" in page
    assert "2023-05 已免报，至 2023-07-31" in page
    assert "取消免报" in page
    assert sent["data"] == {
        "programme": "huzhou-2023-2027", "indicator": INDICATOR, "district": DISTRICT, **wish,
    }  # fmt: skip
    assert "已提交：免报（2023-06）" in after
    assert [tuple(row) for row in trail] == [("cell.excused", f"{INDICATOR} {DISTRICT} 2023-06", "done")]


async def test_a_clerk_explains_the_own_report(database: str) -> None:
    """The flag in words beside the form; an explanation is required; others are offered nothing, a clerk no excuse."""
    async with desk(database, answering(ACCEPTED)) as it:
        clerk, other = await it.signed_in("district_clerk", DISTRICT), await it.signed_in("district_clerk", "anji")
        page, theirs = (await clerk.get(PAGE)).text, (await other.get(PAGE)).text
        about = {"act": "flag.commented", "period": "2023-04", "source": "/deqing", "id": "r0"}
        empty_ = await it.post(clerk, f"{PAGE}/cells", request="wish-2", reason=" ", **about)
        done = await it.post(clerk, f"{PAGE}/cells", request="wish-2", reason="去年多报一户", **about)
        sent = [json.loads(each.content) for each in it.asked if each.method == "POST"]
    assert "2023-04 报送 29：累计数比上期减少" in page
    assert "免报至" not in page
    assert "提交说明" not in theirs
    assert (empty_.status_code, done.status_code) == (422, 303)
    assert [each["data"]["report"] for each in sent] == [{"source": "/deqing", "id": "r0"}]


async def test_the_office_worsens_a_light_that_never_had_a_ticket(database: str) -> None:
    """Rule 6.6 on the page of the series: to a worse colour alone, until the end of a day, and back; what is missing or
    refused is said with what was typed; a function group may not."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path.endswith("/overrides/end"):
            words = {"code": "not_overridden", "detail": "it is not", "detail_zh": "没有人工调灯"}
            return httpx.Response(409, json=words)
        found = answering(ACCEPTED)(service, method, path, request)
        return found | {"series": found["series"] | {"light": "yellow"}} if "series" in found else found

    async with desk(database, answers) as it:
        office, group = await it.signed_in("office_director"), await it.signed_in("function_group", "group_1")
        page, theirs = (await office.get(PAGE)).text, (await group.get(PAGE)).text
        wish = {"colour": "red", "reason": "现场<核查>", "until": "2023-07-31"}
        missing = await it.post(office, f"{PAGE}/override", **wish | {"until": ""})
        done = await it.post(office, f"{PAGE}/override", **wish)
        after = (await office.get(done.headers["location"])).text
        ended = await it.post(office, f"{PAGE}/override/end", reason="已核实")
        never = await it.post(group, f"{PAGE}/override", **wish)
        sent = [(each.url.path, json.loads(each.content)) for each in it.asked if each.method == "POST"]
    assert '<option value="red">' in page
    assert '<option value="yellow">' not in page
    assert "人工调灯" not in theirs
    assert "现场&lt;核查&gt;" in missing.text
    assert "没有人工调灯" in ended.text
    assert [each.status_code for each in (missing, done, ended, never)] == [422, 303, 409, 403]
    assert "已办理：人工调灯" in after
    at = f"/v1/programmes/huzhou-2023-2027/lights/{INDICATOR}/{DISTRICT}/overrides"
    assert sent == [(at, wish | {"until": "2023-08-01T00:00:00+08:00"}), (f"{at}/end", {"reason": "已核实"})]


async def test_what_intake_refuses_is_said_beside_the_form(database: str) -> None:
    """With what was typed; who may not say anything is refused before intake is asked."""
    async with desk(database, answering(REFUSED)) as it:
        office, leader = await it.signed_in("office_director"), await it.signed_in("leader")
        wish = {
            "act": "cell.excused",
            "period": "2023-06",
            "reason": "系统<故障>",
            "until": "2023-07-01",
            "request": "w",
        }
        refused = await it.post(office, f"{PAGE}/cells", **wish)
        strange = await it.post(office, f"{PAGE}/cells", act="cell.published", period="2023-06", request="w")
        never = await it.post(leader, f"{PAGE}/cells", **wish)
        asked = [each for each in it.asked if each.method == "POST"]
    assert "截止日已过" in refused.text
    assert "系统&lt;故障&gt;" in refused.text
    assert [each.status_code for each in (refused, strange, never)] == [422, 422, 403]
    assert len(asked) == 1

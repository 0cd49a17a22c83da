"""首页 before stubbed services: what waits for each role, in both languages, and how the frame looks."""

from typing import Any

import httpx

from tests.support.desk import desk, empty, listed

BUREAU, DISTRICT = "construction_bureau", "deqing"
TICKET: dict[str, Any] = {
    "ticket": "0190-1", "indicator": "major_projects_investment", "district": DISTRICT, "department": BUREAU,
    "addressee": DISTRICT, "state": "OPEN", "level": 2, "level_text": {"zh": "督办函", "en": "supervision letter"},
    "severity": "red", "suppressed": False, "timer_at": "2023-07-09T00:00:00+08:00", "closed_at": None,
    "next_step": {"zh": "7月9日前签收", "en": "sign for it by 9 July"},
}  # fmt: skip
CELL: dict[str, Any] = {
    "indicator": "major_projects_investment", "district": DISTRICT, "department": BUREAU, "answers": BUREAU,
    "period": "2023-06", "due_at": "2023-07-06T00:00:00+08:00", "state": "overdue",
}  # fmt: skip
LIGHTS = [
    {"light": "red", "indicator": "major_projects_investment", "district": DISTRICT, "department": BUREAU},
    {"light": "green", "indicator": "major_projects_investment", "district": "anji", "department": BUREAU},
    {"light": "red", "indicator": "no_more", "district": DISTRICT, "department": BUREAU},  # not counted
]
SERVICES = listed({"/tickets/pressing": [TICKET], "/cells": [CELL], "/overview/brief": LIGHTS})


async def test_a_district_lead_sees_the_ticket_to_sign_for(database: str) -> None:
    """The open ticket of the unit with its light, level, next step; the unit's own lights beside the whole."""
    async with desk(database, SERVICES) as it:
        page = (await (await it.signed_in("district_lead", DISTRICT)).get("/")).text
    assert "待签收的督办单" in page
    assert "7月9日前签收" in page
    assert 'aria-label="红灯"' in page
    assert "本单位" in page
    assert "待审批" not in page


async def test_who_may_not_answer_is_not_asked_to(database: str) -> None:
    """A clerk signs for tickets and answers none; while a ticket is suspended nothing is asked of anybody."""
    acked = TICKET | {"state": "ACKED"}
    async with desk(database, listed({"/tickets/pressing": [acked]})) as it:
        lead = (await (await it.signed_in("district_lead", DISTRICT)).get("/")).text
        clerk = (await (await it.signed_in("district_clerk", DISTRICT)).get("/")).text
    async with desk(database, listed({"/tickets/pressing": [acked | {"suppressed": True}]})) as it:
        suspended = (await (await it.signed_in("district_lead", DISTRICT)).get("/")).text
    assert "待反馈的督办单" in lead
    assert "待反馈的督办单" not in clerk
    assert "待反馈的督办单" not in suspended


async def test_a_flag_waits_for_who_reports(database: str) -> None:
    """Rule 2.11: what has to be explained, asked for by its flag, leads to the form; it is not called due, nor a late
    report that the office would have to let in."""
    flagged = CELL | {"state": "received_on_time", "locked": True}

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if "flag" in request.url.params:
            return {"items": [flagged], "next": None}
        return empty(service, method, path, request)

    async with desk(database, answers) as it:
        page = (await (await it.signed_in("department_clerk", BUREAU)).get("/")).text
        office = (await (await it.signed_in("office_director")).get("/")).text
    assert "待说明的数据" in page
    assert f'href="/items/major_projects_investment/{DISTRICT}#cells"' in page
    assert "到期" not in page
    assert "补报" not in page
    assert "待说明的数据" not in office


async def test_an_objection_waits_for_the_office(database: str) -> None:
    """For who may answer it, with a link to the series, where there never was a ticket, or to the ticket: counted as
    one, with a link to all of them; nobody else is told that it waits."""
    objection = {"objection": "0190-7", "indicator": "major_projects_investment", "district": DISTRICT, "state": "open"}
    objected = TICKET | {"objected": True, "state": "ANSWERED"}
    quiet = objected | {"ticket": "0190-2", "objected": False}
    async with desk(database, listed({"/objections": [objection], "/tickets/pressing": [objected, quiet]})) as it:
        office = (await (await it.signed_in("function_group", "group_1")).get("/")).text
        lead = (await (await it.signed_in("district_lead", DISTRICT)).get("/")).text
    assert "待答复的异议" in office
    assert '待答复的异议 <span class="count">2</span>' in office
    assert 'href="/tickets?objected=1"' in office
    assert f'href="/items/major_projects_investment/{DISTRICT}#objection-0190-7"' in office
    assert 'href="/tickets/0190-1"' in office
    assert 'href="/tickets/0190-2"' not in office
    assert "待答复的异议" not in lead


async def test_what_is_another_units_does_not_wait_for_one(database: str) -> None:
    """A department sees its overdue cell, due on the day that ended at its moment, and not the district's ticket."""
    async with desk(database, SERVICES) as it:
        page = (await (await it.signed_in("department_clerk", BUREAU)).get("/")).text
    assert "逾期未报" in page
    assert "2023-06" in page
    assert "2023-07-05 到期" in page
    assert f'href="/items/major_projects_investment/{DISTRICT}"' in page
    assert 'href="/upload"' in page
    assert "待签收" not in page


async def test_a_project_is_called_by_its_name(database: str) -> None:
    """A project's ticket has the project's id; its name is metrics'."""
    ticket = TICKET | {"rule": "project", "indicator": "p_01"}
    named = {"project": "p_01", "name": {"zh": "县级医院迁建", "en": "County hospital"}}
    async with desk(database, listed({"/tickets/pressing": [ticket], "/projects": [named]})) as it:
        page = (await (await it.signed_in("district_lead", DISTRICT)).get("/")).text
    assert "县级医院迁建" in page
    assert ">p_01<" not in page


async def test_the_services_are_asked_with_the_persons_pass(database: str) -> None:
    """Every question carries a signed pass of three parts; the page says when its data is not known."""
    async with desk(database, empty) as it:
        page = (await (await it.signed_in("leader")).get("/?lang=en")).text
        passes = [request.headers["authorization"] for request in it.asked]
    assert passes
    assert all(each.startswith("Bearer ey") and each.count(".") == 2 for each in passes)
    assert "Nothing waits for you just now." in page
    assert "The time of the data is not known just now" in page
    assert '<html lang="en">' in page


async def test_the_language_is_remembered(database: str) -> None:
    """?lang=en once, and the next page is English; Chinese is what a new browser gets."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        assert "您好" in (await client.get("/")).text
        await client.get("/?lang=en")
        assert "Good day" in (await client.get("/")).text


async def test_a_refusal_of_a_service_is_a_page(database: str) -> None:
    """403 of a service: its words, its code and the request's number on a page of the same status."""

    def refusing(service: str, method: str, path: str, request: httpx.Request) -> Any:
        said = {
            "code": "not_authorised",
            "detail_zh": "您无权在此进行“查看”操作",
            "detail": "you may not",
            "status": 403,
        }
        return httpx.Response(403, json=said)

    async with desk(database, refusing) as it:
        answer = await (await it.signed_in("leader")).get("/")
    assert answer.status_code == 403
    assert "您无权在此进行“查看”操作" in answer.text
    assert "代码 not_authorised" in answer.text
    assert answer.headers["x-request-id"] in answer.text


async def test_a_service_that_is_away_is_a_page_with_retry_after(database: str) -> None:
    """No connection: 503, when to try again, in words."""

    def away(service: str, method: str, path: str, request: httpx.Request) -> Any:
        raise httpx.ConnectError("away")

    async with desk(database, away) as it:
        answer = await (await it.signed_in("leader")).get("/")
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "请在 5 秒后重试" in answer.text


async def test_an_answer_that_is_no_problem_is_told_as_such(database: str) -> None:
    """A proxy's own 502 in HTML: a page with a stable code, not a defect."""
    async with desk(database, lambda *_: httpx.Response(500, text="<html>oops")) as it:
        answer = await (await it.signed_in("leader")).get("/")
    assert answer.status_code == 502
    assert "unexpected_answer" in answer.text


async def test_the_simulated_data_is_called_so(database: str) -> None:
    """The banner of the wall stands on the desk's pages too."""
    async with desk(database) as it:
        assert "演示数据" in (await (await it.signed_in("leader")).get("/")).text


async def test_an_address_that_does_not_exist_is_a_page(database: str) -> None:
    """404 in words; a program that asks for JSON gets the problem."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        page = await client.get("/nowhere")
        problem = await client.get("/nowhere", headers={"Accept": "application/json"})
    assert (page.status_code, problem.status_code) == (404, 404)
    assert "没有这个地址" in page.text
    assert (problem.json()["code"], problem.json()["detail"]) == ("not_found", "there is no such address")

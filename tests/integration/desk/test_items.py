"""指标 and 指标页 before stubbed services: whose come first, what one series' page says, how it goes back in time."""

import json
import re
from typing import Any, get_args

import httpx
import msgspec

from contracts.acts import ActKind, ActOutcomeKind
from tests.support.desk import Desk, desk, empty, listed
from tests.support.standings import standing

INDICATOR, DISTRICT = "major_projects_investment", "deqing"
PAGE = f"/items/{INDICATOR}/{DISTRICT}"
TICKET: dict[str, Any] = {
    "ticket": "0190-1", "indicator": INDICATOR, "district": DISTRICT, "department": "agri_rural_bureau", "level": 2,
    "rule": "lag",
    "level_text": {"zh": "督办函", "en": "supervision letter"}, "state": "OPEN",
    "opened_at": "2023-07-06T00:00:00+08:00",
    "next_step": {"zh": "7月9日前签收", "en": "sign for it by 9 July"},
}  # fmt: skip
JUNE: dict[str, Any] = msgspec.to_builtins(standing("2023-06", "44"))
JUNE["explanation"] = {"zh": "截至2023年6月底累计完成44亿元。", "en": "44 done by June."}
REPORTS: list[dict[str, Any]] = [
    {
        "period": "2023-06", "revision": number, "value": value, "value_in_unit": value, "reason": reason,
        "subject": "li", "department": DISTRICT, "received_at": f"2023-07-0{number + 3}T10:00:00+08:00",
        "outcome": {"outcome": outcome},
    }
    for number, value, reason, outcome in ((0, "440", None, "superseded"), (1, "44", "小数点<错>", "applied"))
]  # fmt: skip
ACTS: list[dict[str, Any]] = [
    {
        "period": "2023-06", "act": act, "actor": "leader-office", "reason": None,
        "received_at": f"2023-07-0{number + 1}T10:00:00+08:00",
        "publication": None, "until": "2023-07-31" if act == "cell.excused" else None, "outcome": {"outcome": outcome},
    }
    for number, (act, outcome) in enumerate(zip(get_args(ActKind), (*get_args(ActOutcomeKind), "applied"), strict=True))
]  # fmt: skip
CELL: dict[str, Any] = {
    "period": "2023-06", "live": "green", "record": "red", "fixed_at": "2023-07-06T00:00:00+08:00", "caught_up": True,
}  # fmt: skip
RED_LINE = {"period": "2023-06", "kind": "red_line", "before": "red", "after": "red", "at": "2023-07-07T00:00:00+08:00"}
CHANGE = {"period": "2023-06", "kind": "record", "before": None, "after": "red", "at": "2023-07-06T00:00:00+08:00"}
WAITING: dict[str, Any] = {
    "objection": "0190-7", "indicator": INDICATOR, "district": DISTRICT, "about": "light", "which": "2023-06",
    "unit": DISTRICT, "author": "wang", "reason": "数据已<更正>", "at": "2023-07-07T09:00:00+08:00", "answer": None,
    "answered_by": None, "answered_at": None, "answer_reason": None,
}  # fmt: skip
ANSWERED = {
    **WAITING, "objection": "0190-6", "about": "target", "which": "2023", "answer": "dismissed",
    "answered_by": "zhang", "answered_at": "2023-07-08T09:00:00+08:00", "answer_reason": "目标由方案规定",
}  # fmt: skip
OVERRIDE: dict[str, Any] = {
    "colour": "red", "author": "wang", "at": "2023-07-06T09:00:00+08:00", "until": "2023-08-01T00:00:00+08:00",
    "reason": "现场核查",
}  # fmt: skip


def light(district: str, colour: str, **more: Any) -> dict[str, Any]:
    said = {
        "indicator": INDICATOR, "district": district, "department": "agri_rural_bureau", "light": colour,
        "stale": False, "forecast": False, "override": None, "override_until": None, "period": "2023-06",
        "since": CELL["fixed_at"],
        "lag": "12.5", "lag_text": {"zh": f"{district}落后12.5个百分点", "en": f"{district} 12.5 points behind"},
        "value": "44", "expected": "50", "target": "80", "ticket": None,
    }  # fmt: skip
    return {**said, **more}


GREY = light("wuxing", "grey", stale=True)


def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
    """One series with a correction, a light that was red, an override and a ticket; two series beside it."""
    lists: dict[str, list[dict[str, Any]]] = {
        "/standings/.*/history": [JUNE],
        "/standings/.*/reports": REPORTS,
        "/lights/.*/history": [CHANGE, RED_LINE],
        "/acts": ACTS,
        "/objections": [WAITING, ANSWERED],
        "/tickets": [TICKET] if request.url.params.get("state") in (None, "OPEN") else [],
        "/overview(/brief)?": [light("anji", "red"), light(DISTRICT, "green", ticket=TICKET), GREY],
    }
    if re.search("/lights/[^/]+/[^/]+$", path):
        return {"series": light(DISTRICT, "green"), "cells": [CELL], "derived": None}
    if path.endswith("/overrides"):
        return [OVERRIDE]
    if request.url.params.get("format"):
        return httpx.Response(200, text="source,id\n/a,1\n", headers={"content-type": "text/csv; charset=utf-8"})
    for pattern, items in lists.items():
        if re.search(pattern + "$", path):
            return {"items": items, "next": None}
    return empty(service, method, path, request)


def asked(it: Desk, ending: str) -> list[httpx.Request]:
    return [request for request in it.asked if request.url.path.endswith(ending)]


async def test_numbers_are_shown_as_people_read_them(database: str) -> None:
    """Rounded like the plan's own number, the exact one behind the pointer; what a unit sent is quoted as sent."""
    long_ = JUNE | {"value": "44.357", "expected": "40.003", "target": "80", "lag": "5.443"}
    derived = {"missing": [], "reported": "44.2", "value": "44.357", "difference": "-0.157"}

    def precise(service: str, method: str, path: str, request: httpx.Request) -> Any:
        found = answers(service, method, path, request)
        if re.search("/standings/.*/history$", path) and not request.url.params.get("format"):
            return {"items": [long_], "next": None}
        if re.search("/standings/.*/reports$", path):
            return {"items": [REPORTS[1] | {"value": "44.3570"}], "next": None}
        return found | {"derived": derived} if re.search("/lights/[^/]+/[^/]+$", path) else found

    async with desk(database, precise) as it:
        page = (await (await it.signed_in("leader")).get(PAGE)).text
    table = page.split('aria-labelledby="periods"')[1].split("</section>")[0]
    for exact, shown in (("44.357", "44.4"), ("40.003", "40"), ("5.443", "5.4")):
        assert f'<span title="{exact}">{shown}</span>' in table
    assert "44.3570" in table
    assert "牵头单位另报 44.2亿元（汇总数 44.4亿元，差 -0.2）。" in page
    assert 'title="牵头单位另报 44.2亿元（汇总数 44.357亿元，差 -0.157）。"' in page
    assert "最近一期44.4亿元，应达40亿元" in page


async def test_a_forecast_that_only_carries_a_fall_on_is_said_in_words(database: str) -> None:
    """On the wall the words stand for the number, which is behind them, exact; another forecast is a number."""
    foreseen = {"forecast": False, "trend": [], "due_at": None, "target": "80"}
    items = [
        light("deqing", "green", **foreseen, forecast_value="-27.60"),
        light("anji", "green", **foreseen, forecast_value="81.2"),
        light("wuxing", "green", **foreseen, forecast_value="9.5", value=None),
    ]  # fmt: skip

    async with desk(database, listed({"/overview/brief": items, "/overview": items})) as it:
        page = (await (await it.signed_in("leader")).get("/wall")).text
    rows = page.split('data-view="districts" aria')[1].split("<tbody>")[1].split("<tr")[1:4]
    told = {name: row for row in rows for name in ("deqing", "anji", "wuxing") if f"investment/{name}" in row}
    assert '<span class="mark" title="-27.6">累计数减少，推算不足为据</span> / 80' in told["deqing"]
    assert "81.2 / 80" in told["anji"]
    assert "9.5 / 80" in told["wuxing"]


async def test_the_persons_own_come_first(database: str) -> None:
    """Deqing's green stands above Anji's red for Deqing's lead, under its own caption; the ticket is a link."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("district_lead", DISTRICT)).get("/items")).text
    assert page.index("本单位 1 项") < page.index("deqing落后") < page.index("其他 2 项") < page.index("anji落后")
    assert 'href="/tickets/0190-1"' in page
    assert f'href="{PAGE}"' in page
    assert "数据陈旧" in page


async def test_filters_and_their_words_survive(database: str) -> None:
    """What was looked for stands in the form again, as text; nothing found is said; who has no unit has no "others"."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        found = (await client.get("/items", params={"light": "red", "lang": "en"})).text
        none = (await client.get("/items", params={"q": '"><b>'})).text
    assert "anji 12.5 points behind" in found
    assert "deqing 12.5" not in found
    assert '<option value="red" selected>' in found
    assert "Nothing fits these filters." in none
    assert "<caption>The furthest behind first</caption>" in found
    assert "Others:" not in found
    assert "<b>" not in re.sub(r"<b [^>]*>", "", none).split("<main")[1].split("</form>")[0]


async def test_one_series_in_full(database: str) -> None:
    """The sentence, the plan's words, who answers, both reports with what became of them, the lights, the ticket."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("leader")).get(PAGE)).text
    for said in (
        "截至2023年6月底累计完成44亿元。", "完成投资额800亿元", "完成投资80亿元", "填报单位", "德清县",
        "首报：440，2023-07-03 10:00 收到，已被更正取代",
        "第1次更正：44，2023-07-04 10:00 收到，已采用：小数点&lt;错&gt;",
        "2023-07-06 定格", "已补齐", "7月9日前签收", "由 wang 调为红灯", "落后（百分点",
    ):  # fmt: skip
        assert said in page, said
    drawn = re.search(r'<script type="application/json" id="chart-data">(.*?)</script>', page, re.S)
    assert drawn is not None
    assert json.loads(drawn[1])["values"] == [["2023-06-30", 44.0, "R1", "green", "2023-06"]]


async def test_acts_stand_in_words(database: str) -> None:
    """Every kind of act and every outcome in both languages, with the person's name; no code is left."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        page, english = (await client.get(PAGE)).text, (await client.get(f"{PAGE}?lang=en")).text
    assert "批准锁定后的报送：2023-07-01 10:00，已生效 · 李明" in page
    assert "免报：2023-07-03 10:00，重复 · 李明 · 至 2023-07-31" in page
    assert "held report returned: 2023-07-02 10:00, nothing was left to do" in english
    assert "红线" in page
    for said in (page, english):
        assert not [code for code in get_args(ActKind) if code in said]


OBJECT, ANSWER = f'action="{PAGE}/objections"', f'action="{PAGE}/objections/answer"'


async def test_objections_stand_on_the_page_with_the_forms_of_who_may(database: str) -> None:
    """What was said and answered, for all to read; the unit's lead is offered what does not wait already, the office an
    answer to what does; a clerk, another unit and a leader are offered neither, nor is anybody in the past."""
    async with desk(database, answers) as it:
        lead, office = await it.signed_in("district_lead", DISTRICT), await it.signed_in("function_group", "group_1")
        theirs = [("district_lead", "anji"), ("district_clerk", DISTRICT), ("leader", None)]
        page, answering = (await lead.get(PAGE)).text, (await office.get(PAGE)).text
        others = [(await (await it.signed_in(*each)).get(PAGE)).text for each in theirs]
        past = [(await client.get(f"{PAGE}?known_at=2023-07-09")).text for client in (lead, office)]
    for said in (
        "对 2023-06 定格灯的异议",
        "数据已&lt;更正&gt;",
        "异议待答复",
        "对 2023 年目标的异议",
        "目标由方案规定",
    ):
        assert all(said in each for each in (page, answering, *others)), said
    assert OBJECT in page
    assert 'value="light:2023-06"' not in page  # it waits
    assert 'value="target:2023"' in page
    assert ANSWER not in page
    assert answering.count(ANSWER) == 1
    assert not any(form in each for each in (*others, *past) for form in (OBJECT, ANSWER))
    assert OBJECT not in answering


async def test_an_objection_and_its_answer_go_to_the_service(database: str) -> None:
    """With the person's authority, into the trail, back to the page; a refusal is a sentence there with what was typed;
    who may not is refused; without a reason nothing is sent."""
    refusing = False

    def told(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if method != "POST":
            return answers(service, method, path, request)
        words = {"code": "already_objected", "detail_zh": "对此已有异议待答复", "detail": "waits"}
        return httpx.Response(409, json=words) if refusing else WAITING

    said, reply = {"subject": "target:2023", "reason": "未含新增项目"}, {"objection": "0190-7", "reason": "不成立"}
    async with desk(database, told) as it:
        lead, office = await it.signed_in("district_lead", DISTRICT), await it.signed_in("office_director")
        done = await it.post(lead, f"{PAGE}/objections", PAGE, **said)
        page = (await lead.get(done.headers["location"])).text
        await it.post(office, f"{PAGE}/objections/answer", PAGE, **reply, answer="dismissed")
        await it.post(lead, f"{PAGE}/objections/withdraw", PAGE, objection="0190-7", reason="已核对")
        sent = [(r.url.path, json.loads(r.content)) for r in it.asked if r.method == "POST"]
        empty_ = await it.post(lead, f"{PAGE}/objections", PAGE, subject="target:2023", reason=" ")
        wrong = await it.post(await it.signed_in("leader"), f"{PAGE}/objections", PAGE, **said)
        trail = [row["act"] for row in await it.pool.fetch("SELECT act FROM desk.audit ORDER BY position")]
        refusing = True
        refused = await it.post(lead, f"{PAGE}/objections", PAGE, **said)
    at = "/v1/programmes/huzhou-2023-2027"
    assert sent == [
        (
            f"{at}/lights/{INDICATOR}/{DISTRICT}/objections",
            {"about": "target", "which": "2023", "reason": "未含新增项目"},
        ),
        (f"{at}/objections/0190-7/answer", {"answer": "dismissed", "reason": "不成立"}),
        (f"{at}/objections/0190-7/withdraw", {"reason": "已核对"}),
    ]
    assert "异议已提出，待专班办公室答复" in page
    assert (empty_.status_code, wrong.status_code, refused.status_code) == (422, 403, 409)
    assert "请填写此项" in empty_.text
    assert trail == ["object", "objection_dismissed", "objection_withdrawn"]
    assert "对此已有异议待答复" in refused.text
    assert "未含新增项目</textarea>" in refused.text
    assert '<option value="target:2023" selected>' in refused.text


async def test_the_page_as_it_was(database: str) -> None:
    """Both dates go to every list; an override made later is left out; the page says that it is the past."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        page = (await client.get(PAGE, params={"as_of": "2023-06-30", "known_at": "2023-07-05"})).text
        for ending in ("/history", "/reports", f"/{DISTRICT}"):
            for request in asked(it, ending):
                assert request.url.params["as_of"] == "2023-06-30"
                assert request.url.params["known_at"] == "2023-07-05T23:59:59.999999+08:00"
    assert "您看到的是历史情况：截至 2023-06-30；以 2023-07-05 24时已知的数据" in page
    assert "由 wang 调为红灯" not in page
    assert "reports.csv?as_of=2023-06-30&amp;known_at=2023-07-05" in page


async def test_one_date_alone(database: str) -> None:
    """The form leaves the other field empty: it is left out of the questions and of the sentence."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        known = (await client.get(PAGE, params={"as_of": "", "known_at": "2023-07-05"})).text
        assert all("as_of" not in request.url.params for request in it.asked)
        dated = (await client.get(PAGE, params={"as_of": "2023-06-30", "known_at": ""})).text
    assert "您看到的是历史情况；以 2023-07-05 24时已知的数据，不是现在" in known
    assert "您看到的是历史情况：截至 2023-06-30，不是现在" in dated


async def test_a_series_without_data(database: str) -> None:
    """Everything the plan says is there; that there is no value is said, in English too."""

    def nothing(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if re.search("/lights/[^/]+/[^/]+$", path):
            blank = {"period": None, "value": None, "lag": None, "since": None, "lag_text": {"zh": "", "en": ""}}
            return {"series": light(DISTRICT, "grey", **blank), "cells": [], "derived": None}
        return [] if path.endswith("/overrides") else empty(service, method, path, request)

    async with desk(database, nothing) as it:
        client = await it.signed_in("leader")
        page = (await client.get(PAGE)).text
        english = (await client.get(PAGE + "?lang=en")).text
    assert "尚无有效数据" in page
    assert "完成投资额800亿元" in page
    assert "Nothing was reported yet." in english


async def test_what_lies_behind_it_is_taken_home(database: str) -> None:
    """The service's own file under a telling name, asked with the person's pass and the page's dates."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        answer = await client.get(f"{PAGE}/reports.csv?known_at=2023-07-05")
        assert (answer.status_code, answer.text) == (200, "source,id\n/a,1\n")
        assert answer.headers["content-disposition"] == f'attachment; filename="{INDICATOR}-{DISTRICT}-reports.csv"'
        (request,) = asked(it, "/reports")
        assert request.url.params["known_at"] == "2023-07-05T23:59:59.999999+08:00"
        assert (await client.get(f"{PAGE}/acts.ndjson?as_of=2023-07-05")).status_code == 200
        assert asked(it, "/acts")[-1].url.params["indicator"] == INDICATOR
        assert (await client.get(f"{PAGE}/secrets.csv")).status_code == 404
        assert (await client.get(f"{PAGE}/reports.exe")).status_code == 404


async def test_a_series_that_is_none(database: str) -> None:
    """404 in words, and no service is asked."""
    async with desk(database, answers) as it:
        client = await it.signed_in("leader")
        for path in ("/items/nothing/deqing", f"/items/{INDICATOR}/nowhere"):
            answer = await client.get(path)
            assert answer.status_code == 404
            assert "没有这个指标序列" in answer.text
        assert it.asked == []

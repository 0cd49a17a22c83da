"""重大项目 and 重大项目页 before stubbed services: which come first, what a project's page says, what forms send."""

import json
import re
from typing import Any

import httpx
import msgspec

from contracts.project_words import explanation, lag_text
from contracts.projects import Problem
from tests.support.desk import Desk, desk, empty
from tests.support.desk import listed as served
from tests.support.projects import PROJECT_ID, ROLLING, contacted, listed, progress, standing
from tests.support.recorded import at

PAGE = f"/projects/{PROJECT_ID}"
LAND = Problem(id="land", text="征地<未>完成", factor="land", owner="deqing", due=at("2023-05-31").date())
SAID = (
    listed(),
    contacted(),
    progress("2023-03", {"permit": "2023-03-20"}, invested_total="1.5"),
    progress("2023-06", invested_total="2.4", problems=(LAND,)),
)
STANDING = standing(*SAID)
JUNE = STANDING.months[-1]
STATEMENTS = [
    {
        "source": each.source, "id": each.id, "receipt": each.receipt, "type": type(each).__name__,
        "period": getattr(each.said, "period", None), "revision": getattr(each.said, "revision", 0),
        "subject": each.subject, "department": each.department, "received_at": each.received_at.isoformat(),
        "version": 1, "outcome": "applied", "code": None, "decided_at": each.received_at.isoformat(),
        "said": msgspec.to_builtins(each.said),
    }
    for each in SAID
]  # fmt: skip
HELD = STATEMENTS[-1] | {"id": "late", "period": "2023-05", "outcome": "held_for_approval"}
PROBLEM: dict[str, Any] = msgspec.to_builtins(LAND) | {
    "programme": "huzhou-2023-2027", "project": PROJECT_ID, "problem": "land", "overdue": True, "raised_in": "2023-06",
    "solved_in": None, "factor_text": {"zh": "用地", "en": "land"}, "district": "deqing",
}  # fmt: skip
LINE = {
    "programme": "huzhou-2023-2027", "kind": "project", "name": PROJECT_ID, "district": "deqing",
    "red_line": "cultivated_land", "episode": 1, "version": 1, "state": "open", "text": "占用耕地",
    "evidence": ["卫片图斑 12"], "raised_by": "li", "raised_on": "2023-06-20", "raised_at": "2023-06-20T10:00:00+08:00",
    "repeated": 0, "closed_by": None, "closed_at": None, "reason": None,
}  # fmt: skip


def view(project: str = PROJECT_ID, **more: Any) -> dict[str, Any]:
    """A project as metrics lists it."""
    said = {
        "programme": "huzhou-2023-2027", "project": project, "name": {"zh": f"项目{project}", "en": project},
        "district": "deqing", "department": "health_commission", "contact": {"name": "张某", "role": "副市长"},
        "lists": [ROLLING], "state": "under_way", "period": "2023-06", "lag_days": 0, "unstarted_months": 0,
        "lag_text": msgspec.to_builtins(lag_text(STANDING, JUNE)), "done": "30", "due": "60", "invest_total": "12",
        "explanation": msgspec.to_builtins(explanation(STANDING, JUNE)), "invested_total": "2.40",
        "problems_open": 1, "problems_overdue": 1, "red_lines": [], "feeds": [], "invented": True,
    }  # fmt: skip
    return said | more


def shown(project: str, colour: str, **more: Any) -> dict[str, Any]:
    """Its light as alerts lists it."""
    said = {"project": project, "shown": colour, "light": colour, "stale": False, "marked": False, "red_lines": 0}
    return said | {"period": "2023-06", "since": "2023-07-06T00:00:00+08:00"} | more


LIST = [view(), view("behind", lag_days=37, district="anji"), view("over", state="completed", department="x")]
LIGHTS = [shown(PROJECT_ID, "green"), shown("behind", "red"), shown("over", "red")]
MONTH = {"period": "2023-06", "live": "yellow", "record": "red", "lag_days": 0, "unstarted_months": 0}
CHANGE = {"period": "2023-06", "kind": "record", "before": None, "after": "red", "at": "2023-07-06T00:00:00+08:00"}
TICKET = {
    "ticket": "0190-1", "indicator": PROJECT_ID, "district": "deqing", "rule": "project", "level": 2, "state": "OPEN",
    "level_text": {"zh": "督办函", "en": "letter"}, "opened_at": "2023-07-06T00:00:00+08:00",
    "next_step": {"zh": "7月9日前签收", "en": "sign"},
}  # fmt: skip


def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
    """Three projects, the page of one of them, and an intake that takes what it is told."""
    if path == "/v1/projects":
        verdict = {"status": "accepted", "detail": "", "detail_zh": ""}
        if json.loads(request.content)["data"].get("text") == "refuse me":
            verdict = {"status": "rejected", "code": "too_long", "detail": "no", "detail_zh": "不行"}
        return {"receipt": "0ABC", "items": [verdict]}
    if path == "/v1/project-receipts/0ABC":
        return {"items": [{"outcome": "refused", "code": "not_authorised_for_project"}]}
    if request.url.params.get("format"):
        return httpx.Response(200, text="project\n", headers={"content-type": "text/csv; charset=utf-8"})
    if path.endswith(f"/projects/{PROJECT_ID}"):
        return {
            "project": view(), "standing": msgspec.to_builtins(STANDING), "problems": [PROBLEM], "red_lines": [LINE],
            "statements": [*STATEMENTS, HELD],
        }  # fmt: skip
    if path.endswith(f"/project-lights/{PROJECT_ID}"):
        light = shown(PROJECT_ID, "red", light="yellow", red_lines=1)
        return {"project": light, "months": [MONTH, MONTH | {"period": "2023-07"}], "changes": [CHANGE]}
    if path.endswith("/project-lists"):
        return {"lists": [_figures()], "feeds": []}
    if path.endswith("/problems"):
        return {
            "items": [],
            "factors": [{"factor": "land", "text": {"zh": "用地", "en": "land"}, "open": 7, "overdue": 3}],
        }
    lists = {"/projects": LIST, "/project-lights": LIGHTS, "/tickets": [TICKET]}
    found = next((items for ending, items in lists.items() if path.endswith(ending)), None)
    return empty(service, method, path, request) if found is None else {"items": found, "next": None}


def _figures() -> dict[str, Any]:
    name = {"zh": "滚动清单", "en": "rolling list"}
    return {
        "list": ROLLING, "name": name, "planned_projects": 80, "advanced": 31, "completed": 2, "left": 1,
        "planned_investment": "800", "invested": "45.5",
    }  # fmt: skip


async def test_the_worst_come_first_and_what_is_over_last(database: str) -> None:
    """Red before green, a completed one last whatever its light; counts leave it out; filters keep to what is asked."""
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("leader")
        page = (await client.get("/projects")).text
        anji = (await client.get("/projects", params={"district": "anji", "light": "red", "state": "under_way"})).text
        none = (await client.get("/projects", params={"department": "nobody", "lang": "en"})).text
        csv = await client.get("/projects.csv")
    assert page.index('href="/projects/behind"') < page.index(f'href="{PAGE}"') < page.index('href="/projects/over"')
    assert '<option value="red">红灯 (1)</option>' in page
    assert "演示虚构" in page
    assert "31／80" in page
    assert "45.5／800" in page
    assert "用地" in page
    assert f'href="{PAGE}"' not in anji
    assert 'href="/projects/behind"' in anji
    assert "Nothing fits these filters." in none
    assert csv.headers["content-disposition"] == 'attachment; filename="projects.csv"'


async def test_a_project_says_everything(database: str) -> None:
    """The sentence with its numbers, contact, nodes, problems, red line, log, list act, lights, ticket, downloads."""
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("leader")
        page = (await client.get(PAGE)).text
        english = (await client.get(PAGE, params={"lang": "en"})).text
        raw = await client.get(f"{PAGE}/raw/versions.ndjson")
        unknown = [await client.get(path) for path in (f"{PAGE}/raw/x", "/projects/Nobody!")]
    for words in (
        "截至2023年6月30日，按计划应完成节点60分（共100分），实际完成30分；按计划推进",
        "累计完成投资2.4亿元，计划总投资12亿元（20%），其中本年2.4亿元，本年计划4亿元",
        "演示用虚构项目", "触碰红线 1 条未销号：无论进度如何显示红灯；按进度为黄灯。", "<strong>张某</strong> 副市长",
        "征地&lt;未&gt;完成", "耕地红线", "卫片图斑 12", "现场调研", "2023-01-10 列入", "2023-03-20", "主体封顶",
        'href="/tickets/0190-1"', "2023-07", "无月报",
    ):  # fmt: skip
        assert words in page, words
    assert "nodes worth 60 of 100 points were due and 30 are done; on schedule" in english
    assert raw.status_code == 200
    assert [each.status_code for each in unknown] == [404, 404]


async def test_the_past_is_asked_for_and_nothing_can_be_said_in_it(database: str) -> None:
    """Both dates go to both services; what came after the day is not drawn; there are no forms."""
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("office_director")
        page = (await client.get(PAGE, params={"as_of": "2023-04-30", "known_at": "2023-07-01"})).text
    for ending in (f"/projects/{PROJECT_ID}", f"/project-lights/{PROJECT_ID}"):
        [asked] = [each for each in it.asked if each.url.path.endswith(ending)]
        assert (asked.url.params["as_of"], asked.url.params["known_at"][:10]) == ("2023-04-30", "2023-07-01")
    assert "您看到的是历史情况" in page
    assert "现场调研" not in page.split('id="log"')[1].split("</section>")[0]
    assert f'action="{PAGE}/' not in page


async def test_a_month_is_corrected_with_what_it_said_before(database: str) -> None:
    """June again: the next revision, the problem told before and solved now, the node done, a new problem beside it."""
    said = {
        "period": "2023-06", "status": "under_way", "invested_total": "2.6", "node.permit": "2023-03-20",
        "node.frame": "2023-06-28", "solved": "land", "problem_text": "资金未到位", "problem_factor": "funds",
        "problem_owner": "deqing", "problem_due": "2023-08-31", "reason": "漏报", "request": "r",
    }  # fmt: skip
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("district_clerk", "deqing")
        told = await it.post(client, f"{PAGE}/progress", **said)
        again = await it.post(client, f"{PAGE}/progress", **said)
        page = (await client.get(told.headers["location"])).text
        stranger = (await (await it.signed_in("district_lead", "anji")).get(PAGE)).text
        trail = await it.pool.fetch("SELECT act, target FROM desk.audit ORDER BY position")
    events = sent(it)
    assert told.headers["location"] == f"{PAGE}?sent=progress&receipt=0ABC"
    assert again.status_code == 303
    assert events[0]["id"] == events[1]["id"]
    data = events[0]["data"]
    assert (events[0]["type"], data["revision"], data["invested_total"]) == ("project.reported.v1", 1, "2.6")
    assert data["nodes"] == [{"id": "frame", "done_on": "2023-06-28"}]
    assert [(each["id"], each["state"]) for each in data["problems"]] == [
        ("land", "solved"),
        ("desk-2023-06-1", "open"),
    ]
    assert re.findall(f'action="{PAGE}/([a-z]+)"', page) == ["contact", "progress", "raise"]
    assert f'action="{PAGE}/' not in stranger
    assert "入库结果：未入库 · 本单位与该项目无关。" in page
    assert [tuple(each) for each in trail] == [("project.reported.v1", f"project {PROJECT_ID}")] * 2


async def test_what_is_missing_or_refused_is_said_and_kept(database: str) -> None:
    """Nothing is sent without what it needs; what intake refuses stands at its form with what was typed."""
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("office_director")
        empty_ = await it.post(client, f"{PAGE}/contact", on="2023-07-01", by="李某")
        none = sent(it)
        refused = await it.post(client, f"{PAGE}/contact", on="2023-07-01", by="李某", text="refuse me", agreed="下周")
        returned = await it.post(client, f"{PAGE}/rule", source="/test", id="late", decision="return")
        nothing = await it.post(client, f"{PAGE}/dance")
    assert (empty_.status_code, none) == (422, [])
    assert "请填写：情况。" in empty_.text
    assert (refused.status_code, "不行" in refused.text, "下周" in refused.text) == (422, True, True)
    assert "请填写：理由。" in returned.text
    assert nothing.status_code == 404


async def test_the_office_decides_and_acts_on_the_list(database: str) -> None:
    """Each form is the statement of its kind, with the evidence line by line."""
    forms: dict[str, dict[str, str]] = {
        "rule": {"source": "/test", "id": "late", "decision": "approve"},
        "list": {"act": "complete", "list": ROLLING, "on": "2023-07-01"},
        "raise": {"kind": "ecological_line", "text": "占用", "on": "2023-07-01", "evidence": "图斑 1\n\n照片"},
        "close": {"kind": "cultivated_land", "reason": "已复耕"},
    }
    async with desk(database, answers, now=at("2023-07-10")) as it:
        client = await it.signed_in("office_director")
        for act, said in forms.items():
            assert (await it.post(client, f"{PAGE}/{act}", **said)).status_code == 303
    of = {"programme": "huzhou-2023-2027", "project": PROJECT_ID}
    assert [(each["type"], each["data"]) for each in sent(it)] == [
        ("project.ruled.v1", of | {"report_source": "/test", "report_id": "late", "decision": "approve"}),
        ("project.listed.v1", of | forms["list"]),
        ("redline.raised.v1", of | {"district": "deqing", **forms["raise"], "evidence": ["图斑 1", "照片"]}),
        ("redline.closed.v1", of | {"district": "deqing", **forms["close"]}),
    ]


async def test_the_wall_names_the_worst_projects(database: str) -> None:
    """A view of its own, the worst first, ten and how many more: name, place, light by shape and letter, how far behind
    in words and days, hatched when stale; without a project there is no such view."""
    said = {
        "district": "deqing", "department": "health_commission", "contact": "张某", "contact_role": "副市长",
        "invented": True, "listed": True, "lag_days": 37,
        "lag_text": {"zh": "落后37天（主体<封顶>）", "en": "37 days behind"},
        "name": {"zh": "德清医院", "en": "Deqing hospital"},
    }  # fmt: skip
    lights = [shown(f"p_{n}", "green", **said | {"lag_days": 0}) for n in range(11)]
    lights += [shown("slow", "red", **said, stale=True), shown("gone", "red", **said | {"listed": False})]
    empty_ = shown("gone", "red", **said | {"listed": False})
    found = {"/project-lights": lights}
    async with desk(database, lambda *asked: served(found)(*asked), now=at("2023-07-10")) as it:
        client = await it.signed_in("leader")
        page = (await client.get("/wall")).text
        english = (await client.get("/wall?lang=en")).text
        found["/project-lights"] = [empty_]
        none = (await client.get("/wall")).text
    view = page.split('data-view="projects" aria')[1]
    rows = view.split("<tbody>")[1].split("</tbody>")[0].split("<tr")[1:]
    assert (len(rows), "另有 2 项未显示" in view, 'href="/projects"' in view) == (10, True, True)
    for words in (
        'class="stale"', 'aria-label="红灯"', 'href="#red"', 'href="/projects/slow">德清医院', "德清县", "37 天",
        "落后37天（主体&lt;封顶&gt;）", "数据陈旧", "演示虚构", "张某",
    ):  # fmt: skip
        assert words in rows[0], words
    assert "37 days behind" in english
    assert 'data-turn="projects"' in page
    assert "projects/gone" not in page
    assert 'data-view="projects"' not in none


def sent(it: Desk) -> list[dict[str, Any]]:
    """What intake was told."""
    return [json.loads(each.content) for each in it.asked if each.url.path == "/v1/projects"]

"""新增重大项目 and 调整计划 before stubbed services: what is typed, looked over, sent, and not taken."""

import re
from html import unescape
from typing import Any

import httpx
import msgspec

from tests.integration.desk.test_projects import PAGE, STANDING, answers, sent
from tests.support.desk import desk
from tests.support.projects import PROJECT_ID, ROLLING, listed
from tests.support.recorded import at

NEW, PLAN = "/projects/new-project", f"{PAGE}/plan"
NOW = at("2023-07-10")
TYPED = {
    "list": ROLLING, "name_zh": "安吉<水库>", "district": "anji", "department": "water_bureau", "reports": "department",
    "contact_name": "王某", "contact_role": "副市长", "starts_in": "2023-08", "on": "2023-07-01", "invest_total": "3.5",
    "node.0.zh": "开工", "node.0.weight": "40", "node.0.due": "2023-09-30",
    "node.2.zh": "竣工", "node.2.en": "completion", "node.2.weight": "60", "node.2.due": "2024-12-31",
    "year.0.year": "2023", "year.0.amount": "1.5", "year.1.year": "2024", "year.1.amount": "",
    "feeds.major_projects": "on",
}  # fmt: skip
DATA: dict[str, Any] = {
    "programme": "huzhou-2023-2027", "project": "anji_2023_01", "on": "2023-07-01", "act": "enter",
    "plan": {
        "name": {"zh": "安吉<水库>", "en": "安吉<水库>"}, "district": "anji", "department": "water_bureau",
        "contact": {"name": "王某", "role": "副市长"}, "starts_in": "2023-08",
        "nodes": [
            {"id": "node_1", "name": {"zh": "开工", "en": "开工"}, "weight": "40", "due": "2023-09-30"},
            {"id": "node_2", "name": {"zh": "竣工", "en": "completion"}, "weight": "60", "due": "2024-12-31"},
        ],
        "invest_total": "3.5", "invest_by_year": {"2023": "1.5"}, "invested_before": "0", "reports": "department",
        "feeds": ["major_projects"], "invented": False,
    },
    "list": ROLLING,
}  # fmt: skip


def typed_in(page: str) -> dict[str, str]:
    """What the form holds: inputs, choices and words, without the token."""
    form = page.split('class="planning"')[1].split("</form>")[0]
    found = {}
    for tag in re.findall(r"<input [^>]*>", form):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and (' type="checkbox"' not in tag or " checked" in tag):
            found[name[1]] = value[1] if value else "on"
    for name, options in re.findall(r'<select id="[^"]*" name="([^"]+)".*?>(.*?)</select>', form, re.S):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found |= dict(re.findall(r'<textarea id="[^"]*" name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    return {name: unescape(value) for name, value in found.items() if name != "csrf"}


async def test_a_project_is_entered_once_it_was_looked_over(database: str) -> None:
    """First the whole plan and intake's word on it, without a trace; the second press sends exactly that, once; an id
    is given where none was typed, empty rows are no milestones."""
    async with desk(database, answers, now=NOW) as it:
        client = await it.signed_in("office_director")
        assert f'href="{NEW}"' in (await client.get("/projects")).text
        shown = await it.post(client, NEW, **TYPED)
        trail = await it.pool.fetchval("SELECT count(*) FROM desk.audit WHERE act LIKE 'project%'")
        tried = it.asked[-2:]
        again = typed_in(shown.text)
        told = await it.post(client, NEW, **again)
        twice = await it.post(client, NEW, **again)
    assert (shown.status_code, trail) == (200, 0)
    assert [each.url.params.get("dry_run") for each in tried if each.url.path == "/v1/projects"] == ["true"]
    assert "将以编号 anji_2023_01 列入" in shown.text
    assert "安吉&lt;水库&gt;" in shown.text
    assert '<th scope="row">列入清单</th><td>县城承载能力提升领域重点项目(滚动推进)</td>' in shown.text
    assert "竣工，60 分，2024-12-31 应完成" in shown.text
    assert told.headers["location"] == "/projects?sent=enter&receipt=0ABC&project=anji_2023_01"
    events = sent(it)
    assert twice.status_code == 303
    assert [each["data"] for each in events] == [DATA] * 3
    assert len({each["id"] for each in events}) == 1


async def test_only_what_was_shown_is_sent(database: str) -> None:
    """Something else typed after the look: it is shown once more, nothing is sent."""
    async with desk(database, answers, now=NOW) as it:
        client = await it.signed_in("office_deputy")
        looked = typed_in((await it.post(client, NEW, **TYPED)).text)
        shown = await it.post(client, NEW, **looked | {"invest_total": "4"})
        trail = await it.pool.fetchval("SELECT count(*) FROM desk.audit WHERE act LIKE 'project%'")
    assert (shown.status_code, trail) == (200, 0)
    assert "4 亿元" in shown.text


async def test_each_wrong_field_is_answered_beside_it_and_nothing_typed_is_lost(database: str) -> None:
    """Every mistake of a form at once, in both languages, each tied to its field; more rows keep what is typed."""
    mistakes = {
        "name_zh": "", "district": "nowhere", "starts_in": "2023-13", "invest_total": "三亿", "on": "2023-02-30",
        "node.0.weight": "-1", "node.2.due": "", "year.1.year": "2023", "year.1.amount": "2", "project": "No Way",
        "contact_role": "x" * 3000,
    }  # fmt: skip
    async with desk(database, answers, now=NOW) as it:
        client = await it.signed_in("office_director")
        page = await it.post(client, NEW, **TYPED | mistakes)
        heavy = await it.post(client, NEW, **TYPED | {"node.2.weight": "50"})
        known = await it.post(client, NEW, **TYPED | {"project": "behind"})
        rows = await it.post(client, NEW, **TYPED | mistakes, step="rows")
        client.cookies.set("lang", "en")
        english = await it.post(client, NEW, **TYPED | {"node.2.weight": "50"})
    assert page.status_code == 422
    for name in ("name_zh", "district", "starts_in", "invest_total", "on", "node.0.weight", "node.2.due",
                 "year.1.year", "project", "contact_role"):  # fmt: skip
        assert f'aria-describedby="wrong-{name}"' in page.text, name
        assert f'id="wrong-{name}"' in page.text, name
    assert "有 10 处需要更正" in page.text
    held = typed_in(page.text)
    kept = TYPED | mistakes | {"district": ""}  # a choice that is none of the list
    assert {name: held.get(name) for name in kept} == kept | {"name_zh": "", "contact_role": "x" * 3000}
    assert "各节点分值合计应为 100，现为 90。" in heavy.text
    assert "The points have to add up to 100, they make 90." in english.text
    assert "已有项目使用此编号。" in known.text
    assert (rows.status_code, "node.6.zh" in typed_in(rows.text)) == (200, True)
    assert 'role="alert"' not in rows.text
    assert sent(it) == []


async def test_the_present_plan_is_filled_in_and_a_change_is_shown_before_it_is_sent(database: str) -> None:
    """The form as it comes says the plan in force; what differs stands old beside new; a reason is needed."""
    async with desk(database, answers, now=NOW) as it:
        client = await it.signed_in("office_director")
        assert f'href="{PLAN}"' in (await client.get(PAGE)).text
        form = typed_in((await client.get(PLAN)).text)
        same = await it.post(client, PLAN, **form | {"reason": "复核"})
        mute = await it.post(client, PLAN, **form | {"invest_total": "13"})
        change = {
            "invest_total": "13", "node.1.due": "2023-09-30", "node.2.zh": "", "node.2.en": "", "node.2.weight": "",
            "node.2.due": "", "node.3.zh": "验收", "node.3.weight": "40", "node.3.due": "2024-03-31", "reason": "增资",
        }  # fmt: skip
        shown = await it.post(client, PLAN, **form | change)
        told = await it.post(client, PLAN, **typed_in(shown.text))
        page = (await client.get(told.headers["location"])).text
        trail = await it.pool.fetch("SELECT act, target, outcome FROM desk.audit ORDER BY position")
    assert (form["name_zh"], form["node.1.id"], form["year.1.amount"]) == ("德清县人民医院迁建", "frame", "8")
    assert (same.status_code, "与该日现行计划没有不同" in same.text) == (422, True)
    assert 'id="wrong-reason"' in mute.text
    table = shown.text.split('class="changed"')[1].split("</table>")[0]
    assert re.findall(r"<td>(.*?)</td>", table)[:8] == [
        "12 亿元", "→ 13 亿元",
        "主体封顶，30 分，2023-06-30 应完成", "→ 主体封顶，30 分，2023-09-30 应完成",
        "（无）", "→ 验收，40 分，2024-03-31 应完成",
        "竣工验收，40 分，2023-12-31 应完成", "→ （取消）",
    ]  # fmt: skip
    data = sent(it)[-1]["data"]
    assert (data["act"], data["reason"], data["plan"]["invented"], "list" in data) == ("amend", "增资", True, False)
    assert [each["id"] for each in data["plan"]["nodes"]] == ["permit", "frame", "node_1"]
    assert told.headers["location"] == f"{PAGE}?sent=amend&receipt=0ABC"
    assert "“调整计划”已受理，入库结果：未入库 · 本单位与该项目无关。" in page
    assert [tuple(each) for each in trail] == [("project.listed.v1", f"project {PROJECT_ID}", "done")]


async def test_a_second_amendment_of_a_day_replaces_the_first(database: str) -> None:
    """The next revision; one that is true of an earlier day than the plan in force says how long it holds."""
    first = listed("amend", "2023-07-10", None, plan=STANDING.plan)
    said = {"type": "ProjectListed", "outcome": "applied", "said": msgspec.to_builtins(first.said)}
    planned = msgspec.to_builtins(STANDING.plans[0]) | {"on": "2023-07-10"}

    def amended(service: str, method: str, path: str, request: httpx.Request) -> Any:
        found = answers(service, method, path, request)
        if path.endswith(f"/projects/{PROJECT_ID}"):
            found["statements"] = [*found["statements"], said]
            found["standing"]["plans"] = [*found["standing"]["plans"], planned]
        return found

    async with desk(database, amended, now=NOW) as it:
        client = await it.signed_in("office_director")
        form = typed_in((await client.get(PLAN)).text) | {"invest_total": "13", "reason": "增资"}
        await it.post(client, PLAN, **form)
        earlier = await it.post(client, PLAN, **form | {"on": "2023-06-01"})
    assert [each["data"].get("revision", 0) for each in sent(it)] == [1, 0]
    assert "2023-07-10 另有调整：自该日起仍以其为准" in earlier.text


async def test_what_intake_does_not_take_stands_at_its_field(database: str) -> None:
    """At the look (a dry run) as when it is sent; the trail says what intake said; nobody else has the forms."""
    pointers = ["/data/plan/nodes/1/due", "/data/plan/invest_by_year/2023", "/data/plan/feeds", "/data"]

    def refusing(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path == "/v1/projects" and (pointers or not request.url.params.get("dry_run")):
            pointer = pointers.pop(0) if pointers else "/data/on"
            verdict = {"status": "rejected", "code": "wrong", "detail": "no", "detail_zh": "不行", "pointer": pointer}
            return {"receipt": None, "items": [verdict]}
        return answers(service, method, path, request)

    async with desk(database, refusing, now=NOW) as it:
        client = await it.signed_in("office_director")
        pages = [(await it.post(client, NEW, **TYPED)).text for _ in range(4)]
        looked = typed_in((await it.post(client, NEW, **TYPED)).text)
        refused = await it.post(client, NEW, **looked)
        trail = await it.pool.fetchval("SELECT outcome FROM desk.audit WHERE act = 'project.listed.v1'")
        others = [await (await it.signed_in(*who)).get(NEW) for who in (("leader",), ("district_lead", "deqing"))]
    for page, name in zip(pages, ("node.2.due", "year.0.amount", "feeds", ""), strict=True):
        assert f'<p class="wrong" id="wrong-{name}">不行</p>' in page
    assert (refused.status_code, 'id="wrong-on">不行' in refused.text, trail) == (422, True, "wrong")
    assert [each.status_code for each in others] == [403, 403]


async def test_what_became_of_a_new_project_is_said_on_the_list(database: str) -> None:
    """Waiting, then applied with the way to its page; refused, with why."""
    became: list[dict[str, Any]] = []

    def recording(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path == "/v1/project-receipts/0ABC":
            gone = {"code": "unknown_receipt", "detail": "", "detail_zh": "", "status": 404}
            return {"items": became} if became else httpx.Response(404, json=gone)
        return answers(service, method, path, request)

    async with desk(database, recording, now=NOW) as it:
        client = await it.signed_in("office_director")
        waiting = (await client.get("/projects?sent=enter&receipt=0ABC")).text
        became.append({"outcome": "applied", "code": None, "name": "anji_2023_01"})
        done = (await client.get("/projects?sent=enter&receipt=0ABC")).text
        became[0] = became[0] | {"outcome": "refused", "code": "already_on_list"}
        refused = (await client.get("/projects?sent=enter&receipt=0ABC")).text
    assert "data-following" in waiting
    assert "outcomes.js" in waiting
    assert 'href="/projects/anji_2023_01"' in done
    assert "outcomes.js" not in done
    assert "未入库 · 已在该清单。" in refused
    assert 'href="/projects/anji_2023_01"' not in refused

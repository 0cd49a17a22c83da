"""督办单 on the desk before a real alerts service: the list, one ticket, and every act with the actor's authority."""

import hashlib
import re
from base64 import b64encode
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

import httpx

from services.desk.attachments import MOST, MOST_FILES, Attachments, Draft
from services.desk.texts import told
from services.desk.ticket_forms import BY_NAME, LONGEST, body
from tests.support.desk import Desk, csrf_of, desk
from tests.support.standings import at, coloured
from tests.support.supervised import ANSWER, Supervised
from tests.support.supervised_desk import supervised_desk

ANSWERED = {name: value for name, value in ANSWER.items() if name != "act"}
PDF, PNG = b"%PDF-1.7 a plan", b"\x89PNG\r\n\x1a\n a picture"


async def act(it: Desk, client: httpx.AsyncClient, ticket: str, name: str, **said: str) -> httpx.Response:
    """Send a form of the ticket's page, and follow to the page that shows what came of it."""
    page = f"/tickets/{ticket}"
    answer = await it.post(client, f"{page}/{name}", page, **said)
    return await client.get(answer.headers["location"]) if answer.status_code == 303 else answer


def forms(page: str) -> set[str]:
    """The acts that a ticket's page offers."""
    return set(re.findall(r'action="/tickets/[0-9a-f-]{36}/(\w+)"', page))


async def the(alerts: Supervised, district: str) -> str:
    """The newest ticket of a district."""
    return str((await alerts.ticket(district))["ticket"])


async def test_a_ticket_lives_its_life_on_the_pages(database: str) -> None:
    """Signed, answered with cause, measures and date, suspended, resumed, escalated: each in the timeline, by name."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        lead, office = await it.signed_in("district_lead", "deqing"), await it.signed_in("office_director")
        assert "签收。" in (await act(it, lead, ticket, "ack")).text
        assert (await alerts.ticket("deqing"))["state"] == "ACKED"
        page = (await act(it, lead, ticket, "answer", **ANSWERED)).text
        assert "连续阴雨" in page
        assert "2023-08-31" in page
        deputy = await it.person("office_deputy")
        await act(it, office, ticket, "suppress", reason="汛期", approver=deputy.subject, until="2023-08-01")
        assert (await alerts.ticket("deqing"))["suppressed_until"] == "2023-08-02T00:00:00+08:00"
        assert forms((await office.get(f"/tickets/{ticket}")).text) == {"escalate", "unsuppress"}
        await act(it, office, ticket, "unsuppress", reason="汛期已过")
        page = (await act(it, office, ticket, "escalate", reason="进展迟缓")).text
        told = [each.act for each in await it_audit(it)]
    for said in ("批准人</dt><dd>李明", "汛期已过", "进展迟缓", "升级为约谈", "已是最高级别", "李明", "暂缓督办"):
        assert said in page
    assert told == ["escalate", "unsuppress", "suppress", "answer", "ack"]


async def test_who_approves_a_suspension_is_chosen_among_those_who_may(database: str) -> None:
    """Rule 8: the director and deputies who are active; another's name, or none, is refused in words and nothing typed
    is lost; a name that was typed before there was a choice is still shown."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket, office = await the(alerts, "deqing"), await it.signed_in("office_director")
        await it.person("office_deputy")
        await it.person("office_full_time_deputy", active=False)
        await it.person("leader")
        page = (await office.get(f"/tickets/{ticket}")).text
        offered = re.findall(r'<option value="([^"]+)">李明 ·', page)
        wish = {"reason": "汛期<停工>", "until": "2023-08-01"}
        refused = [
            await act(it, office, ticket, "suppress", approver=name, **wish)
            for name in ("leader-office", "office_full_time_deputy-office", "张主任", "")
        ]
        assert not (await alerts.ticket("deqing"))["suppressed"]
        await act(it, office, ticket, "suppress", approver="office_director-office", **wish)
        assert (await alerts.ticket("deqing"))["suppressed"]
        await alerts.pool.execute(
            "UPDATE alerts.ticket_event SET detail = jsonb_set(detail::jsonb, '{approver}', '\"张主任\"')::json"
            " WHERE event = 'suppress'"
        )
        old = (await office.get(f"/tickets/{ticket}")).text
    assert sorted(offered) == ["office_deputy-office", "office_director-office"]
    assert [each.status_code for each in refused] == [422] * 4
    assert all("批准人须是有权暂缓督办的人员" in each.text for each in refused[:3])
    assert all("汛期&lt;停工&gt;" in each.text for each in refused)
    assert "批准人</dt><dd>张主任" in old


async def it_audit(it: Desk) -> list[Any]:
    """The trail, newest first."""
    from services.desk.audit import Audit

    return await Audit(it.pool, None).lines(20)  # type: ignore[arg-type]  # reading asks no clock


async def test_each_sees_the_forms_that_authority_and_state_allow(database: str) -> None:
    """The addressee's clerk signs, its lead answers too, another district and a leader nothing, the office its own."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        page = f"/tickets/{await the(alerts, 'deqing')}"
        seen = {}
        for role, unit in (
            ("district_clerk", "deqing"), ("district_lead", "deqing"), ("district_lead", "anji"),
            ("leader", None), ("office_director", None), ("function_group", "group_1"),
        ):  # fmt: skip
            seen[role, unit] = forms((await (await it.signed_in(role, unit)).get(page)).text)
    assert seen["district_clerk", "deqing"] >= {"ack"}
    assert "answer" not in seen["district_clerk", "deqing"]
    assert seen["district_lead", "deqing"] == {"ack", "answer", "object"}
    assert seen["district_lead", "anji"] == seen["leader", None] == seen["function_group", "group_1"] == set()
    assert seen["office_director", None] == {"escalate", "suppress"}


async def test_a_refused_act_is_a_sentence_and_nothing_typed_is_lost(database: str) -> None:
    """A date that lies too far (422), what is missing, another's form (403): words, and what was typed."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        lead, other = await it.signed_in("district_lead", "deqing"), await it.signed_in("district_lead", "anji")
        far = await act(it, lead, ticket, "answer", **{**ANSWERED, "promised_on": "2024-08-31"})
        missing = await act(it, lead, ticket, "answer", cause="只写了原因", plan="", promised_on="8月底")
        stranger = await act(it, other, ticket, "answer", **ANSWERED)
        assert (await alerts.ticket("deqing"))["state"] == "OPEN"
    assert far.status_code == 422
    assert "承诺日期应在 2023-07-06 至 2023-10-31 之间" in far.text
    assert "增加两个班组</textarea>" in far.text
    assert missing.status_code == 422
    for said in ("只写了原因</textarea>", "请填写此项", "请填写日期", 'value="8月底"'):
        assert said in missing.text
    assert stranger.status_code == 403
    assert "您无权" in stranger.text
    assert '<blockquote class="typed">连续阴雨</blockquote>' in stranger.text


async def test_a_state_that_does_not_take_the_act_says_so(database: str) -> None:
    """Somebody else was faster: 409 in words on the page as it stands now."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        office = await it.signed_in("office_director")
        answer = await act(it, office, ticket, "review_refused", reason="数据存疑")
    assert answer.status_code == 409
    assert "督办单当前为“待签收”" in answer.text
    assert "数据存疑" in answer.text


async def test_a_unit_objects_and_the_office_answers(database: str) -> None:
    """The addressee's lead disputes the light: marked, said in the feed, in the timeline with name and reason; a second
    one is refused, and so is who is not the addressee; the office dismisses it, and then nothing waits any more."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        before = await alerts.ticket("deqing")
        lead, office = await it.signed_in("district_lead", "deqing"), await it.signed_in("office_director")
        other = await it.signed_in("district_lead", "anji")
        assert (await act(it, other, ticket, "object", about="light", reason="x")).status_code == 403
        page = (await act(it, lead, ticket, "object", about="target", reason="目标未含新增项目")).text
        assert "异议待答复" in page
        assert "目标未含新增项目" in page
        again = await act(it, lead, ticket, "object", about="light", reason="再提")
        assert again.status_code == 409
        assert "已有异议待答复" in again.text
        assert "objection_withdrawn" in forms(page)
        objected = (await office.get("/tickets?objected=1")).text
        assert (ticket in objected, "异议待答复" in objected) == (True, True)
        assert (await act(it, office, ticket, "objection_withdrawn", reason="x")).status_code == 403
        assert "撤回异议" in (await act(it, lead, ticket, "objection_withdrawn", reason="已核对")).text
        assert (await act(it, lead, ticket, "objection_withdrawn", reason="x")).status_code == 409
        await act(it, lead, ticket, "object", about="target", reason="目标未含新增项目")
        assert forms((await office.get(f"/tickets/{ticket}")).text) >= {"objection_upheld", "objection_dismissed"}
        page = (await act(it, office, ticket, "objection_dismissed", reason="目标含新增项目")).text
        assert "异议待答复" not in page
        assert "目标含新增项目" in page
        assert (await act(it, office, ticket, "objection_upheld", reason="x")).status_code == 409
        assert await alerts.ticket("deqing") == before
        said = [each["notification_reason"] for each in (await alerts.get("/v1/feed")).json()["items"]]
    assert said[-4:] == ["objected", "objection_withdrawn", "objected", "objection_dismissed"]


async def test_a_light_is_overridden_and_given_back(database: str) -> None:
    """Yellow to red with reason and end, drawn beside the computed one; then ended by hand."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "anji")
        office = await it.signed_in("office_director")
        page = (await act(it, office, ticket, "override", colour="red", reason="现场停工", until="2023-08-31")).text
        assert "人工调灯至 2023-08-31 24:00" in page
        assert (await alerts.ticket("anji"))["severity"] == "red"
        page = (await act(it, office, ticket, "end_override", reason="已复工")).text
    assert "人工调灯至" not in page


async def test_a_file_is_kept_with_its_answer_and_named_in_it(database: str) -> None:
    """Stored with its hash in the event's words, given back byte by byte; other kinds and large ones are refused."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        lead = await it.signed_in("district_lead", "deqing")

        async def send(name: str, content: bytes, **more: str) -> httpx.Response:
            csrf = csrf_of((await lead.get("/")).text)
            return await lead.post(
                f"/tickets/{ticket}/answer", data={"csrf": csrf, **ANSWERED, **more},
                files={"file": (name, content)}, headers={"Origin": it.settings.url},
            )  # fmt: skip

        for name, content in (("a.exe", b"MZ"), ("a.pdf", b"MZ"), ("a.pdf", PDF + bytes(MOST))):
            refused = await send(name, content)
            assert refused.status_code == 422
            assert "连续阴雨</textarea>" in refused.text
        assert (await send("整改方案.pdf", PDF, promised_on="2025-01-01")).status_code == 422
        assert "整改方案.pdf" not in (await lead.get(f"/tickets/{ticket}")).text
        await send("整改方案.pdf", PDF)
        page = (await lead.get(f"/tickets/{ticket}")).text
        link = re.search(rf'"(/tickets/{ticket}/files/\d+)"', page)
        assert link is not None
        given = await lead.get(link[1])
        assert (await lead.get(f"/tickets/{ticket}/files/999999")).status_code == 404
    assert given.content == PDF
    assert given.headers["content-disposition"].startswith("attachment")
    assert re.search(r"附件：整改方案.pdf（\d+ 字节，sha256 [0-9a-f]{64}）", page)


async def test_several_files_of_one_answer(database: str) -> None:
    """Each named in the answer with its size and hash, all given back with their kind, name and digest; six of them, or
    more than fifteen megabytes, are refused and nothing is kept."""
    files = [("整改方案.pdf", PDF), ("现场.png", PNG), ("plan b.pdf", PDF + b" b")]
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket = await the(alerts, "deqing")
        lead = await it.signed_in("district_lead", "deqing")

        async def send(chosen: Sequence[tuple[str, bytes]]) -> httpx.Response:
            csrf = csrf_of((await lead.get("/")).text)
            return await lead.post(
                f"/tickets/{ticket}/answer", data={"csrf": csrf, **ANSWERED},
                files=[("file", each) for each in chosen], headers={"Origin": it.settings.url},
            )  # fmt: skip

        many = await send([(f"{n}.pdf", PDF) for n in range(MOST_FILES + 1)])
        heavy = await send([(f"{n}.pdf", PDF + bytes(MOST - len(PDF))) for n in range(4)])
        assert await it.pool.fetchval("SELECT count(*) FROM desk.attachment") == 0
        assert (await send(files)).status_code == 303
        page = (await lead.get(f"/tickets/{ticket}")).text
        links = re.findall(rf'href="(/tickets/{ticket}/files/\d+)">([^<]+)</a>', page)
        given = [await lead.get(link) for link, _ in links]
    assert (many.status_code, heavy.status_code) == (422, 422)
    assert "一次最多5个文件" in many.text
    assert "合计超过15兆字节" in heavy.text
    assert [(name, each.content) for (_, name), each in zip(links, given, strict=True)] == files
    assert [each.headers["content-type"] for each in given] == ["application/pdf", "image/png", "application/pdf"]
    assert given[0].headers["content-disposition"] == f"attachment; filename*=UTF-8''{quote('整改方案.pdf')}"
    for (name, content), each in zip(files, given, strict=True):
        digest = hashlib.sha256(content)
        assert f"附件：{name}（{len(content)} 字节，sha256 {digest.hexdigest()}）" in page
        assert each.headers["repr-digest"] == f"sha-256=:{b64encode(digest.digest()).decode()}:"
        assert each.headers["x-content-type-options"] == "nosniff"


async def test_files_of_an_answer_that_never_came_are_not_shown_and_go(database: str) -> None:
    """The desk ends between keeping the files and asking for the answer: nobody sees them, and when files come again an
    hour later they are gone. It ends after the answer, before anything else: the ticket's history confirms them. The
    same file sent again stands there once."""
    lost, kept = Draft("遗失.pdf", "application/pdf", PDF + b"1"), Draft("方案.pdf", "application/pdf", PDF + b"2")
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        ticket, elsewhere = await the(alerts, "deqing"), await the(alerts, "anji")
        lead = await it.signed_in("district_lead", "deqing")
        attachments, author = Attachments(it.pool), "district_lead-deqing"
        [orphan] = await attachments.keep(ticket, author, [lost], at("2023-07-06"))
        await attachments.keep(elsewhere, author, [lost], at("2023-07-06"))
        await attachments.keep(ticket, author, [kept], at("2023-07-06"))
        page = (await lead.get(f"/tickets/{ticket}")).text
        assert "遗失.pdf" not in page
        assert (await lead.get(f"/tickets/{ticket}/files/{orphan}")).status_code == 404
        await it.pool.execute("UPDATE desk.attachment SET kept_at = now() - interval '61 minutes'")
        csrf = csrf_of(page)
        done = await lead.post(
            f"/tickets/{ticket}/answer", data={"csrf": csrf, **ANSWERED},
            files=[("file", (kept.name, kept.content))], headers={"Origin": it.settings.url},
        )  # fmt: skip
        await it.pool.execute("UPDATE desk.attachment SET confirmed = false")  # as if it had ended with the answer
        page = (await lead.get(f"/tickets/{ticket}")).text
        left = await it.pool.fetch("SELECT ticket::text, name, confirmed FROM desk.attachment")
    assert done.status_code == 303
    assert page.count(">方案.pdf</a>") == 1
    assert [tuple(row) for row in left] == [(ticket, "方案.pdf", True)]


def test_what_is_named_fits_into_the_words_of_an_answer() -> None:
    """The longest measures and as many files as may be, with the longest names, stay within the API's 4000."""
    file = told("ticket.attached", "zh", name="长" * 120, size=MOST, sha256="f" * 64)
    document = body(BY_NAME["answer"], {"plan": "长" * LONGEST}, [file] * MOST_FILES)
    assert len(document["plan"]) <= 4000


async def test_the_list_is_filtered_and_views_are_kept(database: str) -> None:
    """By light, unit and state, the highest level first; a saved view comes back to its owner only, and can go."""
    async with supervised_desk(database, now=at("2023-07-09")) as (alerts, it):
        await alerts.june()
        lead, other = await it.signed_in("district_lead", "deqing"), await it.signed_in("leader")
        whole = (await lead.get("/tickets")).text
        red = (await lead.get("/tickets?light=red")).text
        mine = (await lead.get("/tickets?mine=1&due=1")).text
        closed = (await lead.get("/tickets?state=CLOSED&rule=nonsense&page=x")).text
        assert whole.index("德清县 ·") < whole.index("安吉县 ·")
        assert "安吉县 ·" not in red
        assert "德清县 ·" in mine
        assert "安吉县 ·" not in mine
        assert "没有符合条件的督办单" in closed
        kept = await it.post(lead, "/tickets/views", "/tickets", name="红灯", light="red", state="living")
        assert kept.headers["location"] == "/tickets?light=red&told=view_kept"
        assert 'href="/tickets?light=red"' in (await lead.get("/tickets")).text
        assert 'href="/tickets?light=red"' not in (await other.get("/tickets")).text
        await it.post(lead, "/tickets/views/forget", "/tickets", name="红灯")
        assert 'href="/tickets?light=red"' not in (await lead.get("/tickets")).text


async def test_promises_kept_and_broken_stand_by_unit(database: str) -> None:
    """Deqing is still red after the day it promised, Anji is green before: broken and kept, the broken one first."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        for district in ("deqing", "anji"):
            await alerts.act(await the(alerts, district), district, act="ack")
            await alerts.act(await the(alerts, district), district, **{**ANSWER, "promised_on": "2023-07-31"})
        client = await it.signed_in("leader")
        open_ = (await client.get("/tickets/promises")).text
        await alerts.tell(
            "2023-08-02",
            coloured("2023-07", "red", district="deqing", known_at=at("2023-08-02")),
            coloured("2023-07", "green", district="anji", known_at=at("2023-08-02")),
        )
        await alerts.pass_time("2023-08-07")
        page = (await client.get("/tickets/promises")).text
        listed = (await client.get("/tickets")).text
    assert "0/1" not in open_
    assert page.index("德清县") < page.index("安吉县")
    assert "0/1" in page
    assert "1/1" in page
    assert 'href="/tickets/promises"' in listed


async def test_what_is_no_ticket_is_a_page(database: str) -> None:
    """404 in words, for a name that is no ticket's, and for an act that is none."""
    async with supervised_desk(database) as (alerts, it):
        await alerts.june()
        client = await it.signed_in("leader")
        assert (await client.get("/tickets/nonsense")).status_code == 404
        unknown = await client.get("/tickets/00000000-0000-4000-8000-000000000000")
        assert unknown.status_code == 404
        assert "没有这个督办单" in unknown.text
        ticket = await the(alerts, "deqing")
        assert (await act(it, client, ticket, "burn")).status_code == 404


async def test_without_an_answer_nobody_claims_that_it_is_done(database: str) -> None:
    """The service goes away between page and form: 503, what was typed is there, and what to do."""
    away = False

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if method == "POST" and away:
            raise httpx.ConnectError("away")
        if path == "/v1/watermarks":
            return {"partitions": {}}
        if "/lights/" in path:
            return {"series": {**LIGHT}, "cells": [], "derived": None}
        return {"ticket": TICKET, "events": []}

    async with desk(database, answers) as it:
        lead = await it.signed_in("district_lead", "deqing")
        away = True
        answer = await act(it, lead, TICKET["ticket"], "answer", **ANSWERED)
    assert answer.status_code == 503
    assert "不能确定是否已办理" in answer.text
    assert "连续阴雨</textarea>" in answer.text


async def test_a_project_s_ticket_says_how_it_stands(database: str) -> None:
    """What the project shows now stands in its ticket, with a link to its page."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if "project-lights" in path:
            return {"project": {**LIGHT, "shown": "red", "light": "yellow"}, "months": [], "changes": []}
        if path.endswith("/projects"):
            return {"items": [], "next": None}
        if path == "/v1/watermarks":
            return {"partitions": {}}
        return {"ticket": {**TICKET, "rule": "project", "indicator": "demo-12"}, "events": []}

    async with desk(database, answers) as it:
        page = (await (await it.signed_in("district_lead", "deqing")).get(f"/tickets/{TICKET['ticket']}")).text
    assert re.search(r'目前：<span class="light red.*?落后序时进度31个百分点', page, re.DOTALL)
    assert 'href="/projects/demo-12"' in page


LIGHT: dict[str, Any] = {
    "light": "red", "stale": False, "forecast": False, "override": None, "override_until": None, "period": "2023-06",
    "lag_text": {"zh": "落后序时进度31个百分点", "en": "31 points behind"},
}  # fmt: skip
TICKET: dict[str, Any] = {
    "programme": "huzhou-2023-2027", "ticket": "00000000-0000-4000-8000-000000000001", "rule": "lag",
    "indicator": "major_project_investment", "district": "deqing", "department": None, "addressee": "deqing",
    "episode": 1, "state": "ACKED", "level": 2, "level_text": {"zh": "督办函", "en": "supervision letter"},
    "severity": "red", "run": 1, "opened_at": "2023-07-06T00:00:00+08:00", "closed_at": None, "timer": "answer",
    "timer_at": "2023-07-13T00:00:00+08:00", "promised_on": None, "cause": None, "plan": None, "close_code": None,
    "suppressed": False, "suppressed_until": None, "objected": False, "next_step": {"zh": "请反馈", "en": "answer"},
}  # fmt: skip

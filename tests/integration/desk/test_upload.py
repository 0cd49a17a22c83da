"""填报 on a real Postgres before stubbed services: template, check, sending once, outcomes, the file had back."""

from typing import Any

import httpx

from services.desk.pages.upload import XLSX
from tests.support.desk import Desk, csrf_of, desk, empty
from tests.support.workbooks import HEADING, ROW, book, saved

BUREAU = "construction_bureau"
ITEM = {
    "index": 0, "id": "row-1", "source": "/table/x", "status": "accepted", "step": "publishing", "retryable": False,
    "row": 2, "sheet": "表1", "address": "表1!E2", "understood": {
        "indicator": "major_projects_investment", "district": "deqing", "period": "2023-06", "value": "6.35",
        "unit": "亿元"},
}  # fmt: skip
WRONG = {
    "index": 1, "id": None, "source": None, "status": "rejected", "step": "decoding", "retryable": False, "row": 3,
    "sheet": "表1", "address": "表1!E3", "code": "unreadable_number", "detail": "not a number", "detail_zh": "不是数",
}  # fmt: skip
COUNTS = {"accepted": 1, "duplicate": 0, "rejected": 1, "failed": 0, "aborted": 0}
FILE = saved(book(HEADING, ROW)[0])


def _services(*, outcome: str | None = "applied", refusal: httpx.Response | None = None) -> Any:
    """Ingest that takes one row and refuses one, metrics with a template and the outcome."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path == "/v1/reports" and method == "POST":
            if refusal is not None:
                return refusal
            dry = request.url.params["dry_run"] == "true" if "dry_run" in request.url.params else False
            reading = {"sheets": ["表1"], "columns": [{"address": "表1!H1", "heading": "联系人"}], "rows": []}
            said = {"dry_run": dry, "receipt": None if dry else "R", "counts": COUNTS, "items": [ITEM, WRONG]}
            return httpx.Response(207, json={**said, "reading": reading, "received_at": "2023-07-06T12:00:00+08:00"})
        if path == "/v1/receipts/R":
            if outcome is None:
                return httpx.Response(404, json={"code": "unknown_receipt", "detail": "not yet", "detail_zh": "尚无"})
            return {"items": [{"source": "/table/x", "id": "row-1", "outcome": outcome, "code": None}]}
        if path == "/v1/reports/annotated":
            return httpx.Response(200, content=b"PK back", headers={"Content-Type": XLSX})
        if "/templates/" in path:
            name = {"Content-Disposition": 'attachment; filename="t.xlsx"'}
            return httpx.Response(200, content=b"PK template", headers=name)
        return empty(service, method, path, request)

    return answers


async def _brought(
    it: Desk, client: httpx.AsyncClient, content: bytes = FILE, name: str = "填报.xlsx"
) -> httpx.Response:
    """Drop a file on the page."""
    csrf = csrf_of((await client.get("/upload")).text)
    files = {"file": (name, content, "application/octet-stream")}
    return await client.post("/upload/check", data={"csrf": csrf}, files=files, headers={"Origin": it.settings.url})


def _sendings(it: Desk) -> list[bool]:
    """Of each posting of reports, whether it was a dry run."""
    posts = [each for each in it.asked if each.method == "POST" and each.url.path == "/v1/reports"]
    return [each.url.params.get("dry_run") == "true" for each in posts]


async def test_the_template_is_the_units_own(database: str) -> None:
    """A clerk chooses a period and gets the own unit's workbook under its name; another unit cannot be named."""
    async with desk(database, _services()) as it:
        client = await it.signed_in("department_clerk", BUREAU)
        page = (await client.get("/upload")).text
        answer = await client.get("/upload/template", params={"unit": "education_bureau", "period": "2023-06"})
        asked = next(each for each in it.asked if "/templates/" in each.url.path)
    assert "2023-06</option>" in page
    assert (answer.content, answer.headers["content-type"]) == (b"PK template", XLSX)
    assert 'filename="t.xlsx"' in answer.headers["content-disposition"]
    assert asked.url.path.endswith(f"/templates/{BUREAU}")
    assert asked.url.params["period"] == "2023-06"


async def test_a_check_sends_nothing_and_the_confirmation_sends_once(database: str) -> None:
    """Dry run first, row by row with place and remedy; then the same bytes, once, however often it is pressed. In
    English a sheet keeps its name, marked as Chinese, and a unit has its words."""
    async with desk(database, _services()) as it:
        client = await it.signed_in("department_clerk", BUREAU)
        brought = await _brought(it, client)
        assert brought.status_code == 303
        place = brought.headers["location"]
        page = (await client.get(place)).text
        assert _sendings(it) == [True]
        for text in (
            "1 行可以报送，1 行有误。尚未报送。",
            "表1!E3",
            "不是数",
            "可以报送",
            "重点(重大)项目完成投资额",
            "联系人",
        ):
            assert text in page
        for _ in range(2):
            sent = await it.post(client, f"{place}/send", page=place if _ == 0 else "/upload")
            assert sent.headers["location"] == place
        assert _sendings(it) == [True, False]
        posts = [each for each in it.asked if each.url.path == "/v1/reports" and each.method == "POST"]
        assert posts[0].content == posts[1].content == FILE
        after = (await client.get(place)).text
        listed = (await client.get("/upload?lang=en")).text
        english = (await client.get(place)).text
    assert "已入库" in after
    assert "入库结果已齐：1 行已入库，0 行待审批，1 行退回或未入库" in after
    assert "data-following" not in after
    assert "填报.xlsx" in listed
    assert '<span lang="zh-CN">表1</span>!E3' in english
    assert "亿元" not in english
    assert "not sent" not in listed


async def test_the_page_follows_until_the_outcomes_are_there(database: str) -> None:
    """Before recording has answered the page says so, brings the script, and its rows can be asked for alone."""
    async with desk(database, _services(outcome=None)) as it:
        client = await it.signed_in("department_clerk", BUREAU)
        place = (await _brought(it, client)).headers["location"]
        assert "outcomes.js" not in (await client.get(place)).text
        await it.post(client, f"{place}/send", page=place)
        page, rows = (await client.get(place)).text, (await client.get(f"{place}/rows")).text
    assert "outcomes.js" in page
    assert f'data-following="{place}/rows"' in rows
    assert "等待入库" in rows
    assert "<html" not in rows


async def test_the_file_is_had_back_with_what_is_known(database: str) -> None:
    """Ingest is given the bytes, its answer and the outcomes, and its workbook is handed on."""
    async with desk(database, _services()) as it:
        client = await it.signed_in("department_clerk", BUREAU)
        place = (await _brought(it, client)).headers["location"]
        back = await client.get(f"{place}/verdicts")
    assert (back.content, back.headers["content-type"]) == (b"PK back", XLSX)
    assert "attachment" in back.headers["content-disposition"]


async def test_a_file_is_only_its_bringers(database: str) -> None:
    """Another clerk, of the same unit even, does not find it; who may not report does not find the page."""
    async with desk(database, _services()) as it:
        mine = await it.signed_in("department_clerk", BUREAU)
        place = (await _brought(it, mine)).headers["location"]
        other = await it.signed_in("department_lead", BUREAU)
        for path in (place, f"{place}/rows", f"{place}/verdicts"):
            assert (await other.get(path)).status_code == 404
        assert (await it.post(other, f"{place}/send", page="/upload")).status_code == 404
        assert "填报.xlsx" not in (await other.get("/upload")).text
        leader = await it.signed_in("leader")
        assert (await leader.get("/upload")).status_code == 403


async def test_a_file_that_cannot_be_used_is_told_beside_the_form(database: str) -> None:
    """No file, and intake's refusal of the whole: its words and code, on the page with the form."""
    words = {"code": "old_workbook", "detail": "an old .xls", "detail_zh": "旧版 Excel(.xls)"}
    async with desk(database, _services(refusal=httpx.Response(415, json=words))) as it:
        client = await it.signed_in("department_clerk", BUREAU)
        refused = await _brought(it, client, b"\xd0\xcf\x11\xe0", "旧.xls")
        csrf = csrf_of((await client.get("/upload")).text)
        nothing = await client.post("/upload/check", data={"csrf": csrf}, headers={"Origin": it.settings.url})
        forged = await client.post("/upload/check", files={"file": ("a.xlsx", FILE)})
    assert refused.status_code == 415
    assert "旧版 Excel(.xls)" in refused.text
    assert "old_workbook" in refused.text
    assert (nothing.status_code, "请先选择要上传的文件" in nothing.text) == (400, True)
    assert forged.status_code == 403

"""Red lines on an indicator's task, on the page of its series, before stubbed services."""

import json
from typing import Any

import httpx

from tests.integration.desk.test_saying import ACCEPTED, PAGE, REFUSED, answering
from tests.support.desk import desk

INDICATOR, DISTRICT = "major_projects_investment", "deqing"
LINE = {
    "kind": "indicator", "name": INDICATOR, "district": DISTRICT, "red_line": "cultivated_land", "episode": 1,
    "state": "open", "text": "占用耕地<图>", "evidence": ["图斑 1"], "raised_by": DISTRICT, "raised_on": "2023-06-20",
    "repeated": 0, "closed_by": None, "closed_at": None, "reason": None,
}  # fmt: skip
WISH = {"kind": "ecological_line", "on": "2023-07-01", "text": "进入红线", "evidence": "影像\n笔录", "request": "r"}


def lined(verdict: dict[str, Any], outcome: str | None = "applied") -> Any:
    """Services with an open red line on the task and one on a project, and what came of a statement."""

    def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
        if path.endswith("/red-lines"):
            return {"items": [LINE, LINE | {"kind": "project", "name": "deqing_school", "text": "另一"}], "next": None}
        if path == "/v1/projects":
            return verdict | {"receipt": "0190"}
        if path.endswith("/project-receipts/0190"):
            if outcome is None:
                return httpx.Response(404, json={"code": "unknown_receipt", "detail": "", "detail_zh": ""})
            return {"items": [{"outcome": outcome, "code": "not_open" if outcome == "refused" else None}]}
        return answering(ACCEPTED)(service, method, path, request)

    return answers


async def test_a_red_line_is_raised_and_closed_on_the_page_of_the_series(database: str) -> None:
    """Rule 12: those of this task alone are listed; who answers for it raises, the office closes too, others see no
    form; the page says what recording made of it; the trail has it."""
    async with desk(database, lined(ACCEPTED)) as it:
        office, clerk = await it.signed_in("office_director"), await it.signed_in("district_clerk", DISTRICT)
        other = await it.signed_in("district_clerk", "anji")
        pages = [(await each.get(PAGE)).text for each in (office, clerk, other)]
        raised = await it.post(clerk, f"{PAGE}/red-lines/raise", **WISH)
        after = (await clerk.get(raised.headers["location"])).text
        closed = await it.post(office, f"{PAGE}/red-lines/close", kind="cultivated_land", reason="已复耕", request="q")
        sent = [json.loads(each.content) for each in it.asked if each.method == "POST"]
        trail = await it.pool.fetch("SELECT act, target, outcome FROM desk.audit ORDER BY position")
    assert [f'action="{PAGE}/red-lines/raise"' in page for page in pages] == [True, True, False]
    assert [f'action="{PAGE}/red-lines/close"' in page for page in pages] == [True, False, False]
    assert "占用耕地&lt;图&gt;" in pages[2]
    assert "另一" not in pages[2]
    assert "“提出触碰红线”已受理，入库结果：已入库" in after
    assert closed.status_code == 303
    about = {"programme": "huzhou-2023-2027", "indicator": INDICATOR, "district": DISTRICT}
    assert [each["data"] for each in sent] == [
        about | {"kind": "ecological_line", "text": "进入红线", "on": "2023-07-01", "evidence": ["影像", "笔录"]},
        about | {"kind": "cultivated_land", "reason": "已复耕"},
    ]
    assert [tuple(row) for row in trail] == [
        (f"redline.{each}.v1", f"series {INDICATOR}/{DISTRICT}", "done") for each in ("raised", "closed")
    ]


async def test_what_is_not_taken_keeps_what_was_typed(database: str) -> None:
    """Something missing, too long, refused by intake, an unknown act; what recording refused or has not come to yet."""
    async with desk(database, lined(REFUSED, "refused")) as it:
        clerk = await it.signed_in("district_clerk", DISTRICT)
        bare = await it.post(clerk, f"{PAGE}/red-lines/raise", **WISH | {"evidence": " "})
        long = await it.post(clerk, f"{PAGE}/red-lines/raise", **WISH | {"text": "长" * 2901})
        refused = await it.post(clerk, f"{PAGE}/red-lines/raise", **WISH)
        strange = await it.post(clerk, f"{PAGE}/red-lines/forget", **WISH)
        said = (await clerk.get(f"{PAGE}?sent=close&receipt=0190")).text
    async with desk(database, lined(ACCEPTED, None)) as it:
        waits = (await (await it.signed_in("office_director")).get(f"{PAGE}?sent=raise&receipt=0190")).text
    assert [each.status_code for each in (bare, long, refused, strange)] == [422, 422, 422, 404]
    assert "请填写：依据" in bare.text
    assert "截止日已过" in refused.text
    assert "进入红线" in refused.text
    assert "未入库 · 没有未销号的该红线" in said
    assert "正在入库" in waits

"""Acts on a ticket and what was known when, on a real Postgres (rules 8 and 2.10)."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.support.standings import INDICATOR, PROGRAMME, coloured
from tests.support.supervised import ANSWER, Supervised, authorised, items, supervised

AT = f"/v1/programmes/{PROGRAMME}"


@pytest.fixture
async def alerts(database: str) -> AsyncIterator[Supervised]:
    """The service after June 2023."""
    async with supervised(database) as found:
        await found.june()
        yield found


async def test_lights_of_an_earlier_day_and_of_earlier_knowledge(alerts: Supervised) -> None:
    """Rule 2.10: July turned green, yet as of June, or as known on 2 July, Deqing is red."""
    await alerts.tell("2023-08-02", coloured("2023-07", "green", district="deqing"))

    async def light(query: str) -> tuple[str, str | None]:
        found = items(await alerts.get(f"{AT}/lights?indicator={INDICATOR}&district=deqing{query}"))[0]
        return found["light"], found["period"]

    assert await light("") == ("green", "2023-07")
    assert await light("&as_of=2023-06-30") == ("red", "2023-06")
    assert await light("&known_at=2023-07-02T00:00:00%2B08:00") == ("red", "2023-06")
    assert await light("&known_at=2023-06-02T00:00:00+08:00") == ("grey", None)

    async def cells(query: str) -> list[tuple[str, str | None, str | None]]:
        found = (await alerts.get(f"{AT}/lights/{INDICATOR}/deqing?{query}")).json()["cells"]
        return [(cell["period"], cell["live"], cell["record"]) for cell in found if cell["live"]]

    assert await cells("") == [("2023-06", "red", "red"), ("2023-07", "green", None)]
    assert await cells("as_of=2023-06-30") == [("2023-06", "red", "red")]
    assert await cells("known_at=2023-07-02T00:00:00%2B08:00") == [("2023-06", "red", None)]
    history = f"{AT}/lights/{INDICATOR}/deqing/history"
    every = items(await alerts.get(history))
    first = await alerts.get(f"{history}?limit=1")
    assert items(first) + items(await alerts.get(f"{history}?after={first.json()['next']}")) == every
    assert all(change["period"] <= "2023-06" for change in items(await alerts.get(f"{history}?as_of=2023-06-30")))


async def test_a_ticket_is_signed_answered_and_told(alerts: Supervised) -> None:
    """Rule 8: 签收 and 反馈 by the addressee; each is a message, the actor is the token's subject."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    acked = await alerts.act(ticket, "deqing", act="ack")
    assert (acked.status_code, acked.json()["ticket"]["state"]) == (200, "ACKED")
    assert acked.json()["ticket"]["timer"] == "answer"
    answered = await alerts.act(ticket, "deqing", **ANSWER)
    assert (answered.status_code, answered.json()["ticket"]["state"]) == (200, "ANSWERED")
    events = [(e["event"], e["actor"]) for e in answered.json()["events"]]
    assert events[1:] == [("ack", "deqing"), ("answer", "deqing")]
    reasons = [m["notification_reason"] for m in items(await alerts.get("/v1/feed", "deqing"))]
    assert reasons[-2:] == ["acknowledged", "answered"]


async def test_an_act_that_does_not_apply_changes_nothing(alerts: Supervised) -> None:
    """409 `not_applicable_in_state`, in both languages; refused or done, never half."""
    before = await alerts.ticket("deqing")
    answer = await alerts.act(before["ticket"], "office", act="review_passed")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_applicable_in_state")
    assert answer.json()["state"] == "OPEN"
    assert "待签收" in answer.json()["detail_zh"]
    assert await alerts.ticket("deqing") == before


async def test_the_office_escalates_and_closes(alerts: Supervised) -> None:
    """By hand one level up; once it has recovered, review passed closes it (销号)."""
    ticket = (await alerts.ticket("anji"))["ticket"]
    raised = await alerts.act(ticket, "office", act="escalate", reason="逾期未复")
    assert raised.json()["ticket"]["level"] == 2
    await alerts.tell("2023-08-01", coloured("2023-07", "green", district="anji"))
    await alerts.pass_time("2023-08-08")
    assert (await alerts.ticket("anji"))["state"] == "RECOVERED"
    closed = await alerts.act(ticket, "office", act="review_passed")
    assert (closed.json()["ticket"]["state"], closed.json()["ticket"]["closed_at"][:10]) == ("CLOSED", "2023-08-08")


async def test_the_office_suppresses_and_resumes(alerts: Supervised) -> None:
    """Rule 8: with reason, approver and end; the timer stops and starts again in full, by hand or when it is over."""
    ticket = (await alerts.ticket("anji"))["ticket"]
    suppress = {"act": "suppress", "reason": "防汛", "approver": "office", "until": "2023-07-20T00:00:00+08:00"}
    assert (await alerts.act(ticket, "anji", **suppress)).status_code == 403
    for name in ("分管副市长", "reader", "deqing"):  # nobody known, and two who may not
        no = await alerts.act(ticket, "office", **suppress | {"approver": name})
        assert (no.status_code, no.json()["code"]) == (422, "approver_not_authorised")
    past = await alerts.act(ticket, "office", **suppress | {"until": "2023-07-06T00:00:00+08:00"})
    assert (past.status_code, past.json()["code"]) == (422, "until_not_ahead")
    early = await alerts.act(ticket, "office", act="unsuppress", reason="x")
    assert (early.status_code, early.json()["code"]) == (409, "not_suppressed")
    done = (await alerts.act(ticket, "office", **suppress)).json()
    assert (done["ticket"]["suppressed"], done["ticket"]["timer_at"]) == (True, None)
    assert done["events"][-1]["detail"]["approver"] == "office"
    await alerts.pass_time("2023-07-15")  # T_ack would have passed
    assert (await alerts.ticket("anji"))["level"] == 1
    resumed = (await alerts.act(ticket, "office", act="unsuppress", reason="汛情解除")).json()["ticket"]
    assert (resumed["suppressed"], resumed["timer_at"][:10]) == (False, "2023-07-19")
    await alerts.act(ticket, "office", **suppress)
    await alerts.pass_time("2023-07-20")
    over = await alerts.ticket("anji")
    assert (over["suppressed"], over["suppressed_until"], over["timer"]) == (False, None, "ack")
    said = [m for m in items(await alerts.get("/v1/feed", "anji")) if m["kind"] == "ticket"]
    assert [(m["notification_reason"], m["reason_code"]) for m in said[1:]] == [
        ("suppressed", None), ("reminder", "suppression_over"), ("suppressed", None), ("reminder", "suppression_over"),
    ]  # fmt: skip


async def test_the_office_overrides_a_light(alerts: Supervised) -> None:
    """Rule 6.6: only the office, only worse, until a moment; beside the computed light; the history tells all."""
    light = f"{AT}/lights/{INDICATOR}/changxing"
    worse = {"colour": "red", "reason": "现场核查滞后", "until": "2023-07-20T00:00:00+08:00"}

    async def post(path: str, token: str, **body: str) -> httpx.Response:
        return await alerts.public.post(light + path, json=body, headers=authorised(token))

    assert (await post("/overrides", "anji", **worse)).status_code == 403
    milder = await alerts.public.post(
        f"{AT}/lights/{INDICATOR}/deqing/overrides", json=worse, headers=authorised("office")
    )
    assert (milder.status_code, milder.json()["code"]) == (409, "not_worse")
    assert (await post("/overrides", "office", **worse | {"until": "2023-07-01T00:00:00+08:00"})).status_code == 422
    assert (await post("/overrides/end", "office", reason="x")).json()["code"] == "not_overridden"
    done = (await post("/overrides", "office", **worse)).json()
    assert [(o["colour"], o["author"], o["period"], o["ended_at"]) for o in done] == [
        ("red", "office", "2023-06", None)
    ]
    shown = (await alerts.get(light)).json()
    assert (shown["series"]["light"], shown["series"]["override"]) == ("green", "red")
    assert [(c["record"], c["override"]) for c in shown["cells"] if c["override"]] == [("green", "red")]
    ticket = await alerts.ticket("changxing")
    assert (ticket["state"], ticket["level"], ticket["severity"]) == ("OPEN", 2, "red")
    assert ticket["next_step"]["zh"] == "请于2023年7月10日24时前签收；逾期未签收，督办升级为约谈"
    told = items(await alerts.get("/v1/feed"))[-1]
    assert (told["notification_reason"], told["reason_code"]) == ("first", "override")
    assert "经人工研判调为红灯，立督办单（督办函）" in told["annotations"]["summary_zh"]
    await alerts.pass_time("2023-07-20")
    over = (await alerts.get(f"{light}/overrides")).json()
    assert (over[0]["ended_at"], over[0]["ended_by"]) == ("2023-07-20T00:00:00+08:00", None)
    assert (await alerts.get(light)).json()["series"]["override"] is None
    assert not await alerts.pool.fetch("SELECT * FROM alerts.unmatched")

"""POST …/reminders on a real Postgres: one click reminds one unit of all it owes, once a day (rule 7.3)."""

import asyncio
from typing import Any
from urllib.parse import urlencode

import httpx

from contracts.events import Standing
from tests.support.standings import INDICATOR, PROGRAMME, at, coloured, standing
from tests.support.supervised import Supervised, authorised, items, supervised

OTHER = "agri_big_good_high_projects_2023"
PATH = f"/v1/programmes/{PROGRAMME}/reminders"
NOW = "2023-07-08"


async def owing(alerts: Supervised) -> None:
    """June: Deqing has reported neither of two indicators, Anji one of them. May is locked, and nobody waits for it."""
    silent = [nothing(INDICATOR, "deqing"), nothing(OTHER, "deqing"), nothing(OTHER, "anji")]
    await alerts.tell("2023-06-20", nothing(INDICATOR, "deqing", "2023-05"))
    await alerts.tell("2023-07-01", *silent, coloured("2023-06", "green", district="anji", known_at=at("2023-07-01")))
    await alerts.pass_time(NOW)


def nothing(indicator: str, district: str, period: str = "2023-06") -> Standing:
    """A cell without a value."""
    known = {"reason": "no_value", "known_at": at("2023-06-20")}
    return standing(period, None, indicator=indicator, district=district, **known)


async def remind(alerts: Supervised, unit: str, request: str, token: str = "office") -> httpx.Response:
    return await alerts.public.post(PATH, json={"unit": unit, "request": request}, headers=authorised(token))


async def reminders(alerts: Supervised, **since: str) -> list[dict[str, Any]]:
    asked = urlencode({"message": "reminder", **since})
    found = items(await alerts.get(f"/v1/programmes/{PROGRAMME}/feed/newest?{asked}"))
    return [each for each in found if each["reason_code"] == "by_hand"]


async def test_one_unit_is_told_all_it_owes(database: str) -> None:
    """Everything in one message, addressed to the unit, with who asked, in words, for the unit's own receivers."""
    async with supervised(database) as alerts:
        await owing(alerts)
        told = (await remind(alerts, "deqing", "request-1")).json()
        stored = await reminders(alerts)
        groups = await alerts.pool.fetchval("SELECT groups FROM alerts.feed WHERE message_id = $1", told["message_id"])
    assert stored == [told]
    assert told["reminder"] == {
        "due_on": "2023-07-05",
        "cells": [{"indicator": i, "district": "deqing", "period": "2023-06"} for i in (OTHER, INDICATOR)],
        "units": [],
        "asked_by": "office",
    }
    assert (told["kind"], told["notification_reason"], told["labels"]["addressee"]) == (
        "reminder",
        "reminder",
        "deqing",
    )
    assert told["annotations"]["summary_zh"].startswith("催报：德清县尚有2项数据未报，其中2项已逾期：")
    assert groups == ["deqing"]


async def test_the_same_request_reminds_once(database: str) -> None:
    """Sent again, and by two clicks at the same moment: one message, the same answer."""
    async with supervised(database) as alerts:
        await owing(alerts)
        answers = await asyncio.gather(*(remind(alerts, "deqing", "request-1") for _ in range(3)))
        assert len(await reminders(alerts)) == 1
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["message_id"] for answer in answers}) == 1


async def test_a_unit_is_reminded_once_a_day(database: str) -> None:
    """Another wish on the same day is refused with the hour in words; the next day it is done; other units are free.
    The feed lists what was sent from a moment on."""
    async with supervised(database) as alerts:
        await owing(alerts)
        await remind(alerts, "deqing", "request-1")
        again = await remind(alerts, "deqing", "request-2")
        other = await remind(alerts, "anji", "request-3")
        alerts.set_clock(at("2023-07-09", 0))
        tomorrow = await remind(alerts, "deqing", "request-4")
        assert len(await reminders(alerts)) == 3
        of_today = await reminders(alerts, sent_since=at("2023-07-09", 0).isoformat())
    assert [each["labels"]["addressee"] for each in of_today] == ["deqing"]
    assert (again.status_code, again.json()["code"]) == (409, "reminded_today")
    assert again.json()["detail_zh"] == "今天12:00已催报过德清县，每个单位每天只催报一次"
    assert [each["indicator"] for each in other.json()["reminder"]["cells"]] == [OTHER]
    assert tomorrow.status_code == 200


async def test_what_nobody_waits_for_is_not_asked_for(database: str) -> None:
    """Received, excused, locked by the calendar or by a publication, not over yet: nothing of it; then 409."""
    async with supervised(database) as alerts:
        await owing(alerts)
        await alerts.tell(
            NOW, coloured("2023-06", "green", indicator=OTHER, district="anji", known_at=at(NOW), version=9)
        )
        assert (await remind(alerts, "anji", "request-1")).json()["code"] == "nothing_owed"
        await alerts.pool.execute(
            "UPDATE alerts.light SET published_at = $1 WHERE (indicator, district) = ($2, 'deqing')",
            at("2023-07-02"),
            OTHER,
        )
        told = (await remind(alerts, "deqing", "request-2")).json()
        alerts.set_clock(at("2024-12-30"))
        locked = await remind(alerts, "deqing", "request-3")
    assert [each["indicator"] for each in told["reminder"]["cells"]] == [INDICATOR]
    assert locked.status_code == 409


async def test_who_may_not_is_refused(database: str) -> None:
    """A reader and a unit (403), nobody (401), an unknown unit (404), a wish without a name (422)."""
    async with supervised(database) as alerts:
        await owing(alerts)
        for token in ("reader", "deqing"):
            assert (await remind(alerts, "deqing", "request-1", token)).status_code == 403
        assert (await alerts.public.post(PATH, json={})).status_code == 401
        assert (await remind(alerts, "nowhere", "request-1")).json()["code"] == "unknown_unit"
        assert (await remind(alerts, "deqing", "x")).json()["code"] == "invalid_reminder"
        assert await reminders(alerts) == []

"""What pages are made of, on a real Postgres: every series at a glance, worst first, and tickets as they press."""

import json
import uuid

from tests.support.standings import INDICATOR, PROGRAMME, at, coloured
from tests.support.supervised import items, supervised

AT = f"/v1/programmes/{PROGRAMME}/overview"


async def test_series_stand_with_trend_and_ticket_the_worst_first(database: str) -> None:
    """Red before yellow before grey before green; periods oldest first; ticket and due date."""
    async with supervised(database) as alerts:
        await alerts.june()
        await alerts.tell("2023-08-02", coloured("2023-07", "yellow", district="deqing", known_at=at("2023-08-02")))
        found = items(await alerts.get(AT))
        ticket = await alerts.ticket("deqing")
        own = items(await alerts.get(AT, "deqing"))
        asked = items(await alerts.get(f"{AT}?district=anji&indicator={INDICATOR}"))
    lights = [each["light"] for each in found]
    assert lights == sorted(lights, key=["red", "yellow", "grey", "green"].index)
    deqing = next(each for each in found if each["ticket"] and each["ticket"]["ticket"] == ticket["ticket"])
    assert [each["period"] for each in deqing["trend"]] == ["2023-05", "2023-06", "2023-07"]
    assert deqing["trend"][1]["light"] == "red"
    assert deqing["due_at"].startswith("2023-08-06")
    assert {each["district"] for each in own} == {"deqing"}
    assert [each["district"] for each in asked] == ["anji"]


async def test_in_brief_and_only_some(database: str) -> None:
    """The desk's two questions: the same series in the same order with what counts and orders them; those named alone,
    within the token."""
    async with supervised(database) as alerts:
        await alerts.june()
        whole, brief = items(await alerts.get(AT)), items(await alerts.get(f"{AT}/brief"))
        some = f"{AT}?of_series={INDICATOR}/anji,{INDICATOR}/deqing,nothing/nowhere"
        named, own = items(await alerts.get(some)), items(await alerts.get(some, "deqing"))
    kept = {"indicator", "district", "department", "light", "lag"}
    tickets = [each["ticket"] and {name: each["ticket"][name] for name in ("level", "opened_at")} for each in whole]
    series = [{name: each[name] for name in kept} for each in whole]
    assert brief == [{**each, "ticket": ticket} for each, ticket in zip(series, tickets, strict=True)]
    assert any(tickets)
    assert named == [
        each for each in whole if each["district"] in ("anji", "deqing") and each["indicator"] == INDICATOR
    ]
    assert [each["district"] for each in own] == ["deqing"]


# By episode: state, level, timer, promised day, whether it is suppressed.
PRESSING = {
    11: ("OPEN", 3, "2023-08-01T00:00:00+08:00", None, False),
    12: ("ANSWERED", 3, None, "2023-07-20", False),
    13: ("OPEN", 3, "2023-07-10T00:00:00+08:00", None, True),
    14: ("RECOVERED", 2, "2023-07-30T00:00:00+08:00", None, False),
    15: ("CLOSED", 3, None, "2023-07-01", False),
}


async def test_tickets_stand_as_they_press(database: str) -> None:
    """What lives by level, then by what ends first (a suppressed one waits for nothing), what has ended last; a page
    by its place, all counted; states by commas, what ends by a day, whose it is; nothing outside the token."""
    async with supervised(database) as alerts:
        await alerts.june()
        await alerts.pool.execute("UPDATE alerts.ticket SET level = 1, state = 'CLOSED' WHERE district <> 'deqing'")
        for episode, told in PRESSING.items():
            names = ("state", "level", "timer_at", "promised_on", "suppressed")
            row = {"ticket": str(uuid.UUID(int=episode)), "episode": episode, **dict(zip(names, told, strict=True))}
            copied = "SELECT (json_populate_record(t, $1)).* FROM alerts.ticket t WHERE district = 'deqing' LIMIT 1"
            await alerts.pool.execute(f"INSERT INTO alerts.ticket {copied}", json.dumps(row))
        at_ = f"/v1/programmes/{PROGRAMME}/tickets/pressing"
        whole = (await alerts.get(f"{at_}?district=deqing")).json()
        second = (await alerts.get(f"{at_}?district=deqing&skip=2&limit=2")).json()
        beyond = (await alerts.get(f"{at_}?district=deqing&skip=90")).json()
        asked = "district=deqing&state=ANSWERED,RECOVERED,CLOSED&due_by=2023-07-30T00:00:00%2B08:00&addressee=deqing"
        due = (await alerts.get(f"{at_}?{asked}")).json()
        awake = (await alerts.get(f"{at_}?district=deqing&state=OPEN&level=3&suppressed=false&objected=false")).json()
        theirs = (await alerts.get(at_, "anji")).json()
        strange = (await alerts.get(f"{at_}?state=WAITING")).status_code
    episodes = [each["episode"] for each in whole["items"]]
    assert (episodes, whole["total"]) == ([12, 11, 13, 1, 14, 15], 6)  # 1: June's own, a letter to sign for by the 9th
    assert ([each["episode"] for each in second["items"]], second["total"]) == (episodes[2:4], 6)
    assert (beyond["items"], beyond["total"]) == ([], 6)
    assert [each["episode"] for each in due["items"]] == [12, 14]
    assert [each["episode"] for each in awake["items"]] == [11]
    assert {each["district"] for each in theirs["items"]} <= {"anji"}
    assert strange == 404

"""GET …/overview on a real Postgres: every series at a glance, worst first, within the token."""

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

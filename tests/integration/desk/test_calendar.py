"""报送日历 before stubbed services: units and series by state, the collective list, what waits behind the lock."""

from typing import Any

import httpx

from tests.support.desk import desk, listed

INDICATOR, DISTRICT = "major_projects_investment", "deqing"
NAME = "重点(重大)项目完成投资额"


def cell(district: str, state: str, **more: Any) -> dict[str, Any]:
    said = {
        "indicator": INDICATOR, "district": district, "answers": district, "department": "agri_rural_bureau",
        "period": "2023-06", "period_end": "2023-06-30", "due_at": "2023-07-06T00:00:00+08:00", "state": state,
        "locked": False, "unit": district,
    }  # fmt: skip
    return {**said, **more}


CELLS = [
    cell(DISTRICT, "overdue"),
    cell(DISTRICT, "received_late", period="2023-Q1", period_end="2023-03-31", locked=True),
    cell("anji", "due"),
    cell("wuxing", "never_reported", locked=True),
]
COUNTS = [
    {"unit": DISTRICT, "month": "2023-06", "state": "overdue", "locked": False, "cells": 3, "due_at": None},
    {"unit": DISTRICT, "month": "2023-06", "state": "received_on_time", "locked": False, "cells": 7, "due_at": None},
    {
        "unit": "construction_bureau",
        "month": "2023-07",
        "state": "not_due",
        "locked": False,
        "cells": 2,
        "due_at": None,
    },
]
HELD = {
    "indicator": INDICATOR, "name_zh": NAME, "name_en": "Investment", "district": DISTRICT, "answers": DISTRICT,
    "period": "2023-03", "value": "7", "unit": "CNY_100M", "reason": "漏报", "present_value": "6",
    "received_at": "2023-06-06T00:00:00+08:00",
}  # fmt: skip
LISTS = listed({"/cells": CELLS, "/calendar": COUNTS, "/held": [HELD]})


def answers(service: str, method: str, path: str, request: httpx.Request) -> Any:
    if path.endswith("/completeness"):
        counted = {"due": 10, "received": 9, "on_time": 8, "completeness": "0.9000", "timeliness": "0.8000"}
        return {"at": None, "districts": [{"district": DISTRICT, **counted}], "departments": []}
    return LISTS(service, method, path, request)


async def test_all_units_by_state(database: str) -> None:
    """The office sees every unit with its counts, signs named for screen readers, completeness and timeliness."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("office_director")).get("/calendar")).text
        asked = next(request for request in it.asked if request.url.path.endswith("/calendar"))
    assert dict(asked.url.params)["first"] == "2023-02-01"
    assert dict(asked.url.params)["last"] == "2023-07-31"
    for said in ("德清县", 'aria-label="逾期未报 3 项"', 'aria-label="按时报送 7 项"', "90.0%", "80.0%", "市建设局"):
        assert said in page, said
    assert page.index("逾期未报 3 项") < page.index("按时报送 7 项")


async def test_a_clerk_opens_the_own_units(database: str) -> None:
    """A row a series with its period, state and lock in words; a link to all units and to the series."""
    async with desk(database, answers) as it:
        client = await it.signed_in("district_clerk", DISTRICT)
        page = (await client.get("/calendar")).text
        english = (await client.get("/calendar?lang=en")).text
    assert 'aria-label="2023-06：逾期未报，2023-07-05 到期"' in page
    assert 'aria-label="2023-Q1：迟报，2023-07-05 到期，已锁定"' in page
    assert f'href="/items/{INDICATOR}/{DISTRICT}"' in page
    assert 'href="/calendar?unit=all"' in page
    assert 'aria-label="2023-06: overdue, due 2023-07-05"' in english


async def test_only_what_is_overdue(database: str) -> None:
    """The start page's link: rows with that state, a way back to all of them; none is said."""
    async with desk(database, answers) as it:
        client = await it.signed_in("district_clerk", DISTRICT)
        found = (await client.get("/calendar?state=overdue")).text
        none = (await client.get("/calendar?state=excused")).text
        strange = await client.get("/calendar?state=anything")
    assert "只显示：逾期未报" in found
    assert NAME in found
    assert "没有符合条件的单元" in none
    assert strange.status_code == 200


async def test_the_collective_list(database: str) -> None:
    """Every unit that owes, with what and since when; what is locked is not asked for any more."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("office_director")).get("/calendar/list")).text
    assert "截至 2023-07-06，2 个单位共 2 项待报或逾期未报" in page
    assert f"{NAME}（德清县，2023-06），2023-07-05到期" in page
    assert "吴兴区" not in page


async def test_what_waits_behind_the_lock(database: str) -> None:
    """The start page's link for the office: the held report beside the present value, with its reason."""
    async with desk(database, answers) as it:
        page = (await (await it.signed_in("office_director")).get("/calendar?held=true")).text
    assert NAME in page
    assert "漏报" in page

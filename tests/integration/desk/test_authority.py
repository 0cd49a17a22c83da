"""A person's pass on a real service: the role decides, the unit decides, and the person is who did it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import structs

from contracts.passes import Bearer, Minter, make_keys
from tests.support.supervised import ANSWER, Supervised, supervised


@pytest.fixture
async def alerts(database: str, tmp_path: Path) -> AsyncIterator[Supervised]:
    """June 2023, and a desk's keys that the service knows."""
    make_keys(tmp_path / "private.json", tmp_path / "public.json")
    async with supervised(database, passes=tmp_path / "public.json") as found:
        await found.june()
        yield found


@pytest.fixture
def minter(alerts: Supervised, tmp_path: Path) -> Minter:
    return Minter(tmp_path / "private.json")


async def act(alerts: Supervised, minter: Minter, who: Bearer, ticket: str, **command: Any) -> httpx.Response:
    """An act on a ticket as a person."""
    headers = {"Authorization": f"Bearer {minter.mint(who)}"}
    return await alerts.public.post(f"/v1/tickets/{ticket}/acts", json=command, headers=headers)


CLERK = Bearer(subject="ma", role="district_clerk", unit="deqing")
LEAD = Bearer(subject="hu", role="district_lead", unit="deqing")
OFFICE = Bearer(subject="zhou", role="office_director")


async def test_a_tickets_day(alerts: Supervised, minter: Minter) -> None:
    """The clerk signs and may not promise; the lead answers; the office escalates; each is named in the history."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    assert (await act(alerts, minter, CLERK, ticket, act="ack")).status_code == 200
    refused = await act(alerts, minter, CLERK, ticket, **ANSWER)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_authorised")
    assert (await act(alerts, minter, LEAD, ticket, **ANSWER)).status_code == 200
    done = await act(alerts, minter, OFFICE, ticket, act="escalate", reason="领导批示")
    assert done.status_code == 200, done.text
    actors = {each["event"]: each["actor"] for each in done.json()["events"] if each["actor"]}
    assert actors == {"ack": "ma", "answer": "hu", "escalate": "zhou"}


async def test_what_is_anothers_is_refused(alerts: Supervised, minter: Minter) -> None:
    """Another district's lead, a department's, the leader and the operator: 403 with a stable code, nothing moves."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    for who, code in (
        (Bearer(subject="lin", role="district_lead", unit="anji"), "not_authorised"),
        (Bearer(subject="zhu", role="department_lead", unit="construction_bureau"), "not_addressee"),
        (Bearer(subject="wang", role="leader"), "not_authorised"),
        (Bearer(subject="admin", role="operator"), "not_authorised"),
        (Bearer(subject="zhou", role="office_director"), "not_authorised"),
    ):
        refused = await act(alerts, minter, who, ticket, act="ack")
        assert (refused.status_code, refused.json()["code"]) == (403, code), who
    assert (await alerts.ticket("deqing"))["state"] == "OPEN"


async def test_who_approves_is_said_by_the_desk(alerts: Supervised, minter: Minter) -> None:
    """Rule 8: an approver counts when the desk's pass says who that is and the role may suspend; naming one is not
    enough, and the approver's role is not the bearer's."""
    ticket = (await alerts.ticket("deqing"))["ticket"]
    deputy, leader = Bearer(subject="wu", role="office_deputy"), Bearer(subject="wang", role="leader")
    wish = {"act": "suppress", "reason": "汛期", "until": "2023-08-01T00:00:00+08:00"}
    for who, name, status in (
        (OFFICE, "wu", 422),
        (structs.replace(OFFICE, approver=leader), "wang", 422),
        (structs.replace(OFFICE, approver=deputy), "chen", 422),
        (structs.replace(LEAD, approver=deputy), "wu", 403),
        (structs.replace(OFFICE, approver=deputy), "wu", 200),
    ):
        answer = await act(alerts, minter, who, ticket, **wish, approver=name)
        assert answer.status_code == status, (who, name)
        assert status != 422 or answer.json()["code"] == "approver_not_authorised"
    assert (await alerts.ticket("deqing"))["suppressed"]


async def test_everybody_reads_everything(alerts: Supervised, minter: Minter) -> None:
    """A clerk of one district sees the tickets of all."""
    headers = {"Authorization": f"Bearer {minter.mint(CLERK)}"}
    found = await alerts.public.get("/v1/programmes/huzhou-2023-2027/tickets", headers=headers)
    assert {each["district"] for each in found.json()["items"]} == {"deqing", "anji"}

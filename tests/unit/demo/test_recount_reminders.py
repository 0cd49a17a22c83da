"""The recount of reminders by hand-made logs, and the question of demo-check, which can say no (rule 7.3)."""

import json
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncpg
import pytest

from contracts.cells import Cells
from contracts.periods import SHANGHAI
from contracts.programme import CITY
from deploy.demo.check.reminders import reminded
from deploy.demo.recount.facts import Recount
from deploy.demo.recount.reminders import reminders
from tests.support.programmes import indicator, lookup

START, UNTIL = datetime(2023, 1, 1, tzinfo=SHANGHAI), datetime(2023, 7, 8, tzinfo=SHANGHAI)
PLACE = {"indicator": "investment", "district": CITY, "period": "2023-06"}
KEY = tuple(PLACE.values())


def line(at: str, path: str, data: dict[str, Any]) -> str:
    """One push of one item, as the driver logs it."""
    answer = {"received_at": at, "receipt": at, "items": [{"index": 0, "status": "accepted"}]}
    said = {"id": at, "source": "/simulated/x", "data": {**PLACE, **data}}
    return json.dumps({"path": path, "items": [said], "answer": answer}) + "\n"


def value(at: str, value: str | None = "5", **data: Any) -> str:
    return line(at, "/v1/reports", {"value": value, "unit": "亿元", **data})


def act(at: str, kind: str, **data: Any) -> str:
    return line(at, "/v1/acts", {"act": kind, "reason": "x", **data})


def counted(place: Path, *lines: str) -> Recount:
    of = lookup(indicator())
    log = place / "log.ndjson"
    log.write_text("".join(lines))
    return Recount.of(of, Cells(of), log)


BEFORE, BETWEEN = "2023-07-02T08:59:00+08:00", "2023-07-04T10:00:00+08:00"
LATER = "2023-07-05T12:00:00+08:00"


@pytest.mark.parametrize(
    ("lines", "kinds"),
    [
        ([], {"due_soon", "overdue"}),
        ([value(BEFORE)], set()),
        ([value("2023-07-02T09:00:00+08:00")], {"due_soon"}),
        ([value(BETWEEN)], {"due_soon"}),
        ([value(BEFORE), value(BETWEEN, None, revision=1, reason="x")], {"overdue"}),
        ([act(BEFORE, "cell.excused")], set()),
        ([act(BEFORE, "cell.excused", until="2023-07-04")], {"overdue"}),
        ([act(BEFORE, "cell.excused"), act(LATER, "cell.unexcused")], {"overdue"}),
        ([act(BETWEEN, "cell.excused")], {"due_soon"}),
    ],
    ids=["silent", "reported", "at nine", "in time", "withdrawn", "excused", "excused for a time", "unexcused",
         "excused late"],
)  # fmt: skip
def test_who_owes(tmp_path: Path, lines: list[str], kinds: set[str]) -> None:
    """What is known by 09:00 decides: a value that stands, an excuse that holds."""
    found = reminders(counted(tmp_path, *lines), START, UNTIL)
    assert {kind for (_, due_on, kind), cells in found.items() if str(due_on) == "2023-07-05" and KEY in cells} == kinds


class Stored:
    """The feed of a platform."""

    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.messages = messages

    async def fetch(self, _: str) -> list[dict[str, str]]:
        return [{"document": json.dumps(each)} for each in self.messages]


async def test_the_question_can_say_no(tmp_path: Path) -> None:
    """Right as recounted; wrong when a cell, a message or a list is missing or said twice."""
    recount = counted(tmp_path, value(BEFORE))
    right: list[dict[str, Any]] = []
    sums: dict[Any, list[Any]] = {}
    for (unit, due_on, kind), cells in reminders(recount, START, UNTIL).items():
        listed = [dict(zip(("indicator", "district", "period"), key, strict=True)) for key in sorted(cells)]
        said = {"due_on": str(due_on), "cells": listed, "units": []}
        right.append({"labels": {"addressee": unit}, "reason_code": kind, "reminder": said})
        sums.setdefault((due_on, kind), []).append({"unit": unit, "cells": len(cells)})
    for (due_on, kind), units in sums.items():
        said = {"due_on": str(due_on), "cells": [], "units": units}
        right.append({"labels": {"addressee": "office"}, "reason_code": kind, "reminder": said})
    demo = cast(Any, SimpleNamespace(start=START, until=UNTIL))

    async def wrong(messages: list[dict[str, Any]]) -> int:
        return len((await reminded(cast(asyncpg.Connection, Stored(messages)), recount, demo)).wrong)

    less = json.loads(json.dumps(right))
    less[0]["reminder"]["cells"].pop()
    assert [await wrong(each) for each in (right, right[1:], right[:-1], [*right, right[0]], [*right, right[-1]])] \
        == [0, 1, 1, 1, 1]  # fmt: skip
    assert await wrong(less) == 1

"""The question of demo-check about reminders (rule 7.3): each unit's list what it owed, the office's the sums."""

import json
from collections import Counter
from datetime import date

import asyncpg

from deploy.demo.check.answers import Answer
from deploy.demo.demo import Demo
from deploy.demo.recount.facts import Recount
from deploy.demo.recount.reminders import Said, reminders


async def reminded(connection: asyncpg.Connection, recount: Recount, demo: Demo) -> Answer:
    """Every single reminder by unit, due date and kind, cell by cell; the collective ones by unit."""
    rows = await connection.fetch("SELECT document::text AS document FROM alerts.feed WHERE kind = 'reminder'")
    read = [json.loads(row["document"]) for row in rows]
    messages = [each for each in read if each["reason_code"] != "by_hand"]  # a visitor of the demo may ask for one
    stored: dict[Said, frozenset[tuple[str, str, str]]] = {}
    lists: dict[tuple[date, str], dict[str, int]] = {}
    wrong = []
    for each in messages:
        said, kind = each["reminder"], each["reason_code"]
        due_on = date.fromisoformat(said["due_on"])
        if said["units"]:
            wrong += [f"{due_on} {kind}: two lists"] if (due_on, kind) in lists else []
            lists[due_on, kind] = {unit["unit"]: unit["cells"] for unit in said["units"]}
            continue
        name = each["labels"]["addressee"], due_on, kind
        wrong += [f"{name}: said twice"] if name in stored else []
        stored[name] = frozenset((c["indicator"], c["district"], c["period"]) for c in said["cells"])
    due = reminders(recount, demo.start, demo.until)
    wrong += [
        f"{' '.join(map(str, name))}: {len(stored.get(name, ()))} cells reminded, {len(due.get(name, ()))} recounted"
        for name in sorted(stored.keys() | due.keys())
        if stored.get(name) != due.get(name)
    ]
    sums: dict[tuple[date, str], Counter[str]] = {}
    for (unit, due_on, kind), cells in due.items():
        sums.setdefault((due_on, kind), Counter())[unit] = len(cells)
    wrong += [f"{due_on} {kind}: another list" for due_on, kind in sums.keys() | lists.keys()
              if sums.get((due_on, kind)) != lists.get((due_on, kind))]  # fmt: skip
    return Answer(f"reminders to units (lists to the office {len(lists)})", len(stored), wrong)

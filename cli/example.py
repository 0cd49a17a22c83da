"""A report that could be sent today: for a cell whose period is over and that no publication has locked yet."""

import json
import shlex
from datetime import datetime
from typing import Any

import msgspec

from contracts.cells import Cell, Cells
from contracts.events import Report
from contracts.numbers import exact, published
from contracts.programme import Indicator, Lookup
from contracts.responsibility import writer
from contracts.submission import TYPE, Submitted


def example(lookup: Lookup, now: datetime, district: str) -> dict[str, Any] | None:
    """An event for the newest open cell that the district itself writes, or None when there is none.

    Its value is invented (half of the target, so that a light turns) and its source says so. The cell may have a value
    already: the revision is the minutes since the period closed, so that each new example is the newest.
    """
    for indicator, cell in sorted(_open(lookup, now, district), key=_preferred):
        target = _target(lookup, indicator, district)
        if target is not None:
            return _event(lookup, indicator, cell, published(exact(target) / 2, indicator.decimals), now)
    return None


def instructions(url: str, unit: str) -> str:
    """What to type next, verbatim, with the example in report.json; `unit` writes its cell."""
    return f"""
# 示例存入 report.json 后报送 / with the example in report.json (.venv/bin/liangshai push --example > report.json):
export LIANGSHAI_TOKEN=$(cat {shlex.quote(f".local/demo/tokens/{unit}")})
.venv/bin/liangshai push report.json
# 或 / or:
{curl(url)}"""


def curl(url: str) -> str:
    """The command that sends report.json; what runs on this machine is reached without a proxy."""
    parts = ["curl", "-sS", "--noproxy", "127.0.0.1,localhost", f"{url}/v1/reports"]
    parts += ["-H", "Content-Type: application/cloudevents+json"]
    return f'{shlex.join(parts)} -H "Authorization: Bearer $LIANGSHAI_TOKEN" --data-binary @report.json'


def written(event: dict[str, Any]) -> str:
    """The event as people read it."""
    return json.dumps(event, ensure_ascii=False, indent=2)


def _open(lookup: Lookup, now: datetime, district: str) -> list[tuple[Indicator, Cell]]:
    cells = Cells(lookup)
    mine = [i for i in lookup.programme.indicators if district in i.districts and i.goal == "reach"]
    return [
        (indicator, cell)
        for indicator in mine
        for cell in cells.of(indicator.id, district)
        if cell.due_at is not None
        and cell.period.closes_at <= now < cell.lock_at
        and writer(lookup, indicator.id, district, cell.period) == district
    ]


def _preferred(found: tuple[Indicator, Cell]) -> tuple[int, float]:
    """Months before quarters, the newest first."""
    return found[1].period.months, -found[1].period.closes_at.timestamp()


def _target(lookup: Lookup, indicator: Indicator, district: str) -> str | None:
    allocation = lookup.allocations.get((indicator.id, district))
    if allocation is not None and allocation.targets:
        return allocation.targets[max(allocation.targets)]
    dated = [target.value for target in indicator.targets if target.value is not None]
    return dated[-1] if dated and indicator.aggregate == "reported" else None


def _event(lookup: Lookup, indicator: Indicator, cell: Cell, value: str, now: datetime) -> dict[str, Any]:
    report = Report(
        programme=lookup.programme.id,
        indicator=indicator.id,
        district=cell.district,
        period=cell.period.text,
        value=value,
        unit=indicator.unit_zh or indicator.unit,
        revision=1 + int((now - cell.period.closes_at).total_seconds() // 60),
        reason="演示用的虚构数值 / an invented value, for show",
    )
    name = f"example-{indicator.id}-{cell.district}-{cell.period}-{now:%m%d%H%M%S}"
    submitted = Submitted(specversion="1.0", id=name, source="/simulated/example", type=TYPE, data=report)
    return _sparse(submitted)


def _sparse(submitted: Submitted) -> dict[str, Any]:
    """Without what has not been said."""
    plain: dict[str, Any] = msgspec.to_builtins(submitted)
    data = {name: value for name, value in plain["data"].items() if value not in (None, (), "final")}
    return {name: plain[name] for name in ("specversion", "id", "source", "type")} | {"data": data}

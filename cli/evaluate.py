"""`liangshai evaluate FILE`: what the rules say of a case, without any server, by the very code of the services.

Officials try a rule before adopting it: one JSON document goes in (docs/evaluate.md says what it may hold), the
standing, the light and the sentence that explains them come out, with the tickets, and what is asked for beside them.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from cli.case import Case, Misread, facts_of, profile_of, programme_of, read
from cli.consequences import project, scores, tickets
from contracts.catalogue import SHIPPED, Unloadable
from contracts.cells import Cell, Cells
from contracts.events import Colour, Standing
from contracts.numbers import exact
from contracts.periods import midnight
from contracts.programme import Lookup
from services.alerts.lights import fold as fold_lights
from services.alerts.lights import raw
from services.alerts.replaying import Episode
from services.alerts.words import LEVELS, TICKET_STATES
from services.metrics.fold import Folded, fold

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

COLOURS: Mapping[Colour, str] = {"green": "绿 green", "yellow": "黄 yellow", "red": "红 red", "grey": "灰 grey"}
STYLES: Mapping[Colour, str] = {"green": "green", "yellow": "yellow", "red": "bold red", "grey": "dim"}
ROWS = (  # field of the standing, what it is called
    ("value", "完成值 value"),
    ("expected", "序时应为 expected"),
    ("target", "目标 target"),
    ("target_on", "目标日期 target on"),
    ("baseline", "起点 baseline"),
    ("baseline_on", "起点日期 baseline on"),
    ("baseline_source", "起点来源 baseline from"),
    ("tolerance", "容差 tolerance"),
    ("mode", "评判方式 mode"),
    ("reason", "不评判原因 reason"),
    ("short", "差额 short"),
    ("short_pct", "差额占比 % short"),
    ("lag", "落后百分点 lag"),
    ("ratio", "完成比 ratio"),
    ("attainment", "完成度 attainment"),
)


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The newest cell with a value by `as_of`, its light, and the lights of the whole series up to then."""

    standing: Standing
    light: Colour
    raw: Colour
    lights: Sequence[tuple[str, Colour]]
    outcomes: Sequence[tuple[str, str | None, tuple[str, ...]]]  # of the reports, in the file's order
    tickets: Sequence[Episode]  # up to the same moment as the lights

    def document(self) -> Mapping[str, Any]:
        outcomes = [{"outcome": kind, "code": code, "flags": flags} for kind, code, flags in self.outcomes]
        lights = [{"period": period, "light": light} for period, light in self.lights]
        return {
            "standing": self.standing,
            "light": self.light,
            "raw": self.raw,
            "explanation": self.standing.explanation,
            "lights": lights,
            "outcomes": outcomes,
            "tickets": [{"first_period": t.first_period, "level": t.level, "state": t.state} for t in self.tickets],
        }


def add_parser(subparsers: "Subparsers") -> None:
    parser = subparsers.add_parser(
        "evaluate", help="用规则试算一个案例 / what the rules say of a case, without servers"
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="JSON 案例 / the case: indicator, targets, reports, as_of, profile"
    )
    parser.add_argument(
        "--catalogue", type=Path, default=SHIPPED, metavar="DIR", help="目录，默认 / default: %(default)s"
    )
    parser.add_argument("--json", action="store_true", help="输出 JSON / print the document, for scripts")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    try:
        case = read(args.file)
        found = evaluate(case, args.catalogue) if case.indicator is not None else None
        beside = beyond(case, args.catalogue)
    except (Misread, Unloadable, ValueError) as problem:
        print(f"无法试算 / cannot be evaluated: {problem}", file=sys.stderr)
        return 2
    if args.json:
        document = {**(found.document() if found else {}), **beside}
        print(msgspec.json.format(msgspec.json.encode(document)).decode())
        return 0
    if found is not None:
        _show(found)
    _show_beside(beside)
    return 0


def beyond(case: Case, catalogue: Path) -> dict[str, Any]:
    """What the case asks for beside its indicator: scores and a project."""
    found: dict[str, Any] = {}
    if case.scores:
        found["scores"] = scores(case.scores, exact(case.gate))
    if case.project is not None:
        found["project"] = project(case.project, case.as_of, profile_of(case, catalogue))
    if case.indicator is None and not found:
        raise Misread("案例没有指标、得分或项目", "the case has no indicator, scores or project")
    return found


def evaluate(case: Case, catalogue: Path = SHIPPED) -> Evaluated:
    """The services' own path: facts → fold → lights."""
    lookup = programme_of(case, catalogue)
    cells = Cells(lookup)
    (indicator,) = lookup.programme.indicators
    facts = facts_of(case, lookup, cells)
    folded = fold(lookup, cells, indicator, facts)
    told = [cell for cell in cells.of(indicator.id, case.district)[1:] if cell.period.end <= case.as_of]
    standing = _newest(case, told, folded)
    lights = _lights(case, lookup, told, folded)
    light = dict(lights)[standing.period]
    outcomes = [folded.outcomes[fact.identity] for fact in facts]
    own = {period: each for (district, period), each in folded.standings.items() if district == case.district}
    opened = tickets(lookup, cells.of(indicator.id, case.district), own, case.ticket_acts, _through(case))
    return Evaluated(standing, light, raw(standing, lookup.programme.profile), lights, outcomes, opened)


def _newest(case: Case, told: Sequence[Cell], folded: Folded) -> Standing:
    """The newest period with a value that ends by `as_of` (rule 2.10); without one, the newest that says why."""
    found = [folded.standings[case.district, cell.period.text] for cell in told if _known(case, cell, folded)]
    if not found:
        zh = f"{case.district} 没有截至 {case.as_of} 的报告期的报送"
        raise Misread(zh, f"no report of {case.district} for a period that ends by {case.as_of}")
    return next((standing for standing in reversed(found) if standing.value is not None), found[-1])


def _known(case: Case, cell: Cell, folded: Folded) -> bool:
    return (case.district, cell.period.text) in folded.standings


def _lights(case: Case, lookup: Lookup, told: Sequence[Cell], folded: Folded) -> list[tuple[str, Colour]]:
    standings = {period: each for (district, period), each in folded.standings.items() if district == case.district}
    found = fold_lights(told, standings, lookup.programme.profile, _through(case))
    reported = (period for period in zip(told, found.cells, strict=True) if _known(case, period[0], folded))
    return [(cell.period.text, light.live or "grey") for cell, light in reported]


def _through(case: Case) -> datetime:
    return case.known_at or midnight(case.as_of + timedelta(days=1))


def _show_beside(beside: Mapping[str, Any]) -> None:
    """Scores and a project, a line each."""
    console = Console(highlight=False)
    for row in beside.get("scores", ()):
        unranked = f"不排位 not ranked ({row['not_ranked']})"
        place = f"第{row['place']}位 place {row['place']}" if row["place"] else unranked
        points = f"过程分 process points {row['process_points']}"
        console.print(escape(f"{row['unit']}: 得分 score {row['score']} · {place} · {points}"))
    if of := beside.get("project"):
        points = f"应完成 due {of['expected_points']} · 已完成 done {of['done_points']}"
        light = COLOURS[of["light"] or "grey"]
        console.print(escape(f"项目 project {of['period']}: {points} · 落后 {of['lag_days']} 天 days behind · {light}"))


def _show(found: Evaluated) -> None:
    console, standing = Console(highlight=False), found.standing
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("指标 indicator", f"{standing.indicator} · {standing.district} · {standing.period} ({standing.unit})")
    for field, called in ROWS:
        value = getattr(standing, field)
        if value is not None:
            table.add_row(called, escape(str(value)))
    if standing.forecast is not None and standing.forecast.value is not None:
        misses = " · 照此难以达标 will miss" if standing.forecast.will_miss else ""
        table.add_row("预测 forecast", f"{standing.forecast.value}{misses}")
    if standing.owed is not None:
        table.add_row("未达目标 still owed", f"{standing.owed.value} ({standing.owed.on})")
    table.add_row("灯 light", f"[{STYLES[found.light]}]{COLOURS[found.light]}[/]")
    if found.raw != found.light:
        table.add_row("仅按数值 by the numbers alone", COLOURS[found.raw])
    for ticket in found.tickets:
        level, state = LEVELS[ticket.level], TICKET_STATES.get(ticket.state)
        now = f"{state.zh} {state.en}" if state else ticket.state
        table.add_row("督办单 ticket", f"{ticket.first_period} 起 from · 最高 up to {level.zh} {level.en} · {now}")
    if standing.flags:
        table.add_row("标记 flags", ", ".join(standing.flags))
    console.print(table)
    console.print(escape(f"\n{standing.explanation.zh}\n{standing.explanation.en}"))
    turned_down = [(n, *each) for n, each in enumerate(found.outcomes) if each[0] not in ("applied", "unchanged")]
    for n, kind, code, _ in turned_down:
        console.print(escape(f"未采用 not used: reports[{n}]: {kind}{f' ({code})' if code else ''}"), style="dim")

"""The worst differences of a trial in words, Chinese first, English beside. Pure."""

from collections.abc import Iterable, Mapping

from contracts.events import Colour, Text
from contracts.periods import parse
from contracts.programme import Lookup
from contracts.quoting import quoted
from services.alerts import texts
from services.alerts.judgement import WORSE
from services.alerts.trial.differences import Compared, Kind, LightMoved, TicketMoved
from services.alerts.words import LEVELS, LIGHTS

EXAMPLES = 10
_KINDS: Mapping[Kind, Text] = {
    "lag": Text("督办单", "ticket"),
    "reporting": Text("未报督办单", "reporting ticket"),
    "project": Text("项目督办单", "project ticket"),
}
Names = Mapping[str, Text]  # of projects


def examples(found: Iterable[Compared], lookup: Lookup, projects: Names) -> list[Text]:
    """The worst differences in words: lights by how far they move, then tickets by their levels."""
    every = list(found)
    lights = sorted((m for each in every for m in each.lights), key=_distance, reverse=True)
    tickets = sorted((m for each in every for m in each.tickets), key=_levels, reverse=True)
    half = EXAMPLES // 2
    told = [light_text(m, lookup, projects) for m in lights[:half]]
    return told + [ticket_text(m, lookup, projects) for m in tickets[:half]]


def _distance(moved: LightMoved) -> tuple[int, str]:
    return abs(WORSE[moved.then] - WORSE[moved.now]), moved.period


def _levels(moved: TicketMoved) -> tuple[int, str]:
    return abs((moved.then or 0) - (moved.now or 0)), moved.first_period


def light_text(moved: LightMoved, lookup: Lookup, projects: Names) -> Text:
    """德清县“…”2023年6月：现行规则黄灯，试行规则红灯。"""
    zh, en = _item(moved, moved.period, lookup, projects)
    now, then = _light(moved.now), _light(moved.then)
    return Text(
        f"{zh}：现行规则{now.zh}，试行规则{then.zh}。", f"{en}: {now.en} by the present rules, {then.en} on trial."
    )


def ticket_text(moved: TicketMoved, lookup: Lookup, projects: Names) -> Text:
    """德清县“…”2023年6月：现行规则立督办单，最高至督办函；试行规则不立督办单。"""
    zh, en = _item(moved, moved.first_period, lookup, projects)
    kind = _KINDS[moved.rule]
    now, then = _ticket(kind, moved.now, moved.cancelled_now), _ticket(kind, moved.then, moved.cancelled_then)
    return Text(
        f"{zh}：现行规则{now.zh}；试行规则{then.zh}。", f"{en}: {now.en} by the present rules, {then.en} on trial."
    )


def _item(moved: LightMoved | TicketMoved, period: str, lookup: Lookup, projects: Names) -> tuple[str, str]:
    name = lookup.indicators[moved.indicator].name if moved.indicator else projects[moved.project or ""]
    place, when = lookup.districts[moved.district].name, texts.period(parse(period))
    return f"{place.zh}{quoted(name.zh)}{when.zh}", f"{place.en}, {name.en}, {when.en}"


def _light(colour: Colour | None) -> Text:
    return LIGHTS[colour] if colour is not None else Text("尚未定灯", "not fixed yet")


def _ticket(kind: Text, level: int | None, cancelled: bool) -> Text:
    if level is None:
        return Text(f"不立{kind.zh}", f"no {kind.en}")
    zh, en = LEVELS[level].zh, LEVELS[level].en
    if cancelled:
        return Text(f"立{kind.zh}（最高至{zh}，后撤销）", f"a {kind.en} up to {en}, cancelled later")
    return Text(f"立{kind.zh}，最高至{zh}", f"a {kind.en} up to {en}")

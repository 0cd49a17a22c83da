"""A rule tried before it is adopted: one series replayed on both sides (replaying.py) and held against itself. Pure."""

from collections.abc import Mapping, Sequence

from services.alerts.judgement import Judgement
from services.alerts.tickets import Lane
from services.alerts.trial.differences import Compared, Span, Subject
from services.alerts.trial.replaying import Episode, Judged, Recorded, Rules, judged, replayed, told

LANES: Sequence[Lane] = ("lag", "reporting")


def compared(recorded: Recorded, present: Rules, trial: Rules, span: Span, lead: str = "") -> Compared:
    """Replay one series on both sides; its tickets only where there can be any. `lead`: who answers for it."""
    now, then = judged(recorded, present), judged(recorded, trial)
    out = Compared(Subject(recorded.name.district, lead, recorded.name.indicator))
    for cell, record in zip(now.cells, now.records, strict=True):
        out.check_light(cell.period.text, recorded.records.get(cell.period.text), record)
    _lights(now, then, span, out)
    same = trial.same_time and trial.inhibits is present.inhibits and _judgements(now) == _judgements(then)
    before = _tickets(recorded, now, present)
    after = before if same else _tickets(recorded, then, trial)
    ends = {cell.period.text: cell.period.end for cell in (*now.cells, *then.cells)}
    stored: Mapping[Lane, Sequence[Episode]] = {"lag": recorded.tickets, "reporting": recorded.reporting_tickets}
    for lane in LANES:
        out.check_tickets(lane, stored[lane], before[lane])
        one, other = ([e for e in found[lane] if span.holds(ends[e.first_period])] for found in (before, after))
        out.count(out.tally if lane == "lag" else out.tally.reporting, lane, one, other)
    return out


def _judgements(of: Judged) -> list[Judgement]:
    return [receipt.judgement for receipt in of.receipts]


def _tickets(recorded: Recorded, found: Judged, rules: Rules) -> Mapping[Lane, list[Episode]]:
    """Its tickets by lane, where lights, forecasts, a hand, a red line or a missing report can have opened any;
    versions that were replaced may have, whatever their cells show now."""
    by_hand = recorded.overrides or recorded.lines or recorded.replaced
    lagging = any(record in ("yellow", "red") for record in found.records)
    foreseen = any(each is not None and each.misses for each in found.judgements)
    if not (by_hand or lagging or foreseen or _missed(recorded, found)):
        return {lane: [] for lane in LANES}
    series = replayed(recorded, found, rules)
    return {lane: told(series, lane) for lane in LANES}


def _missed(recorded: Recorded, found: Judged) -> bool:
    """Whether a due date passed without a report in force or an excuse without an end (of cells with one version:
    others are replayed anyway)."""
    came = {each.cell: each.at for each in found.receipts if _answers(each.judgement)}
    due = ((i, cell.due_at) for i, cell in enumerate(found.cells) if cell.due_at is not None)
    return any(at <= recorded.through and (i not in came or came[i] >= at) for i, at in due)


def _answers(judgement: Judgement) -> bool:
    return judgement.received or (judgement.excused and judgement.excused_until is None)


def _lights(now: Judged, then: Judged, span: Span, out: Compared) -> None:
    after = {cell.period.text: record for cell, record in zip(then.cells, then.records, strict=True)}
    for cell, before, judgement in zip(now.cells, now.records, now.judgements, strict=True):
        other = after.get(cell.period.text)
        if not span.holds(cell.period.end) or (before is None and other is None):
            continue
        differs = out.light(out.tally, cell.period.text, before, other)
        if differs and judgement is not None and judgement.binding:
            key = (out.subject.indicator or "", out.subject.district)
            out.binding.append((key, cell.period, before, other))

"""The messages of one occasion: one to each unit with everything it owes, one list of all units to the office. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.events import Text
from contracts.feed_events import FeedMessage, RemindedCell, RemindedUnit, Reminder
from contracts.periods import Period
from contracts.programme import CITY, OFFICE, Lookup
from services.alerts import naming
from services.alerts.feed import Links
from services.alerts.reminders import words
from services.alerts.reminders.occasions import Duty, Occasion

RULE = "reporting"
EVERY = "*"  # in the feed's column `indicator`: it is about several


@dataclass(frozen=True, slots=True)
class Draft:
    """A message before it has its number: whom it goes to, what it lists, what it says."""

    occasion: Occasion
    unit: str
    collective: bool
    reminder: Reminder
    period: Period  # the newest it lists
    summary: Text

    def message_id(self, programme: str, kind: str) -> str:
        to = "list" if self.collective else self.unit
        return naming.message(f"reminder|{programme}|{to}|{self.occasion.due_on}", kind)


def drafts(occasion: Occasion, owing: Sequence[Duty], lookup: Lookup) -> Iterator[Draft]:
    """Of the cells that are still to come: the units in the order of their ids, the office's list last."""
    by_unit: dict[str, list[Duty]] = {}
    for duty in owing:
        by_unit.setdefault(duty.unit, []).append(duty)
    for unit in sorted(by_unit):
        yield _single(occasion, unit, by_unit[unit], lookup)
    if owing:
        yield _collective(occasion, Counter(duty.unit for duty in owing), _newest(owing), lookup)


def _single(occasion: Occasion, unit: str, owed: Sequence[Duty], lookup: Lookup) -> Draft:
    cells = tuple(RemindedCell(*duty.key) for duty in owed)
    indicators = list(dict.fromkeys(duty.cell.indicator for duty in owed))
    said = words.single(unit, occasion.kind, occasion.due_on, indicators, len(owed), lookup)
    return Draft(occasion, unit, False, Reminder(due_on=occasion.due_on, cells=cells), _newest(owed), said)


def _collective(occasion: Occasion, counts: Mapping[str, int], newest: Period, lookup: Lookup) -> Draft:
    most = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    listed = Reminder(due_on=occasion.due_on, units=tuple(RemindedUnit(unit, count) for unit, count in most))
    said = words.collective(occasion.kind, occasion.due_on, counts, lookup)
    return Draft(occasion, OFFICE, True, listed, newest, said)


def _newest(owed: Sequence[Duty]) -> Period:
    return max(duty.cell.period for duty in owed)


def message(
    seq: int, draft: Draft, said: Set[str], sent: datetime, programme: str, lookup: Lookup, links: Links
) -> FeedMessage:
    """`said`: the messages that were sent before; the overdue one refers to the one that came before the due date."""
    occasion, unit = draft.occasion, draft.unit
    earlier = draft.message_id(programme, "due_soon")
    references = (earlier,) if occasion.kind == "overdue" and earlier in said else ()
    district = unit if unit in lookup.districts and not draft.collective else CITY
    step = words.next_step(occasion.kind, occasion.due_on, office=draft.collective)
    to = "list" if draft.collective else unit
    return FeedMessage(
        seq=seq,
        message_id=draft.message_id(programme, occasion.kind),
        msg_type="Update" if references else "Alert",
        references=references,
        sent=sent,
        version="1",
        rule="reporting",
        kind="reminder",
        ticket_id=None,
        notification_reason="reminder",
        group_key=f"addressee={unit},due={occasion.due_on}",
        fingerprint=naming.fingerprint("reminder", programme, to, district),
        episode=None,
        severity="yellow",
        ticket_level=None,
        certainty="observed",
        starts_at=occasion.at,
        ends_at=None,
        labels={
            "programme": programme,
            "indicator": "",
            "district": district,
            "department": "" if district == unit else unit,
            "addressee": unit,
        },
        annotations={
            "summary_zh": draft.summary.zh,
            "summary_en": draft.summary.en,
            "lag_text_zh": "",
            "lag_text_en": "",
            "next_step_zh": step.zh,
            "next_step_en": step.en,
        },
        inputs={"expected": None, "actual": None, "target": None},
        reason_code=occasion.kind,
        period=draft.period.text,
        as_of=draft.period.end,
        data_cutoff=occasion.at,
        links=_links(draft, district, programme, links),
        reminder=draft.reminder,
    )


def _links(draft: Draft, district: str, programme: str, links: Links) -> dict[str, str]:
    """The cells that are awaited, and the board of whom it goes to."""
    item = f"{links.metrics}/v1/programmes/{programme}/cells?period={draft.period.text}"
    board = f"{links.boards}/d/liangshai-reporting?var-programme={programme}"
    if draft.collective:
        return {"item": item, "board": board} | links.page("calendar/list")
    by = "district" if district == draft.unit else "department"
    return {"item": f"{item}&{by}={draft.unit}", "board": board} | links.page(f"calendar?unit={draft.unit}")


def feed_row(told: FeedMessage, groups: Sequence[str]) -> dict[str, Any]:
    """A message in alerts.feed; `groups`: for whom it is by the catalogue's routing."""
    named = ("seq", "message_id", "sent", "rule", "kind", "notification_reason", "severity", "period")
    return {name: getattr(told, name) for name in named} | {
        "programme": told.labels["programme"],
        "indicator": EVERY,
        "district": told.labels["district"],
        "ticket": None,
        "warning": None,
        "groups": groups,
        "document": told,
    }

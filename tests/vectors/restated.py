"""Vectors of corrections and what follows: approvals, refolded lights, tickets, editions (rules 2.9, 8, 11)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from functools import partial
from typing import Any

from contracts.calendar import Calendar
from contracts.cells import Cell, Cells
from contracts.events import Colour
from contracts.numbers import exact, plain, published
from contracts.periods import SHANGHAI, parse
from contracts.programme import CITY, Profile
from services.alerts import feed
from services.alerts.scores import ranking
from services.alerts.scores.publication import publish, restate
from services.alerts.scores.scoring import Item, deduction, score
from services.alerts.tickets import Event, Ticket, Transition, advance
from services.alerts.verdicts import History, restatements
from services.metrics.revisions import Fact, after_lock, known_from, resolve
from tests.support.programmes import indicator, lookup
from tests.vectors.scores import attainment
from tests.vectors.sequences import corrected_lights

Answer = Mapping[str, Any]
PERIOD = "2023-06"
LOCK, LATER, APPROVAL = (datetime(2023, 8, day, tzinfo=SHANGHAI) for day in (1, 2, 3))


def restatement(profile: Profile, calendar: Calendar, **given: Any) -> Answer:
    """A correction after publication, before it, or of lights that had a ticket."""
    forms: Mapping[str, Callable[..., Answer]] = {
        "values": partial(_editions, profile),
        "reports": partial(_refolded, profile),
        "lights_of_episode": partial(_ticket, calendar),
    }
    return next(form for field, form in forms.items() if field in given)(**given)


def _editions(
    profile: Profile, *, expected: str, S: str, T: str, values: dict[str, str], correction: dict[str, Any]
) -> Answer:
    facts = {each: [_fact(each, value, 0, parse(PERIOD).closes_at)] for each, value in values.items()}
    attained = partial(attainment, profile, E=expected, S=S, T=T)
    first = publish(_result(facts, attained))
    at = correction["district"]
    late = _fact(at, correction["value"], correction["revision"], LATER, APPROVAL if correction["approved"] else None)
    after = facts | {at: [*facts[at], late]}
    editions = restate(first, _result(after, attained)) if correction["approved"] else first
    held = after_lock(late)[0] == "held_for_approval" and known_from(late, LOCK) is None
    return {
        "edition_1": json.loads(first[0].content),
        "edition_1_after_correction": json.loads(editions[0].content),
        "edition_2": json.loads(editions[1].content) if len(editions) > 1 else None,
        "status": {f"edition_{each.number}": each.status for each in editions},
        "standing_value": plain(_value(after[at])),
        "held": correction["value"] if held else None,
    }


def _result(facts: Mapping[str, Sequence[Fact]], attained: Callable[..., Fraction | None]) -> dict[str, Any]:
    found = {
        each: score([Item("item", Fraction(1), attained(A=plain(_value(of))))], Fraction("0.80")).value
        for each, of in facts.items()
    }
    places = ranking.places(found)
    return {
        each: {"score": None if value is None else published(value, 2), "place": places[each]}
        for each, value in found.items()
    }


def _value(facts: Sequence[Fact]) -> Fraction:
    held = resolve([fact for fact in facts if known_from(fact, LOCK) is not None]).effective
    assert held is not None
    assert held.value is not None
    return held.value


def _fact(district: str, value: str, revision: int, at: datetime, approved_at: datetime | None = None) -> Fact:
    return Fact(
        *("/vectors", f"{district}/{revision}", district, PERIOD, revision, exact(value), at),
        *("corrected" if revision else None, None, "final", approved_at),
    )


def _refolded(profile: Profile, **given: Any) -> Answer:
    before, after = corrected_lights(profile, **given)
    return {"before": before, "after": after}


def _ticket(
    calendar: Calendar,
    *,
    tolerance: str,
    lights_of_episode: Sequence[tuple[str, Colour]],
    restated: Sequence[tuple[str, Colour]],
) -> Answer:
    """The episode those lights make, then the lights as restated."""
    of = indicator(tolerance=tolerance)
    cells = Cells(lookup(of)).of(of.id, CITY)
    at = {cell.period.text: n for n, cell in enumerate(cells)}
    ticket, _ = _advanced(
        Ticket(), [Event("light", LOCK, light, period) for period, light in lights_of_episode], calendar
    )
    before, now = (_verdicts(cells, told) for told in (lights_of_episode, restated))
    changed = [n for n, (was, is_) in enumerate(zip(before, now, strict=True)) if was != is_]
    history = History(cells, now, [0] * len(cells), [ticket], ticket, lambda _: False, lambda _: False, LATER)
    newest = max(at[period] for period, _ in lights_of_episode)
    after, said = _advanced(ticket, [each.event for each in restatements(history, changed, newest)], calendar)
    says = said[-1].says if said else None
    return {
        "ticket": after.state if after.state in ("CANCELLED", "CLOSED", "RECOVERED") else "stays",
        "msg_type": says and feed.msg_type(says),
        "notification_reason": says,
        "deduction_removed": str(_deducted(before) - _deducted(now)),
    }


def _verdicts(cells: Sequence[Cell], told: Sequence[tuple[str, Colour]]) -> list[Colour | None]:
    found = dict(told)
    return [found.get(cell.period.text) for cell in cells]


def _deducted(lights: Sequence[Colour | None]) -> int:
    return deduction(lights.count("yellow"), lights.count("red"))


def _advanced(ticket: Ticket, events: Sequence[Event], calendar: Calendar) -> tuple[Ticket, list[Transition]]:
    said: list[Transition] = []
    for event in events:
        ticket, transitions = advance(ticket, event, calendar)
        said.extend(transitions)
    return ticket, said

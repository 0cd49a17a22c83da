"""One version of a catalogue after another: what may not change, and what does, told by cell and target. Pure.

What reports mean must not change under them: another unit, frequency or way of counting is another indicator, which
`continues` this one (rule 4.11); an indicator ends by its `valid_to`, it does not vanish.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

import msgspec

from contracts.cells import reporting_frequency
from contracts.editions import Edition, Editions
from contracts.events import Text
from contracts.findings import Finding, finding
from contracts.programme import Indicator, Lookup

FIXED = ("unit", "measure", "reported_as", "judged_as", "aggregate", "direction", "stock", "fed_by")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that another version would change; `before` or `after` null: it comes or goes."""

    kind: Literal["indicator", "series", "cell", "target", "allocation", "part"]
    place: str  # indicator, indicator/district[/period], indicator[/district]/date, or the part
    before: str | None = None
    after: str | None = None


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the catalogue when a version is applied at a moment."""

    programme: str
    before: str
    after: str
    indicators: tuple[Change, ...]
    targets: tuple[Change, ...]
    cells_come: int
    cells_go: int
    cells_held: int  # open cells that will be held to the new version
    cells: tuple[Change, ...]  # the first of those that come and go
    parts: tuple[str, ...]  # other parts that differ: calendar, profile, …
    reason: Text | None = None


def objections(before: Lookup, after: Lookup) -> list[Finding]:
    """Why `after` cannot follow `before`: errors only."""
    return list(_objections(before, after))


def _objections(before: Lookup, after: Lookup) -> Iterator[Finding]:
    was, now = before.programme, after.programme
    if (was.id, was.first_day, was.live_since) != (now.id, now.first_day, now.live_since):
        yield finding("another_programme", "programme", id=was.id)
    for each in before.indicators.values():
        then = after.indicators.get(each.id)
        if then is None:
            yield finding("indicator_vanished", f"indicators/{each.id}")
            continue
        changed = [name for name in FIXED if getattr(each, name) != getattr(then, name)]
        if reporting_frequency(each) is not reporting_frequency(then):
            changed.append("frequency")
        for name in changed:
            yield finding("meaning_changed", f"indicators/{each.id}", field=name)
    for district in before.districts.keys() - after.districts.keys():
        yield finding("unknown_id", f"districts/{district}", kind="district", id=district)


def changes(before: Editions, after: Lookup, at: datetime, *, most: int = 200) -> Changes:
    """What applying `after` at a moment would change of the catalogue."""
    newest = before.newest
    then = Editions([*before.all, Edition.of(after, at)])
    come, go, held = [], [], 0
    for indicator, district in then.series:
        had = _periods(before, indicator.id, district)
        has = _periods(then, indicator.id, district)
        place = f"{indicator.id}/{district}"
        come += [Change(kind="cell", place=f"{place}/{each}", after="applicable") for each in has - had]
        go += [Change(kind="cell", place=f"{place}/{each}", before="applicable") for each in had - has]
        held += sum(seat.edition is then.newest for seat in then.seats(indicator.id, district))
    return Changes(
        programme=newest.lookup.programme.id,
        before=newest.version,
        after=after.programme.version,
        indicators=tuple(_indicators(newest.lookup, after)),
        targets=tuple(_targets(newest.lookup, after)),
        cells_come=len(come),
        cells_go=len(go),
        cells_held=held,
        cells=tuple(sorted([*come, *go], key=lambda each: each.place)[:most]),
        parts=tuple(_parts(newest.lookup, after)),
    )


def _periods(editions: Editions, indicator: str, district: str) -> set[str]:
    try:
        return {seat.cell.period.text for seat in editions.seats(indicator, district) if seat.cell.applicable}
    except KeyError:
        return set()


def _indicators(before: Lookup, after: Lookup) -> Iterator[Change]:
    for name in sorted(before.indicators.keys() | after.indicators.keys()):
        was, now = before.indicators.get(name), after.indicators.get(name)
        if was != now and (was is None or now is None or _bare(was) != _bare(now)):
            names = [each.name.zh if each is not None else None for each in (was, now)]
            yield Change(kind="indicator", place=name, before=names[0], after=names[1])


def _bare(indicator: Indicator) -> Indicator:
    return msgspec.structs.replace(indicator, targets=())


def _targets(before: Lookup, after: Lookup) -> Iterator[Change]:
    was, now = _dated(before), _dated(after)
    for place in sorted(was.keys() | now.keys()):
        if was.get(place) != now.get(place):
            kind: Literal["target", "allocation"] = "target" if place.count("/") == 1 else "allocation"
            yield Change(kind=kind, place=place, before=was.get(place), after=now.get(place))


def _dated(lookup: Lookup) -> dict[str, str]:
    """Each dated target and share in words that compare."""
    said: dict[str, str] = {}
    for indicator in lookup.programme.indicators:
        for target in indicator.targets:
            doubts = [word for word, holds in (("disputed", target.disputed), ("effort", not target.binding)) if holds]
            said[f"{indicator.id}/{target.on}"] = " ".join([target.bound, target.value or "?", *doubts])
    for share in lookup.programme.decomposition:
        said.update((f"{share.indicator}/{share.district}/{on}", value) for on, value in share.targets.items())
    return said


def _parts(before: Lookup, after: Lookup) -> Iterator[str]:
    apart = ("version", "indicators", "decomposition")
    for each in msgspec.structs.fields(type(before.programme)):
        if each.name not in apart and getattr(before.programme, each.name) != getattr(after.programme, each.name):
            yield each.name

"""An edition as it is answered: rounded once, here (rule 1.2); every number with what it was made from."""

from datetime import date, datetime
from fractions import Fraction

from contracts.events import Text
from contracts.numbers import published
from contracts.programme import Lookup
from services.alerts.scores.edition import Edition, Row
from services.alerts.scores.items import Entry
from services.alerts.scores.periods import Kind
from services.alerts.scores.scoring import contribution
from services.alerts.scores.words import ROWS, of_item
from services.alerts.views import View


class ScoreRow(View, frozen=True, kw_only=True):
    """One unit's line: score 0…100, the reported share of the weight in percent, points, place and its range."""

    by: str  # district, department
    unit: str
    name: Text
    score: str | None
    reported_share: str | None
    ranked: bool
    reason: str | None
    reason_text: Text | None
    process_points: str
    yellow: int
    red: int
    measured: int
    bonus: str | None
    total: str | None
    place: int | None
    place_best: int | None
    place_worst: int | None
    change: int | None
    excellent: bool | None
    due: int
    reported: int


class ScoreItem(View, frozen=True, kw_only=True):
    """One item of a unit: its state, and when it counts its weight, attainment and the points that it brings."""

    indicator: str
    name: Text
    district: str
    period: str
    state: str
    state_text: Text
    core: bool
    weight: str
    attainment: str | None
    contribution: str | None
    value: str | None
    expected: str | None
    target: str | None


class ListView(View, frozen=True, kw_only=True):
    """红榜 and 黑榜 of one item."""

    indicator: str
    red: tuple[str, ...]
    black: tuple[str, ...]


class EditionView(View, frozen=True, kw_only=True):
    """One edition. `preliminary` while some of its cells are not due yet."""

    programme: str
    kind: Kind
    period: str
    as_of: date
    scheme: str
    scheme_version: int
    judged_through: datetime
    preliminary: bool
    districts: list[ScoreRow]
    departments: list[ScoreRow]
    lists: list[ListView]


class UnitView(View, frozen=True, kw_only=True):
    """One unit's line with its items."""

    row: ScoreRow
    items: list[ScoreItem]


def edition_view(lookup: Lookup, kind: Kind, edition: Edition) -> EditionView:
    """The whole edition."""
    return EditionView(
        programme=lookup.programme.id,
        kind=kind,
        period=edition.period.text,
        as_of=edition.period.end,
        scheme=edition.scheme.id,
        scheme_version=edition.scheme.version,
        judged_through=edition.facts.through,
        preliminary=edition.preliminary,
        districts=[row_view(lookup, "district", row) for row in in_order(edition.districts)],
        departments=[row_view(lookup, "department", row) for row in edition.departments],
        lists=[ListView(indicator=each.indicator, red=each.red, black=each.black) for each in edition.lists],
    )


def in_order(rows: tuple[Row, ...]) -> list[Row]:
    """By place; who is not ranked is listed below."""
    return sorted(rows, key=lambda row: (row.place is None, row.place or 0))


def row_view(lookup: Lookup, by: str, row: Row) -> ScoreRow:
    """One line."""
    names = lookup.districts if by == "district" else lookup.departments
    counted = [entry for entry in row.entries if entry.item.counts]
    best, worst = row.place_range or (None, None)
    return ScoreRow(
        by=by,
        unit=row.unit,
        name=names[row.unit].name,
        score=_published(row.score.value, 2),
        reported_share=_published(None if row.score.share is None else 100 * row.score.share, 2),
        ranked=row.place is not None,
        reason=row.score.reason,
        reason_text=ROWS.get(row.score.reason or ""),
        process_points=published(row.process, 2),
        yellow=row.lights.yellow,
        red=row.lights.red,
        measured=row.lights.measured,
        bonus=_published(row.bonus, 2),
        total=_published(row.total, 2),
        place=row.place,
        place_best=best,
        place_worst=worst,
        change=row.change,
        excellent=row.excellent,
        due=len(counted),
        reported=sum(entry.item.attainment is not None for entry in counted),
    )


def unit_view(lookup: Lookup, by: str, row: Row) -> UnitView:
    """One line with its items, those that count first."""
    items = [item_view(lookup, row, entry) for entry in row.entries]
    return UnitView(row=row_view(lookup, by, row), items=sorted(items, key=lambda item: item.contribution is None))


def item_view(lookup: Lookup, row: Row, entry: Entry) -> ScoreItem:
    """One item."""
    told = entry.told
    reason = None if told is None else told.reason
    state, words = of_item(entry.item.left_out, reason, reported=entry.item.attainment is not None)
    return ScoreItem(
        indicator=entry.indicator.id,
        name=entry.indicator.name,
        district=entry.district,
        period=entry.period,
        state=state,
        state_text=words,
        core=entry.indicator.id in lookup.programme.scheme.core,
        weight=published(entry.item.weight, 6),
        attainment=_published(entry.item.attainment, 4) if entry.item.counts else told.attainment if told else None,
        contribution=_published(contribution(entry.item, row.score), 4),
        value=told.value if told else None,
        expected=told.expected if told else None,
        target=told.target if told else None,
    )


def _published(value: Fraction | None, places: int) -> str | None:
    return None if value is None else published(value, places)

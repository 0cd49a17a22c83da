"""Decisions and places → the document of the answer: a verdict an item, equal errors said once, counts, links."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.objections import Objection
from contracts.operations.publishing import Placed
from contracts.topics import REPORTED, Topic
from contracts.verdicts import Answer, Conflict, Counts, Links, Reading, Understood, Verdict
from services.ingest.batches import Acceptable
from services.ingest.envelope import Item


@dataclass(frozen=True, slots=True)
class Accepted:
    """A report that stands on the topic, or, in a dry run, would."""

    acceptable: Acceptable
    placed: Placed | None


Result = Accepted | Objection


def answer(
    items: Sequence[Item],
    results: Sequence[Result],
    *,
    receipt: str | None,
    received_at: datetime,
    dry_run: bool,
    atomic: bool,
    links: Links,
    reading: Reading | None = None,
    topic: Topic = REPORTED,
) -> Answer:
    """The whole document."""
    verdicts = tuple(_verdict(item, result, topic) for item, result in zip(items, results, strict=True))
    return Answer(
        receipt=receipt,
        received_at=received_at,
        dry_run=dry_run,
        atomic=atomic,
        counts=_counts(verdicts),
        items=verdicts,
        conflicts=_grouped(results),
        links=links if receipt is not None else Links(receipt=None, report=None),
        reading=reading,
    )


def links_of_reports(metrics_url: str, receipt: str) -> Links:
    """Where metrics tells what became of reports."""
    return Links(receipt=f"{metrics_url}/v1/receipts/{receipt}", report=f"{metrics_url}/v1/reports{{?source,id}}")


def _counts(verdicts: Sequence[Verdict]) -> Counts:
    counted: dict[str, int] = Counter(verdict.status for verdict in verdicts)
    return Counts(**counted)


def _verdict(item: Item, result: Result, topic: Topic) -> Verdict:
    if isinstance(result, Objection):
        return _against(item, result)
    placed = result.placed
    return Verdict(
        index=item.index,
        id=item.id,
        source=item.source,
        status="accepted",
        step="publishing",
        retryable=False,
        row=item.row,
        sheet=item.place.sheet if item.place else None,
        address=item.place.address("value") if item.place else None,
        understood=_understood(item),
        period=result.acceptable.renamed,
        topic=topic.name if placed else None,
        partition=placed.partition if placed else None,
        offset=placed.offset if placed else None,
    )


def _against(item: Item, objection: Objection) -> Verdict:
    kind, text, pointer, place = objection.kind, objection.text, objection.pointer, item.place
    column = _column(pointer) if place else None
    return Verdict(
        index=item.index,
        id=item.id,
        source=item.source,
        status=kind.status,
        step=kind.step,
        retryable=kind.retryable,
        code=objection.code,
        pointer=None if place else pointer,
        row=item.row,
        column=column,
        sheet=place.sheet if place else None,
        address=place.address(column) if place else None,
        understood=_understood(item),
        detail=text.en,
        detail_zh=text.zh,
        related=objection.related,
    )


_SHOWN = 80  # characters of what was given


def _understood(item: Item) -> Understood | None:
    if item.place is None:
        return None
    said = item.given
    named = said.get("indicator") or said.get("indicator_name", "")
    value, shown = said.get("value"), {name: said.get(name, "")[:_SHOWN] for name in ("district", "period", "unit")}
    return Understood(indicator=named[:_SHOWN], value=value[:_SHOWN] if value is not None else None, **shown)


def _column(pointer: str | None) -> str | None:
    """/data/evidence/1 → evidence."""
    parts = (pointer or "").removeprefix("/data").split("/")
    return parts[1] if len(parts) > 1 else None


def _grouped(results: Sequence[Result]) -> tuple[Conflict, ...]:
    """Equal errors with the indexes that have them, in the order of their first."""
    groups: dict[tuple[str, str | None, tuple[tuple[str, str], ...]], list[int]] = {}
    firsts: dict[tuple[str, str | None, tuple[tuple[str, str], ...]], Objection] = {}
    for index, result in enumerate(results):
        if isinstance(result, Objection):
            key = result.code, result.pointer, tuple(sorted(result.args.items()))
            groups.setdefault(key, []).append(index)
            firsts.setdefault(key, result)
    return tuple(_conflict(firsts[key], indexes) for key, indexes in groups.items())


def _conflict(objection: Objection, indexes: Sequence[int]) -> Conflict:
    return Conflict(
        code=objection.code,
        status=objection.kind.status,
        step=objection.kind.step,
        retryable=objection.kind.retryable,
        pointer=objection.pointer,
        objects=dict(objection.args),
        detail=objection.text.en,
        detail_zh=objection.text.zh,
        indexes=tuple(indexes),
        count=len(indexes),
    )

"""Intake's answer and recording's outcomes → the rows of the page: what was understood, what became of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.events import Text
from contracts.programme import Lookup
from contracts.verdict_words import NOT_TAKEN, OUTCOMES, PASSED_OVER, REMEDIES, STATUSES, WAITING
from services.desk.items.record import unit_words

_CHECKED = Text("可以报送", "can be sent")
_AWAITED = Text("等待入库", "being recorded")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. `kind`: good, waiting or bad, said by a sign and words, never by colour alone."""

    kind: str
    address: str
    verdict: Text
    name: Text
    district: Text
    period: str
    value: str
    unit: Text
    outcome: Text | None = None
    code: str = ""
    remedy: Text | None = None


@dataclass(frozen=True, slots=True)
class Passed:
    """Rows that were not read, for one reason."""

    words: Text
    addresses: Sequence[str]


def rows_of(answer: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], lookup: Lookup) -> list[Row]:
    """What has to be mended first, the rest in the order of the file, sheet by sheet."""
    became = {(each["source"], each["id"]): each for each in outcomes if each.get("outcome")}
    rows = [_row(item, became, lookup, sending=not answer["dry_run"]) for item in answer["items"]]
    return sorted(rows, key=lambda row: row.kind != "bad")


def passed_over(answer: Mapping[str, Any]) -> list[Passed]:
    """Rows that are no reports, by their reasons."""
    found: dict[str, list[str]] = {}
    for each in (answer.get("reading") or {}).get("rows", ()):
        if each["why"] in PASSED_OVER:
            found.setdefault(each["why"], []).append(each["address"])
    return [Passed(PASSED_OVER[why], addresses) for why, addresses in found.items()]


def following(answer: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether something that was accepted has no outcome yet."""
    if answer["dry_run"] or answer.get("receipt") is None:
        return False
    became = {(each["source"], each["id"]) for each in outcomes if each.get("outcome")}
    return any((each["source"], each["id"]) not in became for each in answer["items"] if each["status"] == "accepted")


def _row(
    item: Mapping[str, Any], became: Mapping[tuple[str, str], Mapping[str, Any]], lookup: Lookup, *, sending: bool
) -> Row:
    status, understood = item["status"], item.get("understood") or {}
    outcome = became.get((item.get("source") or "", item.get("id") or "")) if sending else None
    indicator, district = understood.get("indicator") or "", understood.get("district") or ""
    kind, words, code, remedy = _told(item, outcome, sending=sending)
    return Row(
        kind=kind,
        address=item.get("address") or "",
        verdict=_CHECKED if status == "accepted" and not sending else STATUSES[status],
        name=_named(lookup.indicators, indicator),
        district=_named(lookup.districts, district),
        period=understood.get("period") or "",
        value=understood.get("value") or "",
        unit=_in_words(understood.get("unit") or ""),
        outcome=words,
        code=code,
        remedy=remedy,
    )


def _named(known: Mapping[str, Any], said: str) -> Text:
    """A name by its id; what is none is shown as it was written."""
    name: Text = known[said].name if said in known else Text(said, said)
    return name


def _in_words(unit: str) -> Text:
    return Text(unit_words(unit, "zh"), unit_words(unit, "en"))


def _told(
    item: Mapping[str, Any], outcome: Mapping[str, Any] | None, *, sending: bool
) -> tuple[str, Text | None, str, Text | None]:
    """Kind, outcome in words, code, what would be right."""
    if item["status"] != "accepted":
        remedy = Text(item["detail_zh"], item["detail"]) if item.get("detail") else None
        return ("bad" if item["status"] in NOT_TAKEN else "good"), None, item.get("code") or "", remedy
    if outcome is None:
        return ("waiting", _AWAITED, "", None) if sending else ("good", None, "", None)
    said, code = outcome["outcome"], outcome.get("code") or ""
    kind = "bad" if said in NOT_TAKEN else "waiting" if said in WAITING else "good"
    return kind, OUTCOMES.get(said, Text(said, said)), code, REMEDIES.get(code) or REMEDIES.get(said)

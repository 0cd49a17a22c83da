"""Intake's answer and recording's outcomes → the rows of the page: what was understood, what became of it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.events import Text
from contracts.programme import Lookup
from contracts.verdict_words import NOT_TAKEN, OUTCOMES, PASSED_OVER, REMEDIES, STATUSES, WAITING

_CHECKED = Text("可以报送", "can be sent")
_AWAITED = Text("等待入库", "being recorded")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the page. `kind`: good, waiting, bad or none, said by a sign and words, never by colour alone."""

    kind: str
    address: str
    verdict: Text
    name: Text | None = None
    district: Text | None = None
    period: str = ""
    value: str = ""
    unit: str = ""
    outcome: Text | None = None
    code: str = ""
    remedy: Text | None = None


def rows_of(answer: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]], lookup: Lookup) -> list[Row]:
    """In the order of the file: sheet by sheet, those that were refused and passed over among the others."""
    became = {(each["source"], each["id"]): each for each in outcomes if each.get("outcome")}
    sending = not answer["dry_run"]
    rows = [(_place(item), _row(item, became, lookup, sending=sending)) for item in answer["items"]]
    for each in (answer.get("reading") or {}).get("rows", ()):
        words = PASSED_OVER.get(each["why"])
        if words is not None:
            rows.append((_place(each), Row("none", each["address"], words)))
    sheets = {name: place for place, name in enumerate((answer.get("reading") or {}).get("sheets", ()))}
    return [row for _, row in sorted(rows, key=lambda each: (sheets.get(each[0][0], 0), each[0][1]))]


def following(answer: Mapping[str, Any], outcomes: Sequence[Mapping[str, Any]]) -> bool:
    """Whether something that was accepted has no outcome yet."""
    if answer["dry_run"] or answer.get("receipt") is None:
        return False
    became = {(each["source"], each["id"]) for each in outcomes if each.get("outcome")}
    return any((each["source"], each["id"]) not in became for each in answer["items"] if each["status"] == "accepted")


def _place(said: Mapping[str, Any]) -> tuple[str, int]:
    return str(said.get("sheet") or ""), int(said.get("row") or 0)


def _row(
    item: Mapping[str, Any], became: Mapping[tuple[str, str], Mapping[str, Any]], lookup: Lookup, *, sending: bool
) -> Row:
    status, understood = item["status"], item.get("understood") or {}
    outcome = became.get((item.get("source") or "", item.get("id") or "")) if sending else None
    indicator = lookup.indicators.get(understood.get("indicator", ""))
    district = lookup.districts.get(understood.get("district", ""))
    kind, words, code, remedy = _told(item, outcome, sending=sending)
    return Row(
        kind=kind,
        address=item.get("address") or "",
        verdict=_CHECKED if status == "accepted" and not sending else STATUSES[status],
        name=indicator.name if indicator else None,
        district=district.name if district else None,
        period=understood.get("period", ""),
        value=understood.get("value") or "",
        unit=understood.get("unit", ""),
        outcome=words,
        code=code,
        remedy=remedy,
    )


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

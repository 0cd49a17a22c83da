"""The rows of a table → items (step `decoding`): how a clerk with a spreadsheet reports.

A row without id or source gets them from its content and its sender, so that the same file sent twice is the same
reports sent twice (rule 2.7). Several pieces of evidence stand in one cell, with semicolons (; or ；) or line breaks
between them. Rows that say nothing (no value, no reason), totals and notes are passed over, and named in the answer.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from contracts.columns import columns, plain_name
from contracts.numbers import unit_of
from contracts.objections import Objection
from contracts.submission import MAX_EVENT_BYTES, TYPE
from services.ingest.envelope import Item, convert
from services.ingest.tables import readings
from services.ingest.tables.grid import Cell, Place, Row
from services.ingest.tables.headers import Header
from services.ingest.tables.naming import Names

ATTRIBUTES = ("id", "source", "time", "recordedtime")
_SAID = ("value", "reason", "comment", "evidence", "confidence", "status")
_WHOLE = re.compile(r"-?\d{1,18}", re.ASCII)
_SEPARATORS = re.compile("[;；\n]")
_END_OF_WORD = ":：,，、(（ "


class Reader:
    """The rows under one heading."""

    def __init__(self, sheet: str | None, header: Header, names: Names, subject: str, programme: str) -> None:
        self._sheet, self._header, self._names = sheet, header, names
        self._subject, self._programme = subject, programme

    def passed_over(self, row: Row) -> str | None:
        """Why a row is no report: heading_again, total, note or not_filled_in; None: it is one."""
        fields = self._header.fields
        if all(row.cell(at).text.strip() == self._header.heading[at].split("/")[-1] for at in fields.values()):
            return "heading_again"
        first = row.cells[min(row.cells)].text
        named = [row.cell(fields.get(name)).text for name in ("indicator", "indicator_name", "district")]
        if not any(self._names.is_indicator(text) for text in (first, *named[:2])):
            if any(_begins(text, columns().totals) for text in (first, *named)):
                return "total"
            if _begins(first, columns().notes):
                return "note"
        elif _begins(named[2], columns().totals):
            return "total"
        said = any(row.cell(fields.get(name)).text.strip() or self._is_broken(row, name) for name in _SAID)
        return None if said or self._misfits(row) else "not_filled_in"

    def _is_broken(self, row: Row, name: str) -> bool:
        return row.cell(self._header.fields.get(name)).kind == "formula"

    def _misfits(self, row: Row) -> bool:
        """A row of a CSV with fewer cells than its heading, or with something beyond it: a separator went astray."""
        wanted = self._header.width
        return row.width is not None and wanted is not None and (row.width < wanted or max(row.cells) >= wanted)

    def item(self, index: int, row: Row) -> Item:
        """A row's item; its place is told with whatever becomes of it."""
        given: dict[str, str] = {}
        item = self._item(index, row, given)
        item.place, item.given = Place(self._sheet, row.number, self._header.fields), given
        return item

    def _item(self, index: int, row: Row, given: dict[str, str]) -> Item:
        if self._misfits(row):
            args = {"got": str(row.width), "wanted": str(self._header.width)}
            return Item(index, None, Objection("row_width", None, args), row.number)
        if sum(len(cell.text.encode()) for cell in row.cells.values()) > MAX_EVENT_BYTES:
            objection = Objection("event_too_large", None, {"limit": str(MAX_EVENT_BYTES)})
            return Item(index, None, objection, row.number)
        against = self._give(row, given)
        if against is not None:
            return Item(index, None, against, row.number)
        return convert(index, _event(given, self._subject, self._programme), row.number)

    def _give(self, row: Row, given: dict[str, str]) -> Objection | None:
        """Fill in the row's fields in the programme's own words, up to the first reason against one of its cells."""
        cells = {name: row.cell(at) for name, at in self._header.fields.items()}
        given |= {name: text for name, cell in cells.items() if (text := cell.text.strip())}
        for name, cell in cells.items():
            if cell.kind in ("error", "formula"):
                code = "cell_error" if cell.kind == "error" else "formula_without_result"
                return Objection(code, f"/data/{name}", {"text": cell.text[:40]})
        for name, understood in self._understood(cells, given):
            if isinstance(understood, Objection):
                return understood
            if understood:
                given[name] = understood
        given.pop("indicator_name", None)
        return None

    def _understood(self, cells: dict[str, Cell], given: dict[str, str]) -> Iterator[tuple[str, str | Objection]]:
        """Field by field; what a later one needs of an earlier one is in `given` by then."""
        yield "indicator", self._names.indicator(given.get("indicator", ""), given.get("indicator_name", ""))
        if "district" in given:
            yield "district", self._names.district(given["district"])
        if "period" in given:
            yield "period", readings.period(cells["period"])
        unit = self._unit(given.get("unit", ""), cells)
        yield "unit", unit
        if "value" in given:
            yes_no = self._names.is_yes_no(given.get("indicator", ""))
            yield "value", readings.number(cells["value"], given.get("unit", ""), yes_no=yes_no)
        for name, words in columns().choices.items():
            if name in given:
                yield name, words.get(given[name], given[name])

    def _unit(self, said: str, cells: dict[str, Cell]) -> str | Objection:
        """The unit column's; the heading's, or a percent cell's own, where it is empty."""
        known, headed = readings.unit(said), self._header.unit
        if headed and said and unit_of(known) is not None and unit_of(known) is not unit_of(headed):
            return Objection("units_disagree", "/data/unit", {"unit": said[:40], "heading": headed})
        own = "%" if "value" in cells and cells["value"].percent else ""
        return known or headed or own


def _begins(text: str, words: tuple[str, ...]) -> bool:
    """Whether a text is one of the words, or one of them with what follows a colon."""
    said = plain_name(text)
    if said in words:
        return True
    head = re.split(f"[{re.escape(_END_OF_WORD)}]", readings.narrow(text), maxsplit=1)[0]
    return plain_name(head) in words


def _event(given: dict[str, str], subject: str, programme: str) -> dict[str, Any]:
    data: dict[str, Any] = {"programme": programme, "value": None, "unit": ""}
    data |= {name: text for name, text in given.items() if name not in ATTRIBUTES}
    if _WHOLE.fullmatch(given.get("revision", "")):
        data["revision"] = int(given["revision"])
    if "evidence" in given:
        data["evidence"] = [part.strip() for part in _SEPARATORS.split(given["evidence"]) if part.strip()]
    names = {"id": _content_id(given), "source": f"/table/{subject}"}
    attributes = {name: given[name] for name in ATTRIBUTES if name in given}
    return {"specversion": "1.0", "type": TYPE, "data": data} | names | attributes


def _content_id(given: dict[str, str]) -> str:
    """The same row, the same id."""
    said = "\x1f".join(f"{name}={text}" for name, text in sorted(_of_content(given)))
    return f"row-{hashlib.sha256(said.encode()).hexdigest()[:32]}"


def _of_content(given: dict[str, str]) -> Iterator[tuple[str, str]]:
    return ((name, text) for name, text in given.items() if name not in ("id", "source"))

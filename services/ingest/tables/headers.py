"""Which rows of a sheet are its heading (a title above, up to three rows), and which column is what. Pure."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import chain, islice

from contracts.columns import columns, plain_name
from contracts.numbers import unit_of
from services.ingest.tables.grid import Row
from services.ingest.tables.readings import narrow

REQUIRED = ("indicator", "district", "period", "value", "unit")
_SEARCHED = 30  # rows that hold something
_DEPTH = 3
_WIDEST = 256  # columns; no heading is as wide as a sheet can be
_BRACKETED = re.compile(r"[(\[](.*?)[)\]]")


@dataclass(frozen=True, slots=True)
class Header:
    """A heading that was found: its columns by field, what it does not know, and what is wrong with it."""

    last: int  # the number of its last row
    fields: Mapping[str, int]
    heading: Mapping[int, str]  # the words over every column
    width: int | None
    unit: str = ""  # named in the heading of the value: 完成值(亿元)
    twice: Sequence[str] = ()
    unknown: Mapping[int, str] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(name for name in REQUIRED if not self._has(name))

    @property
    def good(self) -> bool:
        return not self.missing and not self.twice

    def _has(self, name: str) -> bool:
        known = self.fields
        either = {"indicator": "indicator_name" in known, "unit": bool(self.unit)}
        return name in known or either.get(name, False)


def found(rows: Iterable[Row]) -> tuple[Header | None, Iterator[Row]]:
    """The heading, a good one before a nearly good one, and the rows after it; None where no row looks like one."""
    source = iter(rows)
    first: list[Row] = []
    best: Header | None = None
    for start in range(_SEARCHED):
        first += islice(source, start + _DEPTH - len(first))
        for depth in range(1, 1 + len(first[start : start + _DEPTH])):
            header = _without_title(first[start : start + depth])
            if header is not None and _better(header, best):
                best = header
        if best is not None and best.good:
            break
    if best is None:
        return None, iter(())
    return best, chain((row for row in first if row.number > best.last), source)


def _without_title(block: Sequence[Row]) -> Header | None:
    """The heading of a block; a row of one text above it is a title and belongs to no column."""
    while len(block) > 1 and len({cell.text for cell in block[0].cells.values()}) == 1:
        block = block[1:]
    return _read(block)


def _better(one: Header, other: Header | None) -> bool:
    return other is None or (one.good, len(one.fields)) > (other.good, len(other.fields))


def _read(block: Sequence[Row]) -> Header | None:
    """A heading, if it names a value or a period, and an indicator."""
    known: dict[str, int] = {}
    twice: list[str] = []
    unknown: dict[int, str] = {}
    said = _words(block)
    for column, words in said.items():
        name = _field(words)
        if name is None:
            if plain_name(words[-1]) not in _read_by_people():
                unknown[column] = "/".join(words)
        elif name in known:
            if name == "value" or not block[-1].cell(column).across:
                twice.append(name)
        else:
            known[name] = column
    if not known.keys() & {"indicator", "indicator_name"} or len(known) < 3:
        return None
    heading = {column: "/".join(words) for column, words in said.items()}
    unit = _unit(heading.get(known.get("value", -1), ""))
    return Header(block[-1].number, known, heading, block[-1].width, unit, sorted({*twice}), unknown)


def _words(block: Sequence[Row]) -> dict[int, list[str]]:
    """The texts over each column from above, one that is merged over several rows once."""
    words: dict[int, list[str]] = {}
    for row in block:
        for column, cell in row.cells.items():
            if column >= _WIDEST:
                continue
            over = words.setdefault(column, [])
            if cell.text.strip() and (not over or over[-1] != cell.text.strip()):
                over.append(cell.text.strip())
    return {column: over for column, over in sorted(words.items()) if over}


def _field(words: Sequence[str]) -> str | None:
    """The field of a column: by its lowest words, by all of them, by its first line; never another's value."""
    whole = "".join(words)
    for text in (words[-1], whole, words[-1].split("\n")[0]):
        name = _names().get(plain_name(text)) or _names().get(plain_name(_BRACKETED.sub("", narrow(text))))
        if name == "value" and any(word in whole for word in columns().not_the_value):
            return None
        if name is not None:
            return name
    return None


def _unit(heading: str) -> str:
    """The unit that stands in brackets in a heading."""
    units = [text.strip() for text in _BRACKETED.findall(narrow(heading))]
    return next((text for text in units if text and unit_of(text) is not None), "")


@cache
def _names() -> Mapping[str, str]:
    return columns().names()


@cache
def _read_by_people() -> frozenset[str]:
    shown = [*columns().shown.values(), *columns().verdicts.values()]
    return frozenset(plain_name(text) for each in shown for text in (each.zh, f"{each.zh}{each.en}"))

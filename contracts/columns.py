"""The columns of a table of reports, as data: what intake recognises and what the template prints (columns.yaml)."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import msgspec
import yaml

from contracts.events import Text

FILE = Path(__file__).with_suffix(".yaml")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")


class Column(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A column: its heading in both languages and what else it is called."""

    zh: str
    en: str
    also: tuple[str, ...] = ()

    @property
    def heading(self) -> Text:
        return Text(self.zh, self.en)


class Columns(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All words of a table."""

    columns: Mapping[str, Column]
    shown: Mapping[str, Column]
    verdicts: Mapping[str, Column]
    not_the_value: tuple[str, ...]
    totals: tuple[str, ...]
    notes: tuple[str, ...]
    yes: tuple[str, ...]
    no: tuple[str, ...]
    choices: Mapping[str, Mapping[str, str]]
    city: tuple[str, ...]

    def names(self) -> dict[str, str]:
        """Plain name → the field it stands for; fields by their own names too."""
        known = {
            plain_name(text): name for name, each in self.columns.items() for text in (each.zh, each.en, *each.also)
        }
        return known | {name: name for name in self.columns}


@cache
def columns() -> Columns:
    """The shipped words."""
    return msgspec.convert(yaml.safe_load(FILE.read_text(encoding="utf-8")), Columns)


def height(text: str, width: int) -> int:
    """Points that a wrapped text needs in a column of `width`, at the size of a new workbook; a Chinese sign is two."""
    lines = [sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in line) for line in text.split("\n")]
    return 16 * sum(max(1, -(-11 * each // (10 * width))) for each in lines)  # words leave a tenth of a line empty


def plain_name(text: str) -> str:
    """A heading without what clerks vary: blanks, line breaks, width, case and an asterisk for obligatory columns."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text)).lower().strip("*:")

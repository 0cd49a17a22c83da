"""An Excel workbook of targets and of their decomposition → an overlay that `liangshai catalogue apply` takes.

Two sheets, each with a header row, found by their columns and not by their names: dated targets (指标 日期 数值 比较
约束性 来源) and shares (指标 区县 日期 数值). Every row that cannot be understood is told with the address of its cell
(表1!D17), and then nothing is written. Ids and Chinese names are understood alike.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, get_args

import yaml

from contracts.numbers import DECIMAL
from contracts.programme import Bound, Lookup

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "indicator": ("指标", "指标编号", "indicator"),
    "district": ("区县", "district"),
    "on": ("日期", "目标日期", "date", "on"),
    "value": ("数值", "目标值", "分解数", "value"),
    "bound": ("比较", "比较方式", "bound"),
    "binding": ("约束性", "是否约束", "binding"),
    "source": ("来源", "source"),
}
TARGETS, SHARES = {"indicator", "on", "value"}, {"indicator", "district", "on", "value"}
BOUNDS: Mapping[str, Bound] = {
    "不低于": "ge", "以上": "ge", "≥": "ge", ">=": "ge", "超过": "gt", ">": "gt", "不高于": "le", "以下": "le",
    "≤": "le", "<=": "le", "左右": "approx", "约": "approx", **{each: each for each in get_args(Bound)},
}  # fmt: skip
YES = {"是": True, "约束": True, "true": True, "1": True, "否": False, "力争": False, "false": False, "0": False}
SOURCES = {"要点": "points", "工作要点": "points", "points": "points", "虚构": "invented", "invented": "invented"}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A cell that could not be understood."""

    at: str  # e.g. 表1!D17
    zh: str
    en: str


@dataclass(slots=True)
class Read:
    """What a workbook says; with doubts it is not to be used."""

    targets: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # by indicator
    shares: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)  # indicator → date → district
    doubts: list[Doubt] = field(default_factory=list)


class _Wrong(ValueError):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh, self.en = zh, en


def read(path: Path, lookup: Lookup) -> Read:
    """A workbook against the catalogue that it is to be laid over; OSError or ValueError when it is no workbook."""
    from openpyxl import load_workbook  # only this command needs it
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, KeyError) as error:
        raise ValueError(f"{path}: {error}") from error
    found = Read()
    names = _Names(lookup)
    try:
        for sheet in book.worksheets:
            _sheet(sheet.title, [list(row) for row in sheet.iter_rows(values_only=True)], names, found)
    finally:
        book.close()
    if not (found.targets or found.shares or found.doubts):
        found.doubts.append(Doubt(path.name, "没有目标表或分解表", "there is no sheet of targets or of shares"))
    return found


def write(found: Read, directory: Path, *, version: str, reason: Mapping[str, str]) -> None:
    """The overlay; what the directory had of the same files is replaced."""
    (directory / "indicators").mkdir(parents=True, exist_ok=True)
    _dump(directory / "programme.yaml", {"version": version, "reason": dict(reason)})
    if found.targets:
        entries = [{"id": each, "add_targets": targets} for each, targets in found.targets.items()]
        _dump(directory / "indicators" / "imported.yaml", entries)
    if found.shares:
        _dump(directory / "decomposition.yaml", {"note": dict(reason), "shares": found.shares})


def _dump(path: Path, content: Any) -> None:
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _sheet(title: str, rows: list[list[Any]], names: "_Names", found: Read) -> None:
    """A sheet whose header has the columns of one of the two tables; any other is left alone."""
    header = next((n for n, row in enumerate(rows) if _columns(row).keys() >= TARGETS), None)
    if header is None:
        return
    columns = _columns(rows[header])
    take = _share if columns.keys() >= SHARES else _target
    for number, row in enumerate(rows[header + 1 :], header + 2):
        if any(value is not None and str(value).strip() for value in row):
            take(_Row(title, number, row, columns, found.doubts), names, found)


def _columns(row: list[Any]) -> dict[str, int]:
    known = {name: column for column, spelled in COLUMNS.items() for name in spelled}
    said = [str(value).strip().lower() if value is not None else "" for value in row]
    return {known[name]: n for n, name in enumerate(said) if name in known}


@dataclass(slots=True)
class _Row:
    """One row, read column by column; what is not understood is noted with its address."""

    title: str
    number: int
    values: list[Any]
    columns: dict[str, int]
    doubts: list[Doubt]
    good: bool = True

    def read(self, column: str, understand: Callable[[Any], Any], *, needed: bool = True) -> Any:
        at = self.columns.get(column)
        value = self.values[at] if at is not None and at < len(self.values) else None
        if value is None or not str(value).strip():
            if needed:
                self.doubt(column, "未填", "is empty")
            return None
        try:
            return understand(value)
        except _Wrong as wrong:
            self.doubt(column, wrong.zh, wrong.en)
            return None

    def doubt(self, column: str, zh: str, en: str) -> None:
        self.good = False
        letter = _letter(self.columns[column])
        self.doubts.append(Doubt(f"{self.title}!{letter}{self.number}", zh, en))


def _letter(column: int) -> str:
    return chr(65 + column) if column < 26 else chr(64 + column // 26) + chr(65 + column % 26)


def _target(row: _Row, names: "_Names", found: Read) -> None:
    indicator = row.read("indicator", names.indicator)
    on, value = row.read("on", _day), row.read("value", _number)
    target = {
        "on": on,
        "value": value,
        "bound": row.read("bound", _one_of(BOUNDS), needed=False) or "ge",
        "binding": row.read("binding", _one_of(YES), needed=False) is not False,
        "source": row.read("source", _one_of(SOURCES), needed=False) or "points",
    }
    if row.good and any(each["on"] == on for each in found.targets.get(indicator, ())):
        row.doubt("on", "同一指标同一日期重复", "this date of this indicator stands twice")
    if row.good:
        found.targets.setdefault(indicator, []).append(target)


def _share(row: _Row, names: "_Names", found: Read) -> None:
    indicator, district = row.read("indicator", names.indicator), row.read("district", names.district)
    on, value = row.read("on", _day), row.read("value", _number)
    if row.good and district in found.shares.get(indicator, {}).get(on, {}):
        row.doubt("district", "同一区县同一日期重复", "this district stands twice at this date")
    if row.good:
        found.shares.setdefault(indicator, {}).setdefault(on, {})[district] = value


class _Names:
    """Ids by ids and by Chinese names, where a name means one thing only."""

    def __init__(self, lookup: Lookup) -> None:
        self._indicators = dict(_spelled((each.id, each.name.zh) for each in lookup.indicators.values()))
        self._districts = dict(_spelled((each.id, each.name.zh) for each in lookup.districts.values()))

    def indicator(self, value: Any) -> str:
        return _known(self._indicators, value, "指标", "indicator")

    def district(self, value: Any) -> str:
        return _known(self._districts, value, "区县", "district")


def _spelled(named: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    pairs = list(named)
    names = [zh for _, zh in pairs]
    for id_, zh in pairs:
        yield id_, id_
        if names.count(zh) == 1:
            yield zh, id_


def _known(known: Mapping[str, str], value: Any, zh: str, en: str) -> str:
    found = known.get(str(value).strip())
    if found is None:
        raise _Wrong(f"没有{zh}“{value}”(或名称不唯一)", f"there is no {en} {value!r}, or several have that name")
    return found


def _day(value: Any) -> str:
    """A date of Excel, `YYYY-MM-DD`, or a year, which means its last day (rule 5.1)."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value).strip().removesuffix("年")
    if len(text) == 4 and text.isdecimal():
        return f"{text}-12-31"
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise _Wrong(f"不是日期：{value}", f"not a date: {value}") from None


def _number(value: Any) -> str:
    """A decimal as Excel shows it: its own floats are written with at most 15 digits (rule 1.1)."""
    text = str(value).strip().replace(",", "").replace("，", "")
    if isinstance(value, float):
        text = format(value, ".15g")
    if isinstance(value, bool) or DECIMAL.fullmatch(text) is None:
        raise _Wrong(f"不是数：{value}", f"not a decimal number: {value}")
    return text


def _one_of(known: Mapping[str, Any]) -> Callable[[Any], Any]:
    def understand(value: Any) -> Any:
        text = str(value).strip().lower()
        if text not in known:
            listed = "、".join(dict.fromkeys(known))
            raise _Wrong(f"应为以下之一：{listed}", f"must be one of {listed}")
        return known[text]

    return understand

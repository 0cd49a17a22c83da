"""The texts that clerks write for numbers and periods → the programme's own, exactly, or the reason why not. Pure.

What could mean two things is refused, never guessed: `12.5万`, `1.234,5`, `约30`, a 2026.1 that may have been 2026.10.
"""

import re
import unicodedata
from datetime import date
from decimal import Decimal

from contracts.columns import columns
from contracts.numbers import unit_of
from contracts.objections import Objection
from services.ingest.tables.grid import Cell

_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—―−﹣", "-") | {"\u200b": "", "\ufeff": "", "\u00a0": " "})
_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d+))?(%?)", re.ASCII)
_PLACES = 8  # rule 2.2
_YEAR = re.compile(r"([12]\d{3})(?:年度?)?", re.ASCII)
_MONTH = re.compile(r"([12]\d{3})(?:[-./]|年)(\d{1,2})(?:月份?)?", re.ASCII)
_COMPACT = re.compile(r"([12]\d{3})(\d{2})", re.ASCII)
_DAY = re.compile(r"([12]\d{3})(?:[-./]|年)(\d{1,2})(?:[-./]|月)(\d{1,2})日?(?:[ T]0?0:00(?::00)?)?", re.ASCII)
_QUARTER = re.compile(r"([12]\d{3})(?:年|-)?(?:[Qq]([1-4])|第?([1-4一二三四])季度?)")
_QUARTERS = {"一": "1", "二": "2", "三": "3", "四": "4"}
_BRACKETS = re.compile(r"^\((.*)\)$")


def narrow(text: str) -> str:
    """Full-width digits, letters and punctuation made plain, dashes one dash, no blanks around."""
    return unicodedata.normalize("NFKC", text).translate(_DASHES).strip()


def unit(text: str) -> str:
    """A unit as it is known: （亿元） and 亿元 alike; as written where it is not."""
    said = text.strip()
    bare = _BRACKETS.sub(r"\1", narrow(said)).strip()
    return bare if bare and unit_of(said) is None and unit_of(bare) is not None else said


def number(cell: Cell, unit_text: str, *, yes_no: bool = False) -> str | Objection:
    """The decimal text of a value in the row's unit."""
    refused = _unreadable(cell)
    if refused is not None:
        return refused
    if cell.kind == "number":
        return _of_number(cell, unit_text)
    if cell.kind == "date":
        return _wrong(cell.text, "该单元格是日期", "the cell is a date")
    return _of_text(cell.text, unit_text, yes_no=yes_no)


def _unreadable(cell: Cell) -> Objection | None:
    if cell.kind == "error":
        return Objection("cell_error", "/data/value", {"text": cell.text[:40]})
    if cell.kind == "formula":
        return Objection("formula_without_result", "/data/value")
    if cell.rows > 1:
        return Objection("merged_value", "/data/value", {"rows": str(cell.rows)})
    return Objection("scaled_display", "/data/value", {"text": cell.text}) if cell.scaled else None


def _of_number(cell: Cell, unit_text: str) -> str | Objection:
    if not cell.percent:
        return _placed(cell.text)
    if not _is_percent(unit_text):
        return Objection("percent_in_other_unit", "/data/value", {"unit": unit_text[:40]})
    return _placed(_plain(Decimal(cell.text).scaleb(2)))


def _of_text(text: str, unit_text: str, *, yes_no: bool) -> str | Objection:
    said = narrow(text)
    if yes_no and said.lower() in columns().yes:
        return "100" if _is_percent(unit_text) else "1"
    if yes_no and said.lower() in columns().no:
        return "0"
    match = _NUMBER.fullmatch(said)
    if match is None or not (match[2] or match[3]):
        return _why_no_number(text, said)
    sign, whole, decimals, percent = match.groups()
    if percent and not _is_percent(unit_text):
        return Objection("percent_in_other_unit", "/data/value", {"unit": unit_text[:40]})
    digits = (whole or "0").replace(",", "")
    plain = f"{int(digits)}" if len(digits) < 20 else digits
    minus = "-" if sign == "-" and (digits.strip("0") or (decimals or "").strip("0")) else ""
    return _placed(f"{minus}{plain}.{decimals}" if decimals else f"{minus}{plain}")


def _why_no_number(text: str, said: str) -> Objection:
    if re.fullmatch(r"[-/\\]+|无|暂无|未统计|n/?a", said, re.IGNORECASE):
        zh, en = "没有数据就留空；是零就填 0", "leave it empty where there is no figure; write 0 for zero"
    elif re.search("[万亿千百]", said):
        zh, en = "数值只填数字，万、亿写在单位栏", "write the digits alone, and 万 or 亿 into the unit column"
    elif re.search("[约余多左右上下≥≤<>~]", said):
        zh, en = "请填一个确定的数", "write one definite number"
    elif "," in said:
        zh, en = "千分位应每三位一个逗号，小数点用“.”", "commas go between groups of three, decimals after a point"
    elif re.search(r"\d[eE][+-]?\d", said):
        zh, en = "请勿用科学记数法", "do not use the scientific notation"
    else:
        zh, en = "请只填数字，如 1,234.5", "write digits alone, such as 1,234.5"
    return _wrong(text, zh, en)


def _wrong(text: str, zh: str, en: str) -> Objection:
    return Objection("unreadable_number", "/data/value", {"text": text.strip()[:40], "why": en, "why_zh": zh})


def _placed(text: str) -> str | Objection:
    """As it is, unless it has more decimals than a value may have (rule 2.2)."""
    if len(text.partition(".")[2].rstrip("0")) > _PLACES:
        return Objection("too_many_decimals", "/data/value", {"text": text})
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals[:_PLACES]}" if len(decimals) > _PLACES else text


def _plain(value: Decimal) -> str:
    return format(value.normalize() + 0, "f")


def _is_percent(text: str) -> bool:
    known = unit_of(narrow(text)) if text.strip() else None
    return known is not None and known.id == "percent"


def period(cell: Cell) -> str | Objection:
    """YYYY, YYYY-Qn or YYYY-MM; a date stands for its month (rule 2.1)."""
    if cell.kind in ("error", "formula"):
        code = "cell_error" if cell.kind == "error" else "formula_without_result"
        return Objection(code, "/data/period", {"text": cell.text[:40]})
    said = narrow(cell.text)
    if cell.kind in ("number", "plain") and re.fullmatch(r"[12]\d{3}\.1", said):
        return Objection("ambiguous_period", "/data/period", {"text": said, "year": said[:4]})
    return _period(re.sub(r"\s*([年月])\s*", r"\1", said)) or _no_period(cell.text, said)


def _period(said: str) -> str | None:
    if match := _YEAR.fullmatch(said):
        return match[1]
    if match := _MONTH.fullmatch(said) or _COMPACT.fullmatch(said):
        return f"{match[1]}-{int(match[2]):02d}" if 1 <= int(match[2]) <= 12 else None
    if match := _DAY.fullmatch(said):
        try:
            return date(int(match[1]), int(match[2]), int(match[3])).isoformat()[:7]
        except ValueError:
            return None
    if match := _QUARTER.fullmatch(said):
        quarter = match[2] or match[3]
        return f"{match[1]}-Q{_QUARTERS.get(quarter, quarter)}"
    return None


def _no_period(text: str, said: str) -> Objection:
    zh, en = "", ""
    if re.fullmatch(r"\d{5}", said):
        zh, en = "；它像日期序号，请把单元格设为日期格式", "; it looks like a date's serial: format the cell as a date"
    elif re.search(r"\d月?-\d", said):
        zh, en = "；累计数请填期末月份，如 2026-03", "; for a running total write its last month: 2026-03"
    return Objection("unreadable_period", "/data/period", {"text": text.strip()[:40], "hint": en, "hint_zh": zh})

"""What a number format makes of a number: a percentage, a date, a scaled display. Pure; ECMA-376 part 1, 18.8.30."""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

# Formats that Excel and WPS do not write down; the CJK ones (27-36, 50-58) are dates in every Chinese edition.
_DATES = frozenset({*range(14, 18), 22, *range(27, 32), 36, *range(50, 55), 57, 58})
_PERCENT = frozenset({9, 10})
_LITERAL = re.compile(r'"[^"]*"|\\.|!.|_.|\*.|\[[^\]]*\]')
_SCALED = re.compile(r"[0#?],+(?![0#?,])")
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True, slots=True)
class Format:
    """What a cell's number format shows."""

    percent: bool = False
    date: bool = False
    scaled: bool = False


PLAIN = Format()


def format_of(number: int, code: str | None) -> Format:
    """A format by its number, or by its code where the file gives one."""
    if code is None:
        return Format(percent=number in _PERCENT, date=number in _DATES)
    bare = _LITERAL.sub("", code.split(";")[0])
    if re.search("[yYdD年月日]", bare) or re.fullmatch(r"[mM]+", bare.strip()):
        return Format(date=True)
    return Format(percent="%" in bare, scaled=_SCALED.search(bare) is not None)


def day_of(serial: str, *, from_1904: bool) -> str | None:
    """A date's serial → YYYY-MM-DD; None where it is none."""
    days = int(Decimal(serial))
    first, epoch = (0, _EPOCH_1904) if from_1904 else (61, _EPOCH)  # before March 1900 Excel counts a day too many
    return (epoch + timedelta(days=days)).isoformat() if first <= days < 80_000 else None

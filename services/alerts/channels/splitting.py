"""From a title and entries to texts that each fit a channel, numbered (1/3) where there are several. Pure.

An entry is cut only when it is too long for a message of its own, and then between characters that can be told apart.
"""

import unicodedata
from collections.abc import Callable, Iterator, Sequence

Fits = Callable[[str, str], bool]  # title and text

GAP = "\n\n"
_WIDEST = "（999/999）"
_JOINER = "\u200d"


class TooNarrow(ValueError):
    """Not even one character fits beside the title."""


def split(title: str, entries: Sequence[str], fits: Fits) -> list[tuple[str, str]]:
    """(title, text) of each part, in order. The room for the numbers is kept free, whether they are needed or not."""
    parts = list(_packed(title + _WIDEST, entries, fits))
    if len(parts) == 1:
        return [(title, parts[0])]
    return [(f"{title}（{n}/{len(parts)}）", text) for n, text in enumerate(parts, 1)]


def _packed(title: str, entries: Sequence[str], fits: Fits) -> Iterator[str]:
    text = ""
    for entry in entries:
        if text and fits(title, text + GAP + entry):
            text += GAP + entry
            continue
        if text:
            yield text
        *whole, text = _cut(title, entry, fits)
        yield from whole
    yield text


def _cut(title: str, entry: str, fits: Fits) -> list[str]:
    """The entry in as few pieces as fit: one, nearly always."""
    pieces = []
    while not fits(title, entry):
        least, most = 0, len(entry)  # the longest beginning that fits is of `least` characters or more
        while most - least > 1:
            middle = (least + most) // 2
            least, most = (middle, most) if fits(title, entry[:middle]) else (least, middle)
        end = _boundary(entry, least)
        if not end:
            raise TooNarrow(title)
        pieces.append(entry[:end])
        entry = entry[end:]
    return [*pieces, entry]


def _boundary(text: str, end: int) -> int:
    """The last place up to `end` that no mark, variation or joiner ties to what stands before it."""
    place = end
    while 0 < place < len(text) and (
        unicodedata.category(text[place]) in ("Mn", "Mc", "Me") or _JOINER in (text[place], text[place - 1])
    ):
        place -= 1
    return place or end

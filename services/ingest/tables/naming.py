"""What clerks call indicators and districts → the programme's ids, where a name means one thing only. Pure."""

import difflib
from collections.abc import Iterable, Mapping
from functools import lru_cache

from contracts.columns import columns, plain_name
from contracts.objections import Objection
from contracts.programme import CITY, Lookup

_ENDINGS = ("新区", "县", "区", "市")


class Names:
    """The names of one version of the programme."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        each = lookup.indicators.values()
        self._indicators = _unique((text, i.id) for i in each for text in {i.id, i.name.zh, i.name.en})
        self._several = {name for name, ids in self._indicators.items() if len(ids) > 1}
        governments = [district for district in lookup.districts.values() if district.reports]
        self._districts = _unique((text, d.id) for d in governments for text in (d.id, *_called(d.name.zh), d.name.en))
        for word in columns().city:
            self._districts[plain_name(word)] = {CITY}

    def indicator(self, text: str, name: str) -> str | Objection:
        """The id that a cell says, or that its name says where it is empty; the two may not disagree."""
        said = [_ids(self._indicators, each) for each in (text, name)]
        if text and said[0] and said[1] and not said[0] & said[1]:
            ids = ", ".join(sorted(said[1]))
            return Objection("names_disagree", "/data/indicator", {"id": text[:80], "name": name[:80], "of": ids})
        found = said[0] if text else said[1]
        if len(found) == 1:
            return next(iter(found))
        shown = (text or name)[:80]
        if found:
            return Objection("ambiguous_name", "/data/indicator", {"name": shown, "ids": ", ".join(sorted(found))})
        return self._unknown(shown) if text or name else ""

    def is_indicator(self, text: str) -> bool:
        return bool(_ids(self._indicators, text))

    def district(self, text: str) -> str:
        """The id of a district; as it is where none is called so."""
        found = _ids(self._districts, text)
        return next(iter(found)) if len(found) == 1 else text

    def is_yes_no(self, indicator: str) -> bool:
        known = self._lookup.indicators.get(indicator)
        return known is not None and known.goal == "yes_no"

    def _unknown(self, text: str) -> str | Objection:
        if text.isascii():
            return text  # by its words: acceptance knows what is near
        names = {i.name.zh: i.id for i in self._lookup.indicators.values()}
        near = difflib.get_close_matches(text, names, n=3, cutoff=0.5)
        zh = f"；是否为 {'、'.join(f'{each}({names[each]})' for each in near)}？" if near else ""
        en = f"; is it {', '.join(names[each] for each in near)}?" if near else ""
        return Objection("unknown_indicator", "/data/indicator", {"indicator": text, "nearest": en, "nearest_zh": zh})


def _unique(pairs: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    named: dict[str, set[str]] = {}
    for text, id_ in pairs:
        named.setdefault(plain_name(text), set()).add(id_)
    return named


def _ids(known: Mapping[str, set[str]], text: str) -> set[str]:
    """What a cell names: all of it, or its first line where the second is the same in English."""
    return known.get(plain_name(text)) or known.get(plain_name(text.split("\n")[0])) or set()


def _called(name: str) -> tuple[str, ...]:
    """德清县 and 德清, 南太湖新区 and 南太湖."""
    ending = next((each for each in _ENDINGS if name.endswith(each) and len(name) > len(each) + 1), "")
    return (name, name.removesuffix(ending)) if ending else (name,)


@lru_cache(maxsize=4)
def names_of(lookup: Lookup) -> Names:
    return Names(lookup)

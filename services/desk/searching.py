"""People and units by what somebody types: an id, a name, or a part of one, in Chinese or English. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.events import Text
from contracts.programme import Lookup
from contracts.roles import table
from services.desk.people import Person

SHOWN = 8  # of the units that a part of a name may mean


@dataclass(frozen=True, slots=True)
class Sought:
    """`unit`: the one that was meant, "" for none; `several`: those that it may have been, when it is not one."""

    typed: str
    unit: str
    several: tuple[str, ...] = ()

    @property
    def missed(self) -> bool:
        """Something was typed, and no one unit is called that."""
        return bool(self.typed) and not self.unit


def unit(typed: str, lookup: Lookup) -> Sought:
    """The district or department of that id or name, or the only one whose name has that in it."""
    typed = typed.strip()
    names = {each.id: each.name for each in lookup.districts.values()}
    names |= {each.id: each.name for each in lookup.departments.values()}
    if not typed:
        return Sought(typed, "")
    exact = [name for name, text in names.items() if typed.casefold() in (name, text.zh, text.en.casefold())]
    found = exact or [name for name, text in names.items() if _within(typed, (name, text.zh, text.en))]
    return Sought(typed, found[0]) if len(found) == 1 else Sought(typed, "", tuple(found[:SHOWN]))


def people(typed: str, everybody: Iterable[Person], units: Mapping[str, Text]) -> list[Person]:
    """Those whose name, subject, login, role or unit has every word of it."""
    roles, words = table().roles, typed.split()

    def about(person: Person) -> list[str]:
        role, place = roles.get(person.role), units.get(person.unit or "")
        said = [person.subject, person.name, person.login or "", person.role, person.unit or ""]
        return said + ([role.zh, role.en] if role else []) + ([place.zh, place.en] if place else [])

    return [each for each in everybody if all(_within(word, about(each)) for word in words)]


def _within(word: str, texts: Iterable[str]) -> bool:
    return any(word.casefold() in text.casefold() for text in texts)

"""What may be objected to on the page of a series, and by whom; the services decide when a form is sent. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.programme import Lookup
from contracts.responsibility import answerable
from services.desk.items.record import Dated, Row
from services.desk.people import Person

Item = Mapping[str, Any]
PERIODS = 12  # lights of record that are offered, the newest first


@dataclass(frozen=True, slots=True)
class Typed:
    """A form that was not taken: what was typed, and why not."""

    said: Mapping[str, str]
    words: str
    status: int


@dataclass(frozen=True, slots=True)
class Subjects:
    """What there is to object to: periods with their light of record, and years of targets."""

    lights: Sequence[tuple[str, str]]
    targets: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.lights or self.targets)


def subjects(rows: Iterable[Row], targets: Iterable[Dated], objections: Iterable[Item]) -> Subjects:
    """Without what waits for an answer already."""
    waiting = {(each["about"], each["which"]) for each in objections if each["answer"] is None}
    lights = [(row.period, row.light["record"]) for row in rows if row.light is not None and row.light["record"]]
    years = dict.fromkeys(str(each.aim.on.year) for each in targets)
    return Subjects(
        [each for each in reversed(lights) if ("light", each[0]) not in waiting][:PERIODS],
        [year for year in years if ("target", year) not in waiting],
    )


def may_object(person: Person, lookup: Lookup, indicator: str, district: str) -> bool:
    """Whether the person speaks for a unit that answers for the series."""
    return person.unit in answerable(lookup, indicator, district) and person.may("object", own=True)

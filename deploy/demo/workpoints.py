"""Invented work points (工作要点) of 2024, 2025 and 2026: how the programme changes in the time-lapse, year by year.

Nothing of it was ever issued: every indicator that it touches says so in its note (演示用虚构). A function of the seed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from random import Random

import msgspec

from contracts.numbers import UNITS
from contracts.periods import SHANGHAI
from contracts.programme import Allocation, Baseline, Indicator, Lookup, Programme, Target

INVENTED = "演示用虚构 invented for the demonstration"
YEARLY = ("provincial_agri_park_output", "agri_full_chain_output", "leisure_agriculture_output", "rural_online_retail")
WAYS = (
    "county_seat_capability_investment", "future_communities_total", "waste_free_cells", "micro_upgrade_sites",
    "prosperity_workshops", "rural_craftsmen", "new_agri_operators", "municipal_future_farms", "origin_cold_storage",
    "digital_agri_factories", "towns_meeting_basic_standard", "nursing_bed_share", "family_doctor_rate",
    "rural_sewage_village_coverage", "income_ratio_urban_rural",
)  # fmt: skip
SPLIT_LATER = ("micro_upgrade_sites", "leisure_agriculture_output", "new_agri_operators")  # allocated in April 2024
REOPENED = "farmer_income_growth"  # ended with 2023, asked for again for 2024
REDEFINED = "origin_cold_storage"  # counted otherwise from 2025 on: another indicator that continues it
DISPUTED = "sponge_city_share"  # its figure for 2025 is contested
UNEQUAL = "agri_service_stations"  # the parts of 2026 do not add up
EFFORT = "elderly_complex_coverage"  # 力争 in 2026: shown, not binding


@dataclass(frozen=True, slots=True)
class WorkPoints:
    """One change of the catalogue: when the office applies it, what it touches, and the programme from then on."""

    at: datetime
    version: str
    reason: str
    reason_en: str
    indicators: tuple[str, ...]  # replaced or new, by id
    allocated: tuple[str, ...]  # whose decomposition is replaced
    lookup: Lookup


def told(base: Lookup, seed: str) -> tuple[WorkPoints, ...]:
    """All four changes in order, each built on the one before."""
    found: list[WorkPoints] = []
    for at, version, zh, en, change in (
        (date(2024, 1, 15), "2024.1", "2024年工作要点", "work points of 2024", _january(2024, seed)),
        (date(2024, 4, 15), "2024.2", "2024年分解任务补充下达", "allocations of 2024, late", _april),
        (date(2025, 1, 15), "2025.1", "2025年工作要点", "work points of 2025", _january(2025, seed)),
        (date(2026, 1, 15), "2026.1", "2026年工作要点", "work points of 2026", _january(2026, seed)),
    ):
        draft = _Draft(found[-1].lookup if found else base)
        change(draft)
        told_at = datetime.combine(at, time(9, 30), SHANGHAI)
        found.append(draft.finished(told_at, version, (f"{zh}(演示用虚构)", f"{en} (invented for the demonstration)")))
    return tuple(found)


def in_force(base: Lookup, changes: Sequence[WorkPoints], before: datetime) -> Lookup:
    """The programme as the newest change applied before an instant left it."""
    return next((each.lookup for each in reversed(changes) if each.at < before), base)


class _Draft:
    """A programme while it is being changed."""

    def __init__(self, lookup: Lookup) -> None:
        self.before = lookup.programme
        self.indicators = dict(lookup.indicators)
        self.allocations = {key: dict(each.targets) for key, each in lookup.allocations.items()}
        self.touched: dict[str, None] = {}
        self.split: dict[str, None] = {}

    def change(self, name: str, note: str, **values: object) -> None:
        """Replace parts of an indicator and say that this is invented."""
        indicator = self.indicators[name]
        said = f"{INVENTED}: {note}"
        kept = "" if indicator.note is None or INVENTED in indicator.note else f" | {indicator.note}"
        self.indicators[name] = msgspec.structs.replace(indicator, note=said + kept, **values)
        self.touched[name] = None

    def target(self, name: str, year: int, value: Decimal, **words: object) -> None:
        """Add or replace the target of a year's end."""
        on = date(year, 12, 31)
        indicator = self.indicators[name]
        bound = indicator.targets[-1].bound
        given = msgspec.convert(
            {"on": on, "value": format(value, "f"), "bound": bound, "source": "invented", **words}, Target
        )
        targets = sorted((*(each for each in indicator.targets if each.on != on), given), key=lambda each: each.on)
        self.change(name, f"{year}年工作要点", targets=tuple(targets))

    def share(self, name: str, year: int, value: Decimal, wrong: Decimal = Decimal(0)) -> None:
        """Give each district its part of a summed target; `wrong` is what the parts add up to beyond it."""
        indicator = self.indicators[name]
        if indicator.aggregate != "sum":
            return
        for district, part in _parts(indicator, value).items():
            more = wrong if district == indicator.applicable[0] else Decimal(0)
            self.allocations.setdefault((name, district), {})[f"{year}-12-31"] = format(part + more, "f")
        self.split[name] = None

    def finished(self, at: datetime, version: str, reason: tuple[str, str]) -> WorkPoints:
        programme: Programme = msgspec.structs.replace(
            self.before,
            version=version,
            indicators=tuple(self.indicators.values()),
            decomposition=tuple(
                Allocation(indicator=i, district=d, targets=t) for (i, d), t in self.allocations.items()
            ),
        )
        return WorkPoints(at, version, *reason, tuple(self.touched), tuple(self.split), Lookup(programme))


def _january(year: int, seed: str) -> "Change":
    def change(draft: _Draft) -> None:
        random = Random(f"{seed}/work points/{year}")
        _SPECIAL[year](draft)
        for name in YEARLY:
            _add(draft, name, year, _yearly(draft.indicators[name], year, random))
        for name in sorted({*random.sample(WAYS, 9), *(SPLIT_LATER if year == 2024 else ())} - set(YEARLY)):
            indicator = draft.indicators[name]
            if indicator.valid_to.year >= year and (value := _on_the_way(indicator, year, random)) is not None:
                _add(draft, name, year, value)

    return change


def _add(draft: _Draft, name: str, year: int, value: Decimal) -> None:
    draft.target(name, year, value)
    if year != 2024 or name not in SPLIT_LATER:
        draft.share(name, year, value)


def _april(draft: _Draft) -> None:
    """The parts that January left open."""
    for name in SPLIT_LATER:
        given = next((each for each in draft.indicators[name].targets if each.on == date(2024, 12, 31)), None)
        if given is not None and given.value is not None:
            draft.share(name, 2024, Decimal(given.value))


def _in_2024(draft: _Draft) -> None:
    indicator = draft.indicators[REOPENED]
    again = (
        *indicator.targets,
        msgspec.structs.replace(indicator.targets[-1], on=date(2024, 12, 31), value="8.5", source="invented"),
    )
    draft.change(REOPENED, "2024年继续考核", targets=again, valid_to=date(2024, 12, 31))


def _in_2025(draft: _Draft) -> None:
    draft.change(REDEFINED, "2025年起改变口径,本口径止于2024年", valid_to=date(2024, 12, 31))
    name = f"{REDEFINED}_2025"
    draft.indicators[name] = msgspec.structs.replace(
        draft.indicators[REDEFINED],
        id=name,
        continues=REDEFINED,
        version=2,
        name=msgspec.convert({"zh": "产地冷藏保鲜设施数(新口径)", "en": "Cold stores at origin (new definition)"},
                             type(draft.before.name)),
        valid_from=date(2025, 1, 1),
        valid_to=date(2027, 12, 31),
        baseline=Baseline(on=date(2024, 12, 31), value="0"),
        targets=(),
    )  # fmt: skip
    printed = msgspec.structs.replace(
        draft.indicators[REDEFINED].targets[-1], on=date(2027, 12, 31), value="60", source="invented"
    )
    draft.change(name, "2025年起仅计库容500吨以上", targets=(printed,))
    draft.share(name, 2027, Decimal(60))
    draft.target(DISPUTED, 2025, Decimal(24), disputed=True)


def _in_2026(draft: _Draft) -> None:
    draft.target(UNEQUAL, 2026, Decimal(64))
    draft.share(UNEQUAL, 2026, Decimal(64), wrong=Decimal(2))
    draft.target(EFFORT, 2026, Decimal(96), binding=False, qualifiers=("力争",))


Change = Callable[[_Draft], None]
_SPECIAL: Mapping[int, Change] = {2024: _in_2024, 2025: _in_2025, 2026: _in_2026}


def _yearly(indicator: Indicator, year: int, random: Random) -> Decimal:
    """The year's figure of a flow, on its way to that of 2027."""
    last = Decimal(indicator.targets[-1].value or 0)
    return _places(indicator, last * (Decimal("0.76") + Decimal("0.06") * (year - 2023) + _whim(random)))


def _on_the_way(indicator: Indicator, year: int, random: Random) -> Decimal | None:
    """A figure between the neighbouring ones, None where their distance leaves no room for one."""
    points = [(each.on.year, Decimal(each.value)) for each in indicator.targets if each.value and not each.disputed]
    after = next((each for each in points if each[0] >= year), None)
    if after is None or after[0] == year:
        return None
    before = max((each for each in points if each[0] < year), default=(2022, _start(indicator, after[1])))
    share = Decimal(year - before[0]) / (after[0] - before[0]) + _whim(random)
    value = _places(indicator, before[1] + (after[1] - before[1]) * share)
    return value if value not in (before[1], after[1]) else None


def _start(indicator: Indicator, last: Decimal) -> Decimal:
    """Where simulated series stand before the programme (behaviours.py)."""
    if indicator.judged_as == "level":
        return last * (Decimal("0.82") if indicator.direction > 0 else Decimal("1.04"))
    return last * Decimal("0.3") if indicator.stock else Decimal(0)


def _whim(random: Random) -> Decimal:
    return Decimal(random.randint(-3, 3)) / 100


def _places(indicator: Indicator, value: Decimal) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-indicator.decimals), ROUND_HALF_UP)


def _parts(indicator: Indicator, value: Decimal) -> dict[str, Decimal]:
    """Equal parts that add up: the remainder in the last place goes one each in the printed order of districts."""
    places = 0 if UNITS[indicator.unit].whole else indicator.decimals + 1
    step, number = Decimal(1).scaleb(-places), len(indicator.applicable)
    each = (value / number // step) * step
    left = int((value - each * number) / step)
    return {district: (each + step * (n < left)).quantize(step) for n, district in enumerate(indicator.applicable)}

"""Acts on cells: approve, return, excuse, comment, publish (rules 2.9, 2.11, 7.2); order never matters."""

import random
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cells import Cells
from contracts.editions import Edition, Editions
from contracts.programme import CITY, Lookup, Target
from services.metrics.acts import CellAct
from services.metrics.fold import Fact, Folded, Folding, fold
from tests.support.programmes import Trial, trial

TARGETS = (Target(on=date(2023, 12, 31), value="80"), Target(on=date(2027, 12, 31), value="800"))
HALF = {"2023-12-31": "40", "2027-12-31": "400"}


def at(day: str, hour: int = 9) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02d}:00:00+08:00")


@dataclass
class Office:
    """A trial to which acts are told too."""

    told: Trial
    acts: list[CellAct] = field(default_factory=list)

    def act(self, kind: Any, period: str, day: str, about: Fact | None = None, **given: Any) -> CellAct:
        act = CellAct(
            source="/office",
            id=given.pop("id", f"{kind}/{period}/{len(self.acts)}"),
            kind=kind,
            district=given.pop("district", CITY),
            period=period,
            received_at=given.pop("received_at", at(day)),
            report=about.identity if about else None,
            reason=given.pop("reason", "a reason"),
            **given,
        )
        self.acts.append(act)
        return act

    def fold(self) -> Folded:
        return fold(self.told.lookup, self.told.cells, self.told.indicator, self.told.facts, self.acts)

    def standing(self, period: str, district: str = CITY) -> Any:
        return self.fold().standings[district, period]

    def verdict(self, act: CellAct) -> tuple[str, str | None]:
        return self.fold().acts[act.identity]

    def outcome(self, fact: Fact) -> tuple[str, str | None, tuple[str, ...]]:
        return self.fold().outcomes[fact.identity]


@pytest.fixture
def office() -> Office:
    """January's cell has a value and is locked since 1 March."""
    return Office(trial(targets=TARGETS).tell_all({"2023-01": "5"}))


def test_an_approved_report_restates_its_cell(office: Office) -> None:
    """Rules 2.9 and 2.10: applied, known from its approval, flagged; the report before it is superseded."""
    first = office.told.facts[0]
    held = office.told.tell("2023-01", "7", "2023-03-05", revision=1, reason="recount")
    assert office.outcome(held)[0] == "held_for_approval"
    act = office.act("report.approved", "2023-01", "2023-03-10", held)
    found = office.standing("2023-01")
    assert (found.value, found.flags, found.known_at) == ("7.0", ("restated",), at("2023-03-10"))
    assert "锁定后经批准更正" in found.explanation.zh
    assert (office.outcome(held)[0], office.outcome(first)[0]) == ("applied", "superseded")
    assert office.verdict(act) == ("applied", None)


def test_a_restatement_moves_no_other_locked_cell(office: Office) -> None:
    """Rule 4.4: later locked cells keep what they were made from; those still open take the new start."""
    office.told.tell_all({"2023-02": "6", "2023-12": "40"})
    before = office.standing("2023-02")
    held = office.told.tell("2023-01", "7", "2023-05-05", revision=1, reason="recount")
    office.act("report.approved", "2023-01", "2023-05-10", held)
    assert office.standing("2023-02") == before


def test_a_returned_report_stays_out(office: Office) -> None:
    """Rule 2.9: the office's no; nothing moves."""
    before = office.standing("2023-01")
    held = office.told.tell("2023-01", "7", "2023-03-05", revision=1, reason="recount")
    act = office.act("report.returned", "2023-01", "2023-03-10", held)
    assert office.outcome(held) == ("returned", None, ())
    assert office.standing("2023-01") == before
    assert office.verdict(act) == ("applied", None)


def test_a_first_late_value_and_a_withdrawal_wait_too(office: Office) -> None:
    """Rule 2.9: so too a first late value and a withdrawal."""
    late = office.told.tell("2023-02", "9", "2023-04-02", reason="late")
    gone = office.told.tell("2023-01", None, "2023-03-05", revision=1, reason="wrong list")
    office.act("report.approved", "2023-02", "2023-04-10", late)
    office.act("report.approved", "2023-01", "2023-04-11", gone)
    first, empty = office.standing("2023-02"), office.standing("2023-01")
    assert (first.value, first.flags, first.received_at) == ("9.0", ("restated",), late.received_at)
    assert (empty.value, empty.flags, empty.known_at) == (None, ("withdrawn", "restated"), at("2023-04-11"))


def test_the_first_decision_holds(office: Office) -> None:
    """One decision a report: by its moment, whatever came first; the other says that it came too late."""
    held = office.told.tell("2023-01", "7", "2023-03-05", revision=1, reason="recount")
    late = office.act("report.approved", "2023-01", "2023-03-11", held)
    first = office.act("report.returned", "2023-01", "2023-03-10", held)
    assert office.outcome(held)[0] == "returned"
    assert (office.verdict(first), office.verdict(late)) == (("applied", None), ("refused", "already_decided"))


def test_acts_on_what_is_not_held_say_so(office: Office) -> None:
    """Outcomes of acts: unknown_report until the report is there, not_held for what nobody has to decide."""
    unknown = office.act("report.approved", "2023-01", "2023-03-10", Fact("/trial", "x", *[None] * 8))  # type: ignore[arg-type]
    in_time = office.act("report.approved", "2023-01", "2023-03-10", office.told.facts[0])
    silent = office.told.tell("2023-01", "6", "2023-03-02", revision=1)
    without_reason = office.act("report.approved", "2023-01", "2023-03-10", silent)
    elsewhere = office.act("report.approved", "2023-02", "2023-03-10", silent)
    assert office.verdict(unknown) == ("refused", "unknown_report")
    assert office.verdict(in_time) == office.verdict(without_reason) == ("refused", "not_held")
    assert office.verdict(elsewhere) == ("refused", "unknown_report")
    assert office.outcome(silent) == ("refused", "period_locked", ())
    office.told.tell("2023-01", "8", "2023-03-09", revision=2, reason="recount", id="x")
    assert office.verdict(unknown) == ("applied", None)
    assert office.standing("2023-01").value == "8.0"


def test_an_excused_cell_has_a_standing_that_says_so(office: Office) -> None:
    """Rule 7.2: excused while nothing is received; a value ends it without a word."""
    act = office.act("cell.excused", "2023-02", "2023-03-03")
    found = office.standing("2023-02")
    assert (found.mode, found.reason, found.value, found.flags) == ("none", "excused", None, ("excused",))
    assert (found.known_at, found.excused_until, found.received_at) == (at("2023-03-03"), None, None)
    assert found.explanation.zh.startswith("截至2023年2月底，经专班办公室同意本期免报")
    assert office.verdict(act) == ("applied", None)
    office.told.tell("2023-02", "6", "2023-03-04")
    found = office.standing("2023-02")
    assert (found.value, found.flags) == ("6.0", ())
    assert office.fold().rulings[CITY, "2023-02"].excused


def test_an_excuse_ends_by_the_office_or_by_its_date(office: Office) -> None:
    """cell.unexcused: the standing comes again without it; `until`: the standing tells when, time does the rest."""
    nothing = office.act("cell.unexcused", "2023-02", "2023-03-01")
    office.act("cell.excused", "2023-02", "2023-03-03", until=date(2023, 3, 20))
    assert office.standing("2023-02").excused_until == at("2023-03-21", 0)
    again = office.act("cell.excused", "2023-02", "2023-03-04", until=date(2023, 3, 20))
    end = office.act("cell.unexcused", "2023-02", "2023-03-05")
    found = office.standing("2023-02")
    assert (found.reason, found.flags, found.excused_until, found.known_at) == ("no_value", (), None, at("2023-03-05"))
    assert office.verdict(nothing) == ("refused", "not_excused")
    assert (office.verdict(again), office.verdict(end)) == (("unchanged", None), ("applied", None))
    office.act("cell.excused", "2023-03", "2023-04-03", until=date(2023, 4, 10))
    over = office.act("cell.unexcused", "2023-03", "2023-04-11")
    assert office.verdict(over) == ("refused", "not_excused")


def test_a_withdrawn_cell_can_be_excused(office: Office) -> None:
    """Rule 7.2: withdrawn is not received."""
    office.told.tell("2023-01", None, "2023-02-03", revision=1, reason="wrong list")
    office.act("cell.excused", "2023-01", "2023-02-05")
    found = office.standing("2023-01")
    assert (found.reason, found.flags) == ("excused", ("withdrawn", "excused"))


def test_a_comment_closes_the_flag_and_is_shown(office: Office) -> None:
    """Rule 2.11: the newest comment's text stands in the explanation; a report without a flag needs none."""
    fell = office.told.tell("2023-02", "4")
    assert office.standing("2023-02").flags == ("running_total_fell",)
    first = office.act("flag.commented", "2023-02", "2023-03-06", fell, reason="笔误")
    office.act("flag.commented", "2023-02", "2023-03-07", fell, reason="一个项目移出名单。")
    needless = office.act("flag.commented", "2023-01", "2023-03-07", office.told.facts[0])
    found = office.standing("2023-02")
    assert (found.flags, found.known_at) == (("commented",), at("2023-03-07"))
    assert "累计数较前期下降，已说明：一个项目移出名单。" in found.explanation.zh
    assert office.outcome(fell) == ("applied", None, ())
    assert office.verdict(first) == ("applied", None)
    assert office.verdict(needless) == ("refused", "not_flagged")


def test_a_publication_locks_at_once(office: Office) -> None:
    """Rule 2.9: the first publication that contains a cell; received at that moment is too late."""
    office.told.tell("2023-02", "6")
    act = office.act("cell.published", "2023-02", "2023-03-10")
    again = office.act("cell.published", "2023-02", "2023-03-12")
    before, after = (
        office.told.tell("2023-02", v, d, revision=r) for v, d, r in (("7", "2023-03-09", 1), ("8", "2023-03-10", 2))
    )
    assert office.outcome(before)[0] == "applied"
    assert office.outcome(after) == ("refused", "period_locked", ())
    assert (office.verdict(act), office.verdict(again)) == (("applied", None), ("unchanged", None))
    assert office.fold().rulings[CITY, "2023-02"].published_at == at("2023-03-10")


def test_a_publication_is_told_in_the_standing(office: Office) -> None:
    """Rule 2.9: whoever judges learns from the standing that its cell is locked, of a cell without a value too."""
    office.told.tell("2023-02", "6")
    before = office.standing("2023-02")
    for period in ("2023-02", "2023-03"):
        office.act("cell.published", period, "2023-03-10")
    february, march = office.standing("2023-02"), office.standing("2023-03")
    assert before.published_at is msgspec.UNSET
    assert (february.published_at, february.known_at, february.value) == (at("2023-03-10"),) * 2 + (before.value,)
    assert (march.published_at, march.value, march.reason) == (at("2023-03-10"), None, "no_value")
    office.act("cell.published", "2023-01", "2023-03-15")  # behind the calendar's lock: nothing to tell
    assert office.standing("2023-01").published_at is msgspec.UNSET


def test_the_citys_figure_is_locked_with_its_districts() -> None:
    """Rules 2.9 and 3.2: by a publication of all that it is summed from, or of itself."""
    told = trial({"deqing": HALF, "anji": HALF}, targets=TARGETS, applicable=("deqing", "anji"), aggregate="sum")
    for district in ("deqing", "anji"):
        told.tell("2023-02", "3", district=district)
    office = Office(told)
    office.act("cell.published", "2023-02", "2023-03-10", district="deqing")
    assert office.standing("2023-02").published_at is msgspec.UNSET
    office.act("cell.published", "2023-02", "2023-03-12", district="anji")
    assert office.standing("2023-02").published_at == at("2023-03-12")
    office.act("cell.published", "2023-02", "2023-03-11")
    assert office.standing("2023-02").published_at == at("2023-03-11")


def test_after_the_calendar_lock_a_publication_locks_nothing(office: Office) -> None:
    """Rule 2.9: whichever comes first."""
    act = office.act("cell.published", "2023-01", "2023-03-15")
    assert office.verdict(act) == ("unchanged", None)
    assert office.fold().rulings[CITY, "2023-01"].published_at is None


def test_the_base_year_locks_by_its_publication_only() -> None:
    """Rule 2.9: `2022` has no other lock; from then on its report is held and an approval restates it."""
    office = Office(trial(targets=TARGETS, judged_as="level").tell_all({"2022": "20"}, received="2023-01-05"))
    office.act("cell.published", "2022", "2023-06-30")
    late = office.told.tell("2022", "25", "2024-02-01", revision=1, reason="revised")
    assert office.outcome(late)[0] == "held_for_approval"
    office.act("report.approved", "2022", "2024-02-03", late)
    assert (office.standing("2022").value, office.standing("2022").flags) == ("25.0", ("restated",))


def test_a_published_cell_keeps_its_start() -> None:
    """Rules 2.9 and 4.4: a base year that comes after the publication of June moves July and June no more."""
    office = Office(trial(targets=TARGETS, stock=True))
    office.told.tell_all({"2023-06": "30", "2023-07": "35"})
    office.act("cell.published", "2023-06", "2023-07-03")
    before = office.standing("2023-06")
    office.told.tell("2022", "20", "2023-07-05")
    assert office.standing("2023-06") == before
    assert (before.baseline_source, office.standing("2023-07").baseline) == ("first_report", "20.0")


def test_acts_for_no_cell_are_refused(office: Office) -> None:
    """Recording's own no, as for reports."""
    after = office.act("cell.excused", "2030-01", "2023-03-01")
    elsewhere = office.act("cell.excused", "2023-01", "2023-03-01", district="deqing")
    assert office.verdict(after) == office.verdict(elsewhere) == ("refused", "outside_life")


TOLD = trial({"deqing": HALF, "anji": HALF}, targets=TARGETS, applicable=("deqing", "anji"), aggregate="sum")
PERIODS = ["2022", "2023-01", "2023-02", "2023-03", "2023-04", "2024-01"]
SERIES = ["deqing", "anji", CITY]


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Fact], list[CellAct]]:
    """Any reports and acts of a sum of two districts; acts about reports that exist, are late, or never come."""
    told = Trial(TOLD.lookup, TOLD.cells)
    day = st.builds("2023-{:02d}-{:02d}".format, st.integers(1, 12), st.integers(1, 28))
    for n in range(draw(st.integers(0, 10))):
        told.tell(
            draw(st.sampled_from(PERIODS)),
            draw(st.sampled_from([None, "0", "3", "3.0", "17.25", "40"])),
            draw(day),
            district=draw(st.sampled_from(SERIES)),
            revision=draw(st.integers(0, 2)),
            id=str(n),
            reason=draw(st.sampled_from([None, "a reason"])),
        )
    office = Office(told)
    kinds = "report.approved", "report.returned", "flag.commented"
    for n in range(draw(st.integers(0, 10))):
        reports: list[Fact | None] = [None, *told.facts]
        about = draw(st.sampled_from(reports))
        if about is not None:
            kind, period, district = draw(st.sampled_from(kinds)), about.period, about.district
        else:
            kind = draw(st.sampled_from(["cell.excused", "cell.unexcused", "cell.published"]))
            period, district = draw(st.sampled_from(PERIODS)), draw(st.sampled_from(SERIES))
        until = draw(st.sampled_from([None, date(2023, 6, 1)])) if kind == "cell.excused" else None
        office.act(kind, period, draw(day), about, district=district, until=until, id=str(n))
    return told.facts, office.acts


@settings(max_examples=150, deadline=None)
@given(history=histories(), seed=st.integers(0, 1000))
def test_any_order_and_repetition_of_reports_and_acts_ends_the_same(
    history: tuple[list[Fact], list[CellAct]], seed: int
) -> None:
    """Rules 2.9 and 6.1: the same stamps, any order, some twice: the same standings, outcomes, excused and locked
    cells; every report and every act has its outcome."""
    facts, acts = history
    shuffled = random.Random(seed)
    other, others = [*facts, *facts[:3]], [*acts, *acts[:3]]
    shuffled.shuffle(other)
    shuffled.shuffle(others)
    first = fold(TOLD.lookup, TOLD.cells, TOLD.indicator, facts, acts)
    afresh = Lookup(TOLD.lookup.programme)  # nothing is kept for it
    assert fold(afresh, Cells(afresh), TOLD.indicator, other, others) == first
    assert first.outcomes.keys() == {fact.identity for fact in facts}
    assert first.acts.keys() == {act.identity for act in acts}


@settings(max_examples=40, deadline=None)
@given(history=histories())
def test_what_nobody_approved_never_moves_a_locked_cell(history: tuple[list[Fact], list[CellAct]]) -> None:
    """Rules 2.9 and 4.4: without approvals every value is the one of the reports received before the cell's lock, be
    it the calendar's or a publication."""
    facts, acts = history
    kept = [act for act in acts if act.kind not in ("report.approved", "flag.commented")]
    folded = fold(TOLD.lookup, TOLD.cells, TOLD.indicator, facts, kept)
    for district, period in {(fact.district, fact.period) for fact in facts if fact.district != CITY}:
        cell, ruling = TOLD.cells.get(TOLD.indicator.id, district, period), folded.rulings.get((district, period))
        assert cell is not None
        lock = min(cell.lock_at, ruling.published_at) if ruling and ruling.published_at else cell.lock_at
        before = [fact for fact in facts if fact.received_at < lock]
        then = fold(TOLD.lookup, TOLD.cells, TOLD.indicator, before).standings.get((district, period))
        now = folded.standings.get((district, period))
        if then is None:  # nothing was in force, an excuse may be said
            assert now is None or now.value is None
        else:
            assert now is not None
            assert (now.value, now.baseline, now.expected) == (then.value, then.baseline, then.expected)


@settings(max_examples=60, deadline=None)
@given(history=histories(), seed=st.integers(0, 1000))
def test_one_by_one_or_at_once_is_the_same(history: tuple[list[Fact], list[CellAct]], seed: int) -> None:
    """A folding that is fed piece by piece ends where one fold of everything ends (rule 6.1)."""
    facts, acts = history
    pieces: list[Fact | CellAct] = [*facts, *acts]
    random.Random(seed).shuffle(pieces)
    afresh = Lookup(TOLD.lookup.programme)
    folding = Folding(Editions([Edition(afresh, Cells(afresh))]), TOLD.indicator)
    last = Folded({}, {})
    for piece in pieces:
        folding.add(piece) if isinstance(piece, Fact) else folding.add_act(piece)
        found = folding.fold()
        for name in ("standings", "outcomes", "acts", "rulings"):
            getattr(last, name).update(getattr(found, name))
    assert last == fold(TOLD.lookup, TOLD.cells, TOLD.indicator, facts, acts)


def test_a_published_cell_keeps_the_version_it_was_published_by() -> None:
    """Rules 2.9 and 4.4: December published on 10 January stays with the version before the work points of the 15th;
    unpublished it would be open until March and move with them."""
    told = trial(targets=TARGETS).tell_all({"2023-11": "70", "2023-12": "75", "2024-01": "90"})
    later = msgspec.structs.replace(told.indicator, targets=(*TARGETS, Target(on=date(2024, 12, 31), value="300")))
    programme = msgspec.structs.replace(told.lookup.programme, version="2", indicators=(later,))
    editions = Editions([Edition.of(told.lookup), Edition.of(Lookup(programme), at("2024-01-15", 0))])
    act = Office(told).act("cell.published", "2023-12", "2024-01-10")
    versions = {}
    for acts in ([], [act]):
        folding = Folding(editions, told.indicator)
        for fact in told.facts:
            folding.add(fact)
        for each in acts:
            folding.add_act(each)
        found = folding.fold().standings
        versions[len(acts)] = [found[CITY, p].catalogue_version for p in ("2023-11", "2023-12", "2024-01")]
    assert versions == {0: ["1", "2", "2"], 1: ["1", "1", "2"]}

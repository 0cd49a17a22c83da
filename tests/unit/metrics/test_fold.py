"""All facts of an indicator → standings and outcomes (services/metrics/fold.py): order, locks, revisions, the city."""

import random
from datetime import date, datetime
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.cells import Cells
from contracts.editions import Edition, Editions
from contracts.numbers import published
from contracts.periods import Frequency
from contracts.programme import CITY, Lookup, Target
from services.metrics.fold import Fact, Folded, Folding, fold
from tests.support.programmes import DISTRICTS, Trial, in_six, number, trial

TARGETS = (Target(on=date(2023, 12, 31), value="80"), Target(on=date(2027, 12, 31), value="800"))
HALF = {"2023-12-31": "40", "2027-12-31": "400"}


def summed(**given: object) -> Trial:
    """A sum of two districts."""
    allocations = {"deqing": HALF, "anji": HALF}
    return trial(allocations, targets=TARGETS, applicable=("deqing", "anji"), aggregate="sum", **given)


def test_value_and_plan_meet_at_the_same_day() -> None:
    """Rules 4.1 and 4.3: 30 of 80 by June 2023; every figure of the standing."""
    found = trial(targets=TARGETS).tell_all({"2023-06": "30"}).standing("2023-06")
    assert (found.mode, found.value, found.expected, found.short) == ("share", "30.0", "40.000", "10.000")
    assert (found.lag, found.ratio, found.attainment) == ("12.500", "0.750", "75.0000")
    assert (found.target, found.target_on, found.baseline, found.baseline_on) == (
        "80.0",
        date(2023, 12, 31),
        "0.0",
        date(2022, 12, 31),
    )
    assert (found.baseline_source, found.window_years, found.as_of) == ("zero", (2022, 2023), date(2023, 6, 30))
    assert found.exact.lag == "25/2"


def test_cells_without_a_report_have_no_standing() -> None:
    """A standing exists for a value or a withdrawal, not for silence (rule 4.1)."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    assert told.fold().standings.keys() == {(CITY, "2023-01")}


def test_withdrawn_cell_has_no_value_but_says_so() -> None:
    """Rule 2.8: a withdrawal is a revision without a value; the first receipt is still known."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    told.tell("2023-01", None, "2023-02-03", revision=1, reason="wrong list")
    found = told.standing("2023-01")
    assert (found.mode, found.reason, found.value) == ("none", "no_value", None)
    assert found.flags == ("withdrawn",)
    assert found.received_at == datetime.fromisoformat("2023-02-01T00:00:00+08:00")


def test_locked_cell_takes_no_report() -> None:
    """Rule 2.9: from 1 March on January's cell needs a reason, and then waits for the office; nothing moves."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    silent = told.tell("2023-01", "6", "2023-03-01", revision=1)
    reasoned = told.tell("2023-01", "7", "2023-03-01", revision=2, reason="recount")
    late = told.tell("2023-02", "9", "2023-04-02", reason="late")
    assert told.outcome(silent) == ("refused", "period_locked", ())
    assert told.outcome(reasoned) == ("held_for_approval", None, ())
    assert told.outcome(late) == ("held_for_approval", None, ())
    assert told.standing("2023-01").value == "5.0"
    assert (CITY, "2023-02") not in told.fold().standings


def test_approved_restatement_moves_its_own_cell() -> None:
    """Rules 2.9 and 2.10: known from its approval; a fact received later by others sees it then."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    approval = datetime.fromisoformat("2023-03-10T09:00:00+08:00")
    told.tell("2023-01", "7", "2023-03-05", revision=1, reason="recount", approved_at=approval)
    found = told.standing("2023-01")
    assert (found.value, found.known_at) == ("7.0", approval)


def test_report_for_no_cell_is_refused() -> None:
    """Rule 2.6: recording's own no, for a period outside the indicator's life or a district without it."""
    told = trial(targets=TARGETS, valid_to=date(2023, 12, 31))
    after, elsewhere = told.tell("2024-01", "5"), told.tell("2023-01", "5", district="deqing")
    assert told.outcome(after) == told.outcome(elsewhere) == ("refused", "outside_life", ())


def test_year_sent_to_months_means_december() -> None:
    """Rule 2.1: communiqués print years."""
    assert trial(targets=TARGETS).tell_all({"2023": "80"}).standing("2023-12").value == "80.0"


def test_conflict_flags_the_cell_and_its_outcome() -> None:
    """Rule 2.8: two values of one revision."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    rival = told.tell("2023-01", "6", "2023-02-02")
    assert told.outcome(rival)[0] == "revision_conflict"
    found = told.standing("2023-01")
    assert (found.value, found.flags) == ("5.0", ("revision_conflict",))


def test_flags_ask_for_an_explanation_with_the_outcome() -> None:
    """Rule 2.11: the value counts, the standing and the outcome carry the flag; provisional is marked."""
    told = trial(targets=TARGETS).tell_all({"2023-01": "5"})
    fell = told.tell("2023-02", "4", status="provisional")
    assert told.outcome(fell) == ("applied", None, ("running_total_fell",))
    assert told.standing("2023-02").flags == ("provisional", "running_total_fell")


def test_increments_are_judged_as_what_they_add_up_to() -> None:
    """Rule 3.1: March stays unknown until February comes, then it is 15."""
    told = trial(targets=TARGETS, reported_as="increment", schedule="quota", judged_as="ytd")
    told.tell_all({"2023-01": "5", "2023-03": "6"})
    march = told.standing("2023-03")
    assert (march.value, march.reason, march.received) == (None, "incomplete", True)
    assert "此前有报告期缺报" in march.explanation.zh
    filled = told.tell("2023-02", "4", "2023-04-06")  # February locks on 1 April
    assert told.outcome(filled)[0] == "refused"
    told.facts.pop()
    told.tell("2023-02", "4", "2023-03-20")
    found = told.standing("2023-03")
    assert (found.value, found.known_at) == ("15.0", datetime.fromisoformat("2023-04-01T00:00:00+08:00"))


def test_city_waits_for_all_and_names_the_missing() -> None:
    """Rule 3.2: the sum is known when all are in, from the last receipt on."""
    told = summed().tell_all({"2023-01": "5"}, district="deqing")
    found = told.standing("2023-01")
    assert found.derived is not None
    assert (found.value, found.reason, found.derived.missing) == (None, "no_value", ("anji",))
    assert found.received_at is None
    told.tell("2023-01", "7", "2023-02-05", district="anji")
    found = told.standing("2023-01")
    assert (found.value, found.expected) == ("12.0", "6.667")
    assert found.known_at == found.received_at == datetime.fromisoformat("2023-02-05T09:00:00+08:00")


def test_leads_figure_stands_beside_the_sum() -> None:
    """Rule 3.2: both shown, with the difference; the sum is what is judged."""
    told = summed().tell_all({"2023-01": "5"}, district="deqing").tell_all({"2023-01": "7"}, district="anji")
    told.tell("2023-01", "13.5")
    found = told.standing("2023-01")
    assert found.derived is not None
    assert (found.value, found.derived.reported, found.derived.difference) == ("12.0", "13.5", "1.5")


def test_leads_figure_alone_is_no_value() -> None:
    """Rule 3.2: the comparison figure never takes the sum's place."""
    found = summed().tell_all({"2023-01": "13"}).standing("2023-01")
    assert found.value is None
    assert found.derived is not None
    assert (found.derived.reported, found.derived.missing) == ("13.0", ("deqing", "anji"))


def test_restated_district_moves_the_city() -> None:
    """Rule 2.9: an approved restatement of a district changes the city's figure of that period only."""
    told = summed()
    for district in ("deqing", "anji"):
        told.tell_all({"2023-01": "5", "2023-02": "9"}, district=district)
    approval = datetime.fromisoformat("2023-05-10T09:00:00+08:00")
    told.tell("2023-01", "4", "2023-05-05", district="anji", revision=1, reason="recount", approved_at=approval)
    assert told.standing("2023-01").value == "9.0"
    assert told.standing("2023-02").value == "18.0"


def test_zero_allocation_is_not_applicable_and_not_waited_for() -> None:
    """Rule 3.3: shown, not due, no light, no score up to that date; then it owes its part from 0."""
    allocations = {
        "deqing": {"2023-12-31": "80", "2027-12-31": "700"},
        "anji": {"2023-12-31": "0", "2027-12-31": "100"},
    }
    told = trial(allocations, targets=TARGETS, applicable=("deqing", "anji"), aggregate="sum")
    told.tell_all({"2023-06": "30"}, district="deqing")
    assert told.standing("2023-06").value == "30.0"
    told.tell_all({"2023-06": "2", "2025-12": "40"}, district="anji")
    assert told.standing("2023-06", "anji").reason == "not_applicable"
    assert told.standing("2023-06", "anji").value == "2.0"
    assert told.standing("2023-06").value == "32.0"
    found = told.standing("2025-12", "anji")
    assert (found.baseline, found.expected, found.lag) == ("0.0", "50.000", "10.000")


def test_sum_without_decomposition_leaves_districts_without_target() -> None:
    """Rule 3.3: shown, not judged; the city is judged."""
    told = trial(targets=TARGETS, applicable=("deqing",), aggregate="sum").tell_all(
        {"2023-06": "30"}, district="deqing"
    )
    assert told.standing("2023-06", "deqing").reason == "no_target"
    assert told.standing("2023-06").mode == "share"


def test_share_done_is_in_percent_whatever_the_districts_count() -> None:
    """Rule 3.2: two of three counties done is 66.67 %, held against 100 from the due date on."""
    told = trial(
        targets=(Target(on=date(2023, 12, 31), value="1"),),
        applicable=("deqing", "changxing", "anji"),
        aggregate="share_done",
        unit="count",
        unit_zh="个",
        schedule="due_date",
        goal="yes_no",
        judged_as="level",
        frequency=Frequency.QUARTERLY,
    )
    for district, done in zip(("deqing", "changxing", "anji"), "110", strict=True):
        told.tell("2023-Q4", done, district=district, confidence="at_risk" if done == "0" else "likely")
    found = told.standing("2023-Q4")
    assert (found.unit, found.value, found.target, found.mode) == ("percent", "66.67", "100.0", "due")
    assert (found.attainment, found.confidence) == ("0.0000", "at_risk")
    assert told.standing("2023-Q4", "deqing").attainment == "100.0000"


def test_rate_applies_to_each_district_and_the_city_reports_its_own() -> None:
    """Rules 3.2 and 3.3: never averaged."""
    told = trial(
        targets=(Target(on=date(2027, 12, 31), value="96"),), unit="percent", goal="hold_floor", schedule="hold",
        judged_as="level", applicable=DISTRICTS, aggregate="reported",
    )  # fmt: skip
    told.tell("2023-01", "95", district="deqing")
    assert (CITY, "2023-01") not in told.fold().standings
    assert told.standing("2023-01", "deqing").short_pct == "1.042"
    told.tell("2023-01", "97")
    assert told.standing("2023-01").value == "97.0"


def test_base_year_is_shown_and_never_judged() -> None:
    """Rules 2.9 and 4.4: the base-year cell has a standing of its own."""
    found = trial(targets=TARGETS, judged_as="level").tell_all({"2022": "20"}, received="2023-01-05").standing("2022")
    assert (found.mode, found.reason, found.value) == ("none", "not_due", "20.0")


def test_a_base_year_that_was_summed_is_told_also_when_a_part_is_taken_back() -> None:
    """Rules 2.8 and 6.1: what holds of deqing came first, but arrives last: the city's cell that was told is not left
    behind, and is the same as if all had come in order."""
    of = summed(stock=True)
    of.tell("2022", "8", "2023-01-03", district="deqing", id="late")
    of.tell("2022", "12", "2023-01-03", district="anji")
    assert of.standing("2022").value == "20.0"
    of.tell("2022", None, "2023-01-02", district="deqing", id="first")
    found = of.standing("2022")
    assert (found.value, found.known_at.date()) == (None, date(2023, 1, 3))
    assert of.standing("2022", "anji").value == "12.0"


def test_base_year_report_starts_the_sum_of_districts() -> None:
    """Rule 4.4: the city's start is the sum of its districts' base years; one that is late is a new start."""
    told = summed(stock=True)
    for district in ("deqing", "anji"):
        told.tell("2022", "10", "2023-02-01", district=district)
        told.tell("2023-06", "30", district=district)
    assert told.standing("2022").value == "20.0"
    found = told.standing("2023-06")
    assert (found.baseline, found.baseline_source, found.expected) == ("20.0", "base_year_report", "50.000")


TOLD, STOCK = summed(), summed(stock=True)  # only their programmes are used
VALUES = st.sampled_from([None, "0", "3", "3.0", "17.25", "40"])


@st.composite
def histories(draw: st.DrawFn) -> list[Fact]:
    """Any facts about a sum of two districts: revisions, conflicts, late, approved, withdrawn, in no order."""
    told = Trial(TOLD.lookup, TOLD.cells)
    for n in range(draw(st.integers(0, 12))):
        period = draw(st.sampled_from(["2022", "2023-01", "2023-02", "2023-03", "2023", "2024-01"]))
        day = f"2023-{draw(st.integers(1, 12)):02d}-{draw(st.integers(1, 28)):02d}"
        reason = draw(st.sampled_from([None, "a reason"]))
        approved = datetime.fromisoformat("2023-12-24T12:00:00+08:00") if reason and draw(st.booleans()) else None
        told.tell(
            period,
            draw(VALUES),
            day,
            district=draw(st.sampled_from(["deqing", "anji", CITY])),
            revision=draw(st.integers(0, 2)),
            id=str(n),
            reason=reason,
            approved_at=approved,
        )
    return told.facts


@settings(max_examples=60, deadline=None)
@given(facts=histories(), of=st.sampled_from([TOLD, STOCK]), seed=st.integers(0, 1000))
def test_order_of_arrival_changes_nothing(facts: list[Fact], of: Trial, seed: int) -> None:
    """Rule 6.1: any permutation of the same facts gives the same standings and outcomes, and each fact has one."""
    other = list(facts)
    random.Random(seed).shuffle(other)
    first = fold(of.lookup, of.cells, of.indicator, facts)
    afresh = Lookup(of.lookup.programme)  # nothing is kept for it
    assert fold(afresh, Cells(afresh), of.indicator, other) == first
    assert first.outcomes.keys() == {fact.identity for fact in facts}


@settings(max_examples=60, deadline=None)
@given(facts=histories(), of=st.sampled_from([TOLD, STOCK]))
def test_what_came_later_never_moves_what_was_locked(facts: list[Fact], of: Trial) -> None:
    """Rules 2.9 and 4.4: without approvals, a cell's standing is the one of the facts received before its lock."""
    held = [fact for fact in facts if fact.approved_at is None]
    for (district, period), standing in fold(of.lookup, of.cells, of.indicator, held).standings.items():
        cell = of.cells.get(of.indicator.id, district, period)
        assert cell is not None
        before = [fact for fact in held if fact.received_at < cell.lock_at]
        assert fold(of.lookup, of.cells, of.indicator, before).standings[district, period] == standing


@settings(max_examples=60, deadline=None)
@given(facts=histories(), of=st.sampled_from([TOLD, STOCK]))
def test_written_numbers_are_the_exact_ones_rounded_once(facts: list[Fact], of: Trial) -> None:
    """Rules 1.1 and 1.2: what a standing prints is its exact value, rounded; known_at is a fact's own moment."""
    moments = {fact.received_at for fact in facts} | {fact.approved_at for fact in facts}
    for standing in fold(of.lookup, of.cells, of.indicator, facts).standings.values():
        assert standing.known_at in moments
        if standing.mode == "share":
            assert standing.lag == published(number(standing.exact.lag), 3)
            assert standing.expected == published(number(standing.exact.expected), 3)
            assert Fraction(standing.value or "") == number(standing.exact.actual)


@settings(max_examples=40, deadline=None)
@given(facts=histories(), batches=st.lists(st.integers(0, 4), max_size=6))
def test_folding_batch_by_batch_ends_the_same(facts: list[Fact], batches: list[int]) -> None:
    """Rule 6.1: what a kept folding says piece by piece adds up to the fold of all facts at once."""
    folding, rest = Folding(Editions([Edition(TOLD.lookup, TOLD.cells)]), TOLD.indicator), list(facts)
    whole = Folded({}, {})
    for size in (*batches, len(facts)):
        for fact in rest[:size]:
            folding.add(fact)
        rest = rest[size:]
        part = folding.fold()
        whole.standings.update(part.standings)
        whole.outcomes.update(part.outcomes)
    assert whole == fold(TOLD.lookup, TOLD.cells, TOLD.indicator, facts)


def test_six_districts_add_up() -> None:
    """Rule 3.2: six equal parts."""
    told = trial(dict.fromkeys(DISTRICTS, HALF), targets=TARGETS, applicable=DISTRICTS, aggregate="sum")
    for district, value in in_six("1.5").items():
        told.tell("2023-01", value, district=district)
    assert told.standing("2023-01").value == "9.0"


@pytest.mark.parametrize("period", ["2023-01", "2025-07"])
def test_folding_twice_gives_the_same(period: str) -> None:
    """Kept standings are given again as long as nothing changed, and made anew as soon as something did."""
    told = trial(targets=TARGETS).tell_all({period: "5"})
    assert told.fold() == told.fold()
    told.tell(period, "6", "2023-02-02" if period == "2023-01" else "2025-08-02", revision=1)
    assert told.standing(period).value == "6.0"

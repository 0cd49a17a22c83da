"""Cells that major projects feed (rule 12): the sum counts, the unit's own report stands beside it, never added."""

import random
from datetime import date

from contracts.events import Fed, Text
from contracts.fed import SOURCE, names_in, reason_of
from contracts.programme import Target
from tests.support.programmes import Trial, trial

NAMES = (Text("甲医院", "Hospital A"), Text("乙医院", "Hospital B"))
FED = {"source": SOURCE, "reason": reason_of(NAMES)}


def hospitals() -> Trial:
    """60 亿元 by 2027 on the way from 0; one district."""
    return trial(
        {"deqing": {"2027-12-31": "60"}},
        targets=(Target(on=date(2027, 12, 31), value="60"),), applicable=("deqing",), aggregate="sum",
        fed_by="investment",
    )  # fmt: skip


def test_the_sum_counts_and_the_own_report_stands_beside_it() -> None:
    """Projects 5, reported 3: 5 is judged, the difference is said, 8 is nowhere."""
    told = hospitals()
    own = told.tell("2023-06", "3", district="deqing")
    fed = told.tell("2023-06", "5", "2023-07-04", district="deqing", revision=1, **FED)
    found = told.standing("2023-06", "deqing")
    assert found.value == "5.0"
    assert found.fed == Fed(
        value="5.0", projects=Text("甲医院、乙医院", "Hospital A, Hospital B"), reported="3.0", difference="-2.0"
    )
    assert "由重大项目汇总（甲医院、乙医院），报送单位自报3亿元，比汇总数少2亿元" in found.explanation.zh
    assert "the sum of major projects (Hospital A, Hospital B), 3" in found.explanation.en
    assert (found.received_at, found.known_at) == (own.received_at, fed.received_at)
    assert [told.outcome(each)[0] for each in (own, fed)] == ["applied", "applied"]
    assert told.standing("2023-06").value == "5.0"  # the city sums what counts


def test_without_a_sum_the_own_report_holds() -> None:
    """Not all projects have told the month, or no longer: what the unit reported counts, and nothing says fed."""
    told = hospitals()
    told.tell("2023-06", "3", district="deqing")
    told.tell("2023-06", "5", "2023-07-04", district="deqing", revision=1, **FED)
    told.tell("2023-06", None, "2023-07-10", district="deqing", revision=2, **FED)
    found = told.standing("2023-06", "deqing")
    assert (found.value, found.fed) == ("3.0", None)
    told.tell("2023-06", "6", "2023-07-12", district="deqing", revision=3, **FED)
    assert told.standing("2023-06", "deqing").value == "6.0"


def test_a_sum_alone_has_nothing_beside_it() -> None:
    """No report of the unit: the cell is received all the same."""
    told = hospitals()
    fed = told.tell("2023-06", "5", district="deqing", revision=1, **FED)
    found = told.standing("2023-06", "deqing")
    assert found.fed is not None
    assert (found.value, found.fed.reported, found.received_at) == ("5.0", None, fed.received_at)
    assert found.explanation.zh.endswith("由重大项目汇总（甲医院、乙医院）。")


def test_a_sum_that_comes_behind_the_lock_waits_for_the_office() -> None:
    """Rule 2.9: what was locked stays; the new sum is held."""
    told = hospitals()
    told.tell("2023-06", "3", district="deqing")
    late = told.tell("2023-06", "5", "2023-12-01", district="deqing", revision=1, **FED)
    assert told.standing("2023-06", "deqing").value == "3.0"
    assert told.outcome(late)[0] == "held_for_approval"


def test_any_order_of_sums_and_reports_ends_the_same() -> None:
    """Rule 6.1 holds for derived reports too."""
    told = hospitals()
    told.tell("2023-06", "3", district="deqing")
    told.tell("2023-06", "4", "2023-07-03", district="deqing", revision=1)
    for revision, value in ((1, "5"), (2, None), (3, "7")):
        told.tell("2023-06", value, f"2023-07-0{revision + 3}", district="deqing", revision=revision, **FED)
    expected = told.fold()
    assert expected.standings["deqing", "2023-06"].value == "7.0"
    for seed in range(10):
        random.Random(seed).shuffle(told.facts)
        assert told.fold() == expected


def test_the_reason_names_the_projects() -> None:
    """Back and forth, and never too long to be kept."""
    assert names_in(reason_of(NAMES)) == Text("甲医院、乙医院", "Hospital A, Hospital B")
    many = reason_of([Text("很长的项目名称" * 10, "a long name " * 10)] * 20)
    assert len(many) < 500
    assert names_in(many).zh.endswith("…")

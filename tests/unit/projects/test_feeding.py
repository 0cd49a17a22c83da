"""What projects add up to for the cells they feed (rule 12): which, when complete, and by which figure."""

from contracts.programme import Indicator
from services.metrics.projects.feeding import Sum, report, sums
from tests.support.intake import lookup
from tests.support.projects import PROGRAMME, listed, plan, progress, standing
from tests.support.recorded import at

MONEY, DONE, COUNT = "county_hospital_investment", "county_hospital_projects", "major_projects"
LINKED = plan(feeds=(MONEY, DONE, COUNT))


def of(*names: str) -> dict[str, Indicator]:
    """Indicators of the shipped catalogue."""
    return {name: lookup().indicators[name] for name in names}


def test_a_month_is_fed_once_all_linked_projects_have_told_it() -> None:
    """One told April, the other did not: no sum for April, one for March."""
    first = standing(
        listed(plan=LINKED), progress("2023-03", invested_total="2"), progress("2023-04", invested_total="3")
    )
    second = standing(listed(project="other", plan=LINKED), progress("2023-03", project="other", invested_total="1.5"))
    found = sums(of(MONEY), [first, second])
    assert {key[2]: each.value for key, each in found.items()} == {
        "2023-01": None, "2023-02": None, "2023-03": "3.5", "2023-04": None,
    }  # fmt: skip
    assert {(indicator, district) for indicator, district, _ in found} == {(MONEY, "deqing")}
    assert found[MONEY, "deqing", "2023-03"].reason.count("德清县人民医院迁建") == 2


def test_each_figure_counts_in_its_own_way() -> None:
    """Invested while on a list, how many advanced, how many completed; a completed one need not tell any more."""
    one = standing(listed(plan=LINKED), progress("2023-03", invested_total="2"), listed("complete", "2023-04-20"))
    two = standing(
        listed(project="other", plan=LINKED),
        *(progress(f"2023-0{month}", project="other", invested_total=str(month)) for month in (3, 4, 5)),
    )
    found = sums(of(MONEY, DONE, COUNT), [one, two])
    assert [found[name, "deqing", "2023-03"].value for name in (MONEY, DONE, COUNT)] == ["5", "0", "2"]
    assert found[MONEY, "deqing", "2023-04"].value is None  # on the list in April, and did not tell it
    assert [found[name, "deqing", "2023-05"].value for name in (MONEY, DONE, COUNT)] == ["7", "1", "2"]


def test_a_link_holds_from_its_day() -> None:
    """Amended in May: the months before are not fed; what nobody is linked to is not fed at all."""
    one = standing(listed(), listed("amend", "2023-05-10", None, plan=LINKED), progress("2023-04"), progress("2023-05"))
    assert [key[2] for key in sums(of(MONEY), [one])] == ["2023-05"]
    assert sums(of(MONEY), [standing(listed(), progress("2023-05"))]) == {}


def test_the_least_confident_word_goes_with_the_sum() -> None:
    """One likely, one at risk: at risk."""
    one = standing(listed(plan=LINKED), progress("2023-03", confidence="likely"))
    two = standing(listed(project="other", plan=LINKED), progress("2023-03", project="other", confidence="at_risk"))
    assert sums(of(MONEY), [one, two])[MONEY, "deqing", "2023-03"].confidence == "at_risk"


def test_the_report_says_where_it_comes_from() -> None:
    """The platform's source, nobody's department, a name of its own for each revision."""
    told = report(PROGRAMME, (MONEY, "deqing", "2023-03"), Sum("3.5", "CNY_100M", None, "甲 / A"), 2, at("2023-04-02"))
    assert (told.source, told.department, told.id) == (
        "/platform/projects", None, "county_hospital_investment.deqing.2023-03.r2",
    )  # fmt: skip
    assert (told.report.value, told.report.unit, told.report.revision) == ("3.5", "CNY_100M", 2)

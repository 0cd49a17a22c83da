"""Reminders of reports (rule 7.3): when, to whom, about what, and in which words."""

from datetime import datetime

from contracts.catalogue import SHIPPED, load
from contracts.editions import Catalogue
from contracts.feed_events import FeedMessage, Reminder
from contracts.programme import OFFICE
from contracts.quoting import quoted
from services.alerts.feed import Links
from services.alerts.reminders.occasions import Duties, Duty, Occasion, occasions
from services.alerts.reminders.telling import drafts, message
from tests.support.standings import at

LOOKUP = load(SHIPPED)
CATALOGUE = Catalogue(LOOKUP)
DUTIES = Duties(CATALOGUE)
DUE = at("2023-07-06", 0)  # June's monthly cells
SOON, OVERDUE = occasions(DUE)


LINKS = Links("http://m", "http://a", "http://b", "https://desk")


def told(occasion: Occasion, owing: list[Duty], said: frozenset[str] = frozenset()) -> list[FeedMessage]:
    """The messages of an occasion about these cells."""
    found = drafts(occasion, owing, LOOKUP)
    return [message(n, each, said, occasion.at, LOOKUP.programme.id, LOOKUP, LINKS) for n, each in enumerate(found, 1)]


def listed(of: FeedMessage) -> Reminder:
    assert isinstance(of.reminder, Reminder)
    return of.reminder


def test_nine_oclock_three_days_before_and_the_day_after() -> None:
    """Rule 7.3: June's cells are due on 5 July: 2 July and 6 July, 09:00 in Shanghai."""
    assert [(each.kind, each.at.isoformat(), str(each.due_on)) for each in occasions(DUE)] == [
        ("due_soon", "2023-07-02T09:00:00+08:00", "2023-07-05"),
        ("overdue", "2023-07-06T09:00:00+08:00", "2023-07-05"),
    ]


def test_a_shifted_due_date_shifts_its_reminders() -> None:
    """Rules 7.1 and 7.3: September's cells are due on 7 October, after the break."""
    after, through = at("2023-09-30", 0), at("2023-10-09", 0)
    assert [(each.at, each.kind) for each in DUTIES.between(after, through)] == [
        (at("2023-10-04", 9), "due_soon"),
        (at("2023-10-07", 9), "due_soon"),  # the quarter, due on 10 October
        (at("2023-10-08", 9), "overdue"),
    ]
    assert DUTIES.next_after(after) == at("2023-10-04", 9)
    assert DUTIES.next_after(at("2023-10-04", 9)) == at("2023-10-07", 9)


def test_one_message_a_unit_and_one_list_for_the_office() -> None:
    """Each unit gets one message with all it owes, a district's government too; the office gets the counts."""
    owing = DUTIES.of(DUE)
    *singles, collective = told(SOON, owing)
    assert len({each.labels["addressee"] for each in singles}) == len(singles)
    assert sum(len(listed(each).cells) for each in singles) == len(owing)
    for each in singles:
        unit = each.labels["addressee"]
        assert {(c.indicator, c.district, c.period) for c in listed(each).cells} == {
            duty.key for duty in owing if duty.unit == unit
        }
        assert each.labels["district"] == (unit if unit in LOOKUP.districts else "huzhou")
        assert each.labels["department"] == ("" if unit in LOOKUP.districts else unit)
        assert not listed(each).units
    assert collective.labels["addressee"] == OFFICE
    counts = {each.unit: each.cells for each in listed(collective).units}
    assert counts == {each.labels["addressee"]: len(listed(each).cells) for each in singles}
    assert [*counts.values()] == sorted(counts.values(), reverse=True)
    said = {(m.kind, m.rule, m.notification_reason, m.reason_code, m.severity) for m in (*singles, collective)}
    assert said == {("reminder", "reporting", "reminder", "due_soon", "yellow")}


def test_nobody_is_reminded_of_nothing() -> None:
    """Where all is reported there is no message, no empty list either."""
    assert told(OVERDUE, []) == []


def test_the_second_refers_to_the_first() -> None:
    """Rule 9: the overdue one references the one before the due date where there was one, else it begins."""
    owing = DUTIES.of(DUE)[:1]
    first = told(SOON, owing)
    again = told(OVERDUE, owing, frozenset(each.message_id for each in first))
    assert [(m.msg_type, m.references) for m in again] == [("Update", (f.message_id,)) for f in first]
    assert {(m.msg_type, m.references) for m in told(OVERDUE, owing)} == {("Alert", ())}
    assert len({m.message_id for m in (*first, *again)}) == 4


def test_the_words() -> None:
    """Read as an official would: who, how many, by when, what."""
    every = DUTIES.of(DUE)
    owing = [duty for duty in every if duty.unit == every[0].unit][:2]
    first, second = (LOOKUP.indicators[duty.cell.indicator].name.zh for duty in owing)
    soon, soon_list = told(SOON, owing)
    overdue, overdue_list = told(OVERDUE, owing)
    unit = soon.labels["addressee"]
    name = LOOKUP.districts[unit].name
    assert soon.annotations["summary_zh"] == (
        f"报送提醒：{name.zh}有2项数据应于2023年7月5日24时前报送，尚未报送：{quoted(first)}、{quoted(second)}。"
    )
    assert overdue.annotations["summary_zh"].startswith(f"逾期提醒：{name.zh}有2项数据已于2023年7月5日到期，仍未报送：")
    assert (
        soon_list.annotations["summary_zh"] == f"报送提醒汇总：2023年7月5日到期的数据尚有1个单位2项未报：{name.zh}2项。"
    )
    assert overdue_list.annotations["summary_en"] == (
        f"Overdue: of what was due on 2023-07-05, 1 unit has not reported 2 cells: {name.en} 2."
    )
    assert soon.annotations["next_step_zh"] == "请于2023年7月5日24时前报送"
    assert soon.links["page"] == f"https://desk/calendar?unit={unit}"
    assert soon_list.links["page"] == "https://desk/calendar/list"


def test_only_cells_that_are_due_are_anyones_duty() -> None:
    """The base year and the city's derived figures are never due; every due cell has one unit."""
    every = [duty for due in {c.due_at for c in CATALOGUE.cells if c.due_at} for duty in DUTIES.of(due)]
    assert {duty.key for duty in every} == {
        (c.indicator, c.district, c.period.text) for c in CATALOGUE.cells if c.due_at is not None
    }
    assert len(every) == len({duty.key for duty in every})
    assert isinstance(DUTIES.next_after(datetime.min.replace(tzinfo=DUE.tzinfo)), datetime)
    assert DUTIES.next_after(at("2040-01-01")) is None

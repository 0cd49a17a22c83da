"""The document of a feed message (rule 9)."""

from functools import partial
from typing import get_args

import pytest

from contracts.feed_events import FeedMessage
from services.alerts import feed, naming
from services.alerts.changes import Message
from services.alerts.feed import Chain, Links
from services.alerts.table import TABLES
from services.alerts.texts import summary
from services.alerts.tickets import Ticket
from tests.support.judging import LOOKUP
from tests.support.standings import DISTRICT, INDICATOR, PROGRAMME, at, coloured, replay, series, told

LINKS = Links("http://metrics", "http://alerts", "http://boards")


def built(message: Message, chain: Chain | None) -> FeedMessage:
    """The document of one message about May, number 7."""
    found = coloured("2023-05", "yellow")
    return feed.build(7, message, series(), found, chain, LOOKUP, LINKS)


def test_a_first_message() -> None:
    """Every field of rule 9 for a ticket that opens upon a confirmed warning."""
    found = replay(series(), [coloured("2023-05", "yellow"), at("2023-06-06", 0)])
    early, first = told(found)
    warned = feed.build(1, early, found, coloured("2023-05", "yellow"), None, LOOKUP, LINKS)
    chain = Chain(feed.ticket_id(found, found.ticket))
    document = feed.build(2, first, found, coloured("2023-05", "yellow"), chain, LOOKUP, LINKS)
    assert (warned.msg_type, warned.kind, warned.episode, warned.ticket_id) == ("Alert", "warning", None, None)
    assert (document.msg_type, document.kind, document.episode, document.ticket_level) == ("Alert", "ticket", 1, 1)
    assert document.references == (warned.message_id,)
    assert document.group_key == "district=deqing,period=2023-05"
    assert document.fingerprint == naming.fingerprint("lag", PROGRAMME, INDICATOR, DISTRICT)
    assert (document.sent, document.starts_at, document.ends_at) == (at("2023-06-06", 0), at("2023-06-06", 0), None)
    assert document.inputs == {"expected": "33.333", "actual": "25", "target": "80"}
    assert (document.as_of.isoformat(), document.period, document.certainty) == ("2023-05-31", "2023-05", "observed")
    assert document.links["ticket"] == f"http://alerts/v1/tickets/{document.ticket_id}"
    assert document.labels == {
        "programme": PROGRAMME, "indicator": INDICATOR, "district": DISTRICT,
        "department": LOOKUP.indicators[INDICATOR].lead, "addressee": DISTRICT,
    }  # fmt: skip


def test_the_page_is_the_desks_where_there_is_one() -> None:
    """A warning leads to its series, a ticket's message to the ticket; without a desk nothing claims to be a page."""
    found = replay(series(), [coloured("2023-05", "yellow"), at("2023-06-06", 0)])
    early, first = told(found)
    links, chain = Links("http://metrics", desk="https://desk.example"), Chain(feed.ticket_id(found, found.ticket))

    def page(message: Message, chain: Chain | None, links: Links) -> str | None:
        return feed.build(1, message, found, None, chain, LOOKUP, links).links.get("page")

    assert page(early, None, links) == f"https://desk.example/items/{INDICATOR}/{DISTRICT}"
    assert page(first, chain, links) == f"https://desk.example/tickets/{chain.ticket_id}"
    assert page(first, chain, LINKS) is None


@pytest.mark.parametrize(("reason", "references"), [("escalated", ("b",)), ("cancelled", ("a", "b"))])
def test_references(reason: str, references: tuple[str, ...]) -> None:
    """CAP 1.2: the previous message of the episode; a Cancel names all of them."""
    found = replay(series(), [coloured("2023-05", "yellow"), at("2023-06-06", 0)])
    message = Message(reason, 4, at("2023-06-09"), ticket=found.ticket)
    assert built(message, Chain("t", ("a", "b"))).references == references


def test_every_reason_has_its_words() -> None:
    """Whatever the table or a warning says can be said in a sentence."""
    period = series().cells[4].period
    for rule, table in TABLES.items():
        steps = [step for row in table.values() for step in row.values() if step is not None and step.says]
        said = {(step.says or "", step.code) for step in steps} | {
            ("early", None),
            ("withdrawn", None),
            ("worsened", None),
        }
        for reason, code in said:
            ticket = Ticket("OPEN", 1, 2, run=3, rule=rule)
            where = LOOKUP.indicators[INDICATOR], LOOKUP.districts[DISTRICT]
            text = summary(reason, code, "red", ticket, *where, period, None)
            assert "{" not in text.zh + text.en


def test_types_are_of_the_contract() -> None:
    """Alert, Update and Cancel only."""
    kinds = get_args(feed.MsgType)
    assert {feed.msg_type(reason) for reason in ("early", "first", "escalated", "withdrawn", "cancelled")} == set(kinds)
    assert feed.msg_type("restated") == "Update"


def test_who_answers() -> None:
    """Rule 8: the district of a district's series, the lead department of the city's."""
    indicator = LOOKUP.indicators[INDICATOR]
    assert feed.addressee(LOOKUP, indicator.id, "deqing") == "deqing"
    assert feed.addressee(LOOKUP, indicator.id, "huzhou") == indicator.lead


def test_a_missing_report_is_the_matter_of_who_writes_it() -> None:
    """Rules 2.4 and 8: of the first year it may be another unit than of the years after, as reminders have it."""
    found = next(i for i in LOOKUP.indicators.values() if i.departments_2023 and i.departments_2023[0] != i.lead)
    of = partial(feed.addressee, LOOKUP, found.id, "huzhou", "reporting")
    assert (of("2023-12"), of("2024-01")) == (found.departments_2023[0], found.lead)

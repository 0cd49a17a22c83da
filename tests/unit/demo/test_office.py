"""How the people of the time-lapse answer: a function of the seed and the message."""

from datetime import datetime
from typing import Any

import pytest

from deploy.demo.office import OFFICE, answers

SENT = "2023-04-14T01:00:00+00:00"  # a Friday


def message(number: int, **given: Any) -> dict[str, Any]:
    """A ticket's message about one series."""
    said = {
        "kind": "ticket", "rule": "lag", "notification_reason": "first", "sent": SENT,
        "fingerprint": f"f{number}", "episode": 1,
        "labels": {"programme": "p", "indicator": "i", "district": "anji", "department": "water"},
        "ticket_id": f"t{number}", "period": "2023-03",
    }  # fmt: skip
    return said | given


def test_the_same_message_is_answered_the_same() -> None:
    """Same seed, same message: same acts; another seed: others. Ids decide nothing."""
    for number in range(50):
        assert answers(message(number), "a") == answers(message(number), "a")
        renamed = answers(message(number, ticket_id="other"), "a")
        assert [(a.at, a.name, a.document) for a in renamed] == [
            (a.at, a.name, a.document) for a in answers(message(number), "a")
        ]
    assert [answers(message(n), "a") for n in range(50)] != [answers(message(n), "b") for n in range(50)]


def test_some_answer_some_acknowledge_some_let_it_pass() -> None:
    """All three kinds of conduct occur, so that tickets escalate, and others do not."""
    conduct = {
        tuple(act.name for act in answers(message(n), "a") if act.unit != OFFICE and act.name != "object")
        for n in range(80)
    }
    assert conduct == {(), ("ack",), ("ack", "answer")}


@pytest.mark.parametrize(("district", "unit"), [("anji", "anji"), ("huzhou", "water")])
def test_the_addressee_acts(district: str, unit: str) -> None:
    """A district answers for itself, the lead department for the city."""
    labels = {"indicator": "i", "district": district, "department": "water"}
    acts = [act for number in range(30) for act in answers(message(number, labels=labels), "a")]
    assert {act.unit for act in acts} - {OFFICE} == {unit}
    assert {act.name for act in acts if act.unit != OFFICE} - {"object"} == {"ack", "answer"}


def test_the_office_reviews_what_recovered() -> None:
    """Both reviews occur, each by the office and with a reason."""
    acts = [a for n in range(300) for a in answers(message(n, notification_reason="recovered"), "a")]
    assert {act.name for act in acts} - {"override", "override_end"} == {"review_passed", "review_refused"}
    assert {act.unit for act in acts} == {OFFICE}
    assert all(act.body()["reason"] for act in acts)


def test_the_office_intervenes_now_and_then() -> None:
    """Rule 8: it suspends with a reason, an approver and an end ahead, raises by hand, and takes some suspensions back;
    a forecast's ticket is never raised."""
    acts = [a for n in range(400) for a in answers(message(n), "a") if a.unit == OFFICE]
    assert {act.name for act in acts} == {"suppress", "escalate"}
    assert len(acts) < 60
    for act in acts:
        if act.name == "suppress":
            assert act.body()["approver"]
            assert datetime.fromisoformat(act.body()["until"]) > act.at
    again = [len(answers(message(n, notification_reason="suppressed"), "a")) for n in range(60)]
    assert set(again) == {0, 1}
    foreseen = [a.name for n in range(400) for a in answers(message(n, rule="forecast"), "a")]
    assert "escalate" not in foreseen


def test_a_missing_report_is_seldom_explained() -> None:
    """Reporting tickets close with the report: few are signed for."""
    signed = [sum(bool(answers(message(n, rule=rule), "a")) for n in range(300)) for rule in ("lag", "reporting")]
    assert 0 < signed[1] < signed[0] / 2


def test_acts_come_after_their_message_and_on_workdays() -> None:
    """Never before what they answer, never on a weekend; an answer comes after its acknowledgement."""
    for number in range(200):
        acts = answers(message(number), "a")
        assert acts == sorted(acts)
        for act in acts:
            assert act.at > datetime.fromisoformat(SENT)
            assert act.at.weekday() < 5
            if act.name == "answer":
                assert datetime.fromisoformat(act.body()["promised_on"]).date() > act.at.date()


def test_nobody_answers_a_warning() -> None:
    """Only tickets are acted on, and of them only what asks for an act."""
    assert answers(message(1, kind="warning"), "a") == []
    assert not [a for n in range(50) for a in answers(message(n, notification_reason="acknowledged"), "a")]


def test_some_units_object_and_each_objection_is_answered_or_taken_back() -> None:
    """To a ticket that has opened, or to the light that made it worse, by the addressee; the office answers either way
    unless the unit takes it back before that; each act is on what was objected to, and the same for the same seed."""
    acts = [
        act
        for n in range(300)
        for why in ("first", "worsened")
        for act in answers(message(n, notification_reason=why), "a")
    ]
    objections = [act for act in acts if act.name in ("object", "objection")]
    assert {(act.name, act.unit) for act in objections} == {("object", "anji"), ("objection", "anji")}
    assert {act.ticket for act in objections if act.name == "objection"} == {"p/i/anji"}
    assert all(dict(act.document).get("which") == "2023-03" for act in objections if act.name == "objection")
    labels = {"programme": "p", "indicator": "i", "district": "anji", "department": "water", "objection": "o1"}
    said = {"notification_reason": "objected", "labels": labels}
    to_ticket = [act for n in range(60) for act in answers(message(n, **said), "a")]
    to_series = [act for n in range(60) for act in answers(message(n, kind="objection", episode=None, **said), "a")]
    assert {act.name for act in to_ticket} == {"objection_upheld", "objection_dismissed", "objection_withdrawn"}
    assert {(act.ticket, act.name, dict(act.document).get("answer")) for act in to_series} == {
        ("p/o1", "objection_answer", "upheld"), ("p/o1", "objection_answer", "dismissed"),
        ("p/o1", "objection_withdraw", None),
    }  # fmt: skip
    assert {(act.unit, "withdr" in act.name) for act in (*to_ticket, *to_series)} == {(OFFICE, False), ("anji", True)}
    answered = [act.at for act in (*to_ticket, *to_series) if act.unit == OFFICE]
    assert max(act.at for act in (*to_ticket, *to_series) if act.unit != OFFICE) <= min(answered)
    assert to_series == [
        act for n in range(60) for act in answers(message(n, kind="objection", episode=None, **said), "a")
    ]


def test_no_objection_to_what_is_no_lag() -> None:
    """A missing report and a forecast are not disputed."""
    acts = [
        act for n in range(200) for rule in ("reporting", "forecast") for act in answers(message(n, rule=rule), "a")
    ]
    assert not {"object", "objection"} & {act.name for act in acts}

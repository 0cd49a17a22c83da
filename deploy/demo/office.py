"""How simulated units and the office answer tickets: who acknowledges when, with what, and who lets a timer pass."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from contracts.periods import SHANGHAI
from contracts.programme import CITY

OFFICE = "office"
_CAUSES = ("土地要素未落实", "资金拨付滞后", "审批环节未完成", "施工力量不足")


@dataclass(frozen=True, slots=True, order=True)
class Act:
    """One act on a ticket, at an instant of the programme; `ticket` may name a series or an objection instead."""

    at: datetime
    ticket: str
    unit: str
    name: str
    document: tuple[tuple[str, str], ...]
    series: str = ""  # whose ticket or light it is about: acts on different ones do not meet

    def body(self) -> dict[str, Any]:
        return {"act": self.name, **dict(self.document)}


def answers(message: dict[str, Any], seed: str) -> list[Act]:
    """What the people do upon one feed message; a function of the seed and of what the message is about."""
    if message["notification_reason"] == "objected":
        return [_withdrawn(message, seed) or _reply(message, seed)]
    if message["kind"] != "ticket":
        return []
    reason, sent = message["notification_reason"], datetime.fromisoformat(message["sent"]).astimezone(SHANGHAI)
    random = Random(f"{seed}/{message['fingerprint']}/{message['episode']}/{reason}/{message['sent']}")
    ticket, labels = message["ticket_id"], message["labels"]
    unit = labels.get("addressee") or (labels["district"] if labels["district"] != CITY else labels["department"])
    rule: str = message["rule"]
    found: list[Act] = []
    if reason in ("first", "escalated", "reopened", "worsened", "reminder"):
        found = _respond(ticket, unit, sent, random, QUIET if rule == "reporting" else BUSY)
    if reason in ("first", "escalated", "worsened"):
        found += _intervene(ticket, rule, sent, random)
    if reason == "suppressed" and random.random() < RESUMES:
        at = _workday(sent, random.randint(7, 14))
        found.append(Act(at, ticket, OFFICE, "unsuppress", (("reason", "条件已具备 / the reason is gone"),)))
    if reason == "recovered" and random.random() < 0.7:
        refused = random.random() < 0.08
        name, say = (
            ("review_refused", "佐证材料不足 / evidence missing")
            if refused
            else ("review_passed", "复核通过 / reviewed")
        )
        found.append(Act(_workday(sent, random.randint(2, 6)), ticket, OFFICE, name, (("reason", say),)))
    if reason == "recovered" and rule == "lag" and random.random() < DOUBTS:
        found += _doubt(labels, sent, random)
    found += _object(message, unit, sent, seed)
    series = f"{labels['indicator']}/{labels['district']}"
    return sorted(replace(act, series=series) for act in found)


@dataclass(frozen=True, slots=True)
class Habit:
    """How often a unit signs for a ticket at all, and then answers it."""

    signs: float
    answers: float


BUSY, QUIET = Habit(0.75, 0.8), Habit(0.2, 0.5)  # a report that is missing is sent rather than explained
DOUBTS = 0.08
SUPPRESSES, RESUMES, ESCALATES = 0.02, 0.5, 0.02
OBJECTS, WITHDRAWS = 0.02, 0.25


def _object(message: dict[str, Any], unit: str, sent: datetime, seed: str) -> list[Act]:
    """Now and then a unit disputes the ticket that has opened, or where it got worse the light itself (异议)."""
    random = Random(f"{seed}/object/{message['fingerprint']}/{message['episode']}/{message['sent']}")
    reason, at = message["notification_reason"], _workday(sent, 1)
    if message["rule"] != "lag" or reason not in ("first", "worsened") or random.random() >= OBJECTS:
        return []
    if reason == "first":
        said = (("about", "target"), ("reason", "目标未考虑要素保障时序 / the target leaves out when land comes"))
        return [Act(at, message["ticket_id"], unit, "object", said)]
    labels = message["labels"]
    series = f"{labels['programme']}/{labels['indicator']}/{labels['district']}"
    document: tuple[tuple[str, str], ...] = (
        ("about", "light"),
        ("which", str(message["period"])),
        ("reason", "本期数据仍在核实 / under review"),
    )
    return [Act(at, series, unit, "objection", document)]


def _withdrawn(message: dict[str, Any], seed: str) -> Act | None:
    """Now and then the unit that objected takes it back the day after, before the office has answered."""
    random = Random(f"{seed}/second thoughts/{message['fingerprint']}/{message['period']}/{message['sent']}")
    if random.random() >= WITHDRAWS:
        return None
    labels, sent = message["labels"], datetime.fromisoformat(message["sent"]).astimezone(SHANGHAI)
    at, unit = _workday(sent, 1), labels.get("addressee") or labels["district"]
    series, say = f"{labels['indicator']}/{labels['district']}", (("reason", "经核实无误 / checked: it is right"),)
    if message["kind"] == "ticket":
        return Act(at, message["ticket_id"], unit, "objection_withdrawn", say, series)
    return Act(at, f"{labels['programme']}/{labels['objection']}", unit, "objection_withdraw", say, series)


def _reply(message: dict[str, Any], seed: str) -> Act:
    """The office answers each other one: it upholds one in four."""
    random = Random(f"{seed}/reply/{message['fingerprint']}/{message['period']}/{message['sent']}")
    labels, sent = message["labels"], datetime.fromisoformat(message["sent"]).astimezone(SHANGHAI)
    ruling = "upheld" if random.random() < 0.25 else "dismissed"
    say = "情况属实 / as the unit says" if ruling == "upheld" else "依据方案和统计口径 / by plan and statistics"
    at, series = _workday(sent, random.randint(2, 5)), f"{labels['indicator']}/{labels['district']}"
    if message["kind"] == "ticket":
        return Act(at, message["ticket_id"], OFFICE, f"objection_{ruling}", (("reason", say),), series)
    named = f"{labels['programme']}/{labels['objection']}"
    return Act(at, named, OFFICE, "objection_answer", (("answer", ruling), ("reason", say)), series)


def _intervene(ticket: str, rule: str, sent: datetime, random: Random) -> list[Act]:
    """Now and then the office suspends a ticket for some weeks, or raises it by hand."""
    drawn = random.random()
    if drawn < SUPPRESSES:
        at = _workday(sent, 1)
        until = (at + timedelta(days=random.choice((21, 35, 60)))).replace(hour=0)
        document = (
            ("reason", "汛期停工 / works stopped by floods"),
            ("approver", OFFICE),
            ("until", until.isoformat()),
        )
        return [Act(at, ticket, OFFICE, "suppress", document)]
    if drawn < SUPPRESSES + ESCALATES and rule != "forecast":
        say = (("reason", "领导批示督办 / on instruction"),)
        return [Act(_workday(sent, 2), ticket, OFFICE, "escalate", say)]
    return []


def _doubt(labels: dict[str, str], sent: datetime, random: Random) -> list[Act]:
    """The office does not trust a light that has turned green: worse by its own hand for a while (rule 6.6)."""
    series = f"{labels['programme']}/{labels['indicator']}/{labels['district']}"
    at = _workday(sent, random.randint(3, 8))
    document = (
        ("colour", random.choice(("yellow", "red"))),
        ("reason", "数据质量存疑,待现场核查 / doubtful data"),
        ("until", (at + timedelta(days=random.choice((30, 45)))).replace(hour=0).isoformat()),
    )
    acts = [Act(at, series, OFFICE, "override", document)]
    if random.random() < 0.4:
        lifted = (("reason", "核查属实 / checked on site"),)
        acts.append(Act(_workday(at, random.randint(8, 20)), series, OFFICE, "override_end", lifted))
    return acts


def _respond(ticket: str, unit: str, sent: datetime, random: Random, habit: Habit) -> list[Act]:
    if random.random() >= habit.signs:
        return []  # lets the deadline pass: the ticket escalates by itself
    acts = [Act(_workday(sent, random.choice((1, 1, 2))), ticket, unit, "ack", ())]
    if random.random() < habit.answers:
        at = _workday(sent, random.randint(3, 5))
        document = (
            ("cause", random.choice(_CAUSES)),
            ("plan", "倒排工期,每周调度 / weekly control"),
            ("promised_on", (at.date() + timedelta(days=random.choice((30, 45, 60)))).isoformat()),
        )
        acts.append(Act(at, ticket, unit, "answer", document))
    return acts


def _workday(sent: datetime, days: int) -> datetime:
    """11:00 a few days on, on a Monday, Wednesday or Friday: the desks are cleared three times a week."""
    at = (sent + timedelta(days=days)).replace(hour=11, minute=0, second=0, microsecond=0)
    return at + timedelta(days=(0, 1, 0, 1, 0, 2, 1)[at.weekday()])

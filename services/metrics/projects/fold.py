"""All statements about one subject → its standing, the outcome of each statement, its red lines (rule 12). Pure.

Who may say what of a project is in its plan, so it is decided here: intake knows the token, the list knows the writer.
A month locks as a monthly cell does (rule 2.9): what comes later waits for the office's word.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

import msgspec

from contracts.numbers import plain
from contracts.periods import Period, parse
from contracts.programme import OFFICE
from contracts.project_events import (
    LogLine,
    ProjectContacted,
    ProjectListed,
    ProjectReported,
    ProjectRuled,
    ProjectStanding,
    RedLineClosed,
    RedLineRaised,
    RedLineState,
)
from contracts.projects import Plan, Progress
from contracts.terms import Terms
from services.metrics.projects.facts import Fact, Identity, Verdict, once, resolve
from services.metrics.projects.months import Reported, invested, months
from services.metrics.projects.redlines import Raising, raising, red_lines
from services.metrics.projects.register import Register, register

RULE_VERSION = "1"


@dataclass(slots=True)
class Folded:
    """What all statements about one subject come to; standings and red lines carry version 0."""

    standing: ProjectStanding | None = None
    outcomes: dict[Identity, Verdict] = field(default_factory=dict)
    red_lines: list[RedLineState] = field(default_factory=list)


def fold(terms: Terms, facts: Sequence[Fact]) -> Folded:
    """Any order and repetition of the same facts folds to the same."""
    return _Fold(terms, once(facts)).folded()


class _Fold:
    def __init__(self, terms: Terms, facts: Sequence[Fact]) -> None:
        self._terms, self._facts = terms, facts
        self._register = register(terms, [f for f in facts if isinstance(f.event, ProjectListed)])
        self._outcomes: dict[Identity, Verdict] = dict(self._register.verdicts)
        self._raised: list[Raising] = []

    def folded(self) -> Folded:
        reported = self._reported()
        contacts = self._contacts()
        for fact in self._facts:
            if isinstance(fact.event, RedLineRaised) and self._may(fact, fact.event.said.project):
                self._raised += raising(fact)
                self._outcomes[fact.identity] = ("applied", None)
        closed = [fact for fact in self._facts if isinstance(fact.event, RedLineClosed)]
        lines, verdicts = red_lines(self._raised, closed)
        standing = self._standing(reported, contacts) if self._register.known else None
        return Folded(standing, self._outcomes | verdicts, lines)

    def _standing(self, reported: dict[Period, Reported], contacts: list[LogLine]) -> ProjectStanding:
        found, problems = months(self._register, reported)
        said = next(fact.event.said for fact in self._facts if isinstance(fact.event, ProjectListed))
        return ProjectStanding(
            programme=said.programme,
            project=said.project,
            version=0,
            rule_version=RULE_VERSION,
            known_at=max(fact.received_at for fact in self._facts),
            plans=tuple(self._register.plans),
            stays=tuple(self._register.stays),
            months=tuple(found),
            problems=tuple(problems),
            contacts=tuple(contacts),
        )

    def _reported(self) -> dict[Period, Reported]:
        """Per month the report that counts, withdrawn months left out."""
        rulings = self._rulings()
        by_month: defaultdict[Period, list[Fact]] = defaultdict(list)
        for fact in self._facts:
            if isinstance(fact.event, ProjectReported):
                refused = _refused(self._register, fact, fact.event.said)
                if refused is not None:
                    self._outcomes[fact.identity] = ("refused", refused)
                    continue
                self._raised += raising(fact)  # said is said, also behind a lock
                held = self._held(fact, fact.event.said, rulings)
                if held is not None:
                    self._outcomes[fact.identity] = held
                else:
                    by_month[parse(fact.event.said.period)].append(fact)
        found = {}
        for period, facts in by_month.items():
            resolved = resolve(facts, lambda fact: _progress(fact).revision, _content)
            self._outcomes |= resolved.verdicts
            if _progress(resolved.effective).status is not None:
                first = min(fact.received_at for fact in facts if _progress(fact).status is not None)
                found[period] = Reported(_progress(resolved.effective), first, resolved.conflict)
        return found

    def _rulings(self) -> dict[Identity, Fact]:
        """The office's first word on each report."""
        found: dict[Identity, Fact] = {}
        for fact in self._facts:
            if isinstance(fact.event, ProjectRuled):
                key = fact.event.said.report_source, fact.event.said.report_id
                taken = key not in found and any(each.identity == key for each in self._facts)
                self._outcomes[fact.identity] = ("applied", None) if taken else ("refused", "nothing_to_rule")
                found.setdefault(key, fact)
        return found

    def _held(self, fact: Fact, said: Progress, rulings: dict[Identity, Fact]) -> Verdict | None:
        """What the lock of its month makes of a report; None: it counts."""
        if fact.received_at < self._terms.lock_at(parse(said.period)):
            return None
        if not (said.reason or "").strip():
            return "refused", "period_locked"
        ruling = rulings.get(fact.identity)
        if ruling is None:
            return "held_for_approval", None
        assert isinstance(ruling.event, ProjectRuled)
        return None if ruling.event.said.decision == "approve" else ("returned", None)

    def _contacts(self) -> list[LogLine]:
        """The contact log in the order of its days."""
        found = []
        for fact in self._facts:
            if isinstance(fact.event, ProjectContacted) and self._may(fact, fact.event.said.project):
                said = fact.event.said
                self._outcomes[fact.identity] = ("applied", None)
                line = LogLine(
                    on=said.on,
                    by=said.by,
                    text=said.text,
                    agreed=said.agreed,
                    unit=fact.event.department,
                    received_at=fact.received_at,
                )
                found.append(line)
        return sorted(found, key=lambda line: (line.on, line.received_at))

    def _may(self, fact: Fact, project: str | None) -> bool:
        """Whether its unit has to do with the project: its district, its lead, the contact's unit, the office.

        On the task of an indicator intake has judged that already.
        """
        if project is None:
            return True
        code = None
        if not self._register.known:
            code = "unknown_project"
        elif fact.event.department not in _concerned(self._register.plan_at(fact.received_at.date())):
            code = "not_authorised_for_project"
        if code is not None:
            self._outcomes[fact.identity] = ("refused", code)
        return code is None


def _refused(register: Register, fact: Fact, said: Progress) -> str | None:
    """Why a report is no fact of this project, or None."""
    if not register.known:
        return "unknown_project"
    period = parse(said.period)
    plan = register.plan_at(period.end)
    if fact.event.department != plan.writer or said.district != plan.district:
        return "not_authorised_for_project"
    if not register.covers(period):
        return "not_on_list"
    known = {node.id for planned in register.plans for node in planned.plan.nodes}
    return "unknown_node" if {node.id for node in said.nodes} - known else None


def _concerned(plan: Plan) -> frozenset[str | None]:
    return frozenset({plan.district, plan.department, plan.contact.unit or OFFICE, OFFICE})


def _progress(fact: Fact) -> Progress:
    assert isinstance(fact.event, ProjectReported)
    return fact.event.said


def _content(fact: Fact) -> object:
    """What a report says of the project: its words of reason and comment are no difference."""
    said = _progress(fact)
    amount = plain(invested(said))  # equality is numeric (rule 2.8)
    return msgspec.structs.replace(
        said, revision=0, invested_total=amount, unit="", reason=None, comment=None, evidence=()
    )

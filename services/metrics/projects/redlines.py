"""The red lines (底线红线) of one subject: who raised them, when, with what evidence; the office alone closes them.

Pure. They are folded in the order of knowledge: raising one that is open again is noted and changes nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from contracts.project_events import ProjectReported, RedLineClosed, RedLineRaised, RedLineState
from contracts.projects import RedLine, subject_of
from services.metrics.projects.facts import Fact, Identity, Verdict

Place = tuple[str, str]  # district, kind


@dataclass(frozen=True, slots=True)
class Raising:
    """A red line said to be touched, by a statement of its own or in a report."""

    fact: Fact
    district: str
    red_line: RedLine
    on: date


def red_lines(raised: Iterable[Raising], closed: Iterable[Fact]) -> tuple[list[RedLineState], dict[Identity, Verdict]]:
    """Every episode of every red line, and the outcome of each closing."""
    found: dict[Place, list[RedLineState]] = {}
    verdicts: dict[Identity, Verdict] = {}
    acts: list[tuple[Fact, Raising | None]] = [(each.fact, each) for each in raised]
    acts += [(fact, None) for fact in closed]
    for fact, raising in sorted(acts, key=lambda act: act[0].order):
        if raising is not None:
            _raise(found.setdefault((raising.district, raising.red_line.kind), []), raising)
        else:
            verdicts[fact.identity] = _close(found, fact)
    return [each for episodes in found.values() for each in episodes], verdicts


def raising(fact: Fact) -> Sequence[Raising]:
    """What a statement raises."""
    if isinstance(fact.event, RedLineRaised):
        line = RedLine(kind=fact.event.said.kind, text=fact.event.said.text, evidence=fact.event.said.evidence)
        return [Raising(fact, fact.event.said.district, line, fact.event.said.on)]
    if isinstance(fact.event, ProjectReported):
        progress = fact.event.said
        return [Raising(fact, progress.district, line, fact.received_at.date()) for line in progress.red_lines]
    raise TypeError(fact.event)


def _raise(episodes: list[RedLineState], raising: Raising) -> None:
    event = raising.fact.event
    if episodes and episodes[-1].state == "open":
        episodes[-1] = msgspec.structs.replace(episodes[-1], repeated=episodes[-1].repeated + 1)
        return
    kind, name = subject_of(event.said)
    episodes.append(
        RedLineState(
            programme=event.said.programme,
            kind=kind,
            name=name,
            district=raising.district,
            red_line=raising.red_line.kind,
            episode=len(episodes) + 1,
            version=0,
            state="open",
            text=raising.red_line.text,
            evidence=raising.red_line.evidence,
            raised_by=event.subject,
            raised_on=raising.on,
            raised_at=raising.fact.received_at,
            repeated=0,
        )
    )


def _close(found: dict[Place, list[RedLineState]], fact: Fact) -> Verdict:
    assert isinstance(fact.event, RedLineClosed)
    said = fact.event.said
    episodes = found.get((said.district, said.kind), [])
    if not episodes or episodes[-1].state == "closed":
        return "refused", "not_open"
    episodes[-1] = msgspec.structs.replace(
        episodes[-1], state="closed", closed_by=fact.event.subject, closed_at=fact.received_at, reason=said.reason
    )
    return "applied", None

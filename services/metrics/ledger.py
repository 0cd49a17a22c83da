"""What recording remembers of one indicator: its facts, their outcomes, and how each of its cells stands.

Pure. The store fills a ledger from Postgres, recording folds its facts, and `settle` tells what that changed: the
next version of each standing and each outcome that now says something else.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import blake2b

import msgspec

from contracts.events import OutcomeKind, Standing
from services.metrics.fold import Folded
from services.metrics.revisions import Fact

Place = tuple[str, str]  # district, period
Identity = tuple[str, str]  # source, id
Verdict = tuple[OutcomeKind, str | None, tuple[str, ...]]

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Held:
    """How a cell stands in the database: its version, and a digest of what that version says."""

    version: int
    known_at: datetime
    digest: bytes


@dataclass(frozen=True, slots=True)
class Decided:
    """A report's outcome as it is in the database; version 0 and None: there is none yet."""

    report: int
    version: int
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A standing that says something new, as it is to be written."""

    standing: Standing
    document: bytes
    digest: bytes


@dataclass(slots=True)
class Ledger:
    """One indicator as recorded up to the batch number `moved`."""

    moved: int
    facts: dict[Identity, Fact] = field(default_factory=dict)
    outcomes: dict[Identity, Decided] = field(default_factory=dict)
    cells: dict[Place, Held] = field(default_factory=dict)

    def add(self, report: int, fact: Fact) -> None:
        """A newly recorded fact, without an outcome yet."""
        identity = fact.source, fact.id
        self.facts[identity] = fact
        self.outcomes[identity] = Decided(report, 0, None)

    def settle(self, folded: Folded) -> tuple[list[Moved], list[Decided]]:
        """Take over what the fold of all facts says; what differs gets its next version and is returned."""
        moved = list(self._moved(folded.standings))
        decided = dict(self._decided(folded.outcomes))
        for each in moved:
            place = each.standing.district, each.standing.period
            self.cells[place] = Held(each.standing.version, each.standing.known_at, each.digest)
        self.outcomes |= decided
        return moved, list(decided.values())

    def _moved(self, standings: Mapping[Place, Standing]) -> Iterator[Moved]:
        for place, standing in standings.items():
            held, digest = self.cells.get(place), _digest(standing)
            if held is not None and held.digest == digest:
                continue
            version, since = (held.version, held.known_at) if held else (0, standing.known_at)
            known_at = max(standing.known_at, since)  # a cell's history goes one way
            written = msgspec.structs.replace(standing, version=version + 1, known_at=known_at)
            yield Moved(written, _encode(written), digest)

    def _decided(self, verdicts: Mapping[Identity, Verdict]) -> Iterator[tuple[Identity, Decided]]:
        for identity, verdict in verdicts.items():
            held = self.outcomes[identity]
            if held.verdict != verdict:
                yield identity, Decided(held.report, held.version + 1, verdict)


def _digest(standing: Standing) -> bytes:
    """Of what a standing says, without its version and the moment it became known."""
    said = msgspec.structs.replace(standing, version=0, known_at=datetime.min)
    return blake2b(_encode(said), digest_size=16).digest()

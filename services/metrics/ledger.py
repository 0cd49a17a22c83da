"""What recording remembers of one indicator: its facts and acts, their outcomes, and how each of its cells stands.

Pure. The store fills a ledger from Postgres, recording folds what it holds, and `settle` tells what that changed: the
next version of each standing, each outcome that now says something else, each cell that acts left otherwise.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from hashlib import blake2b
from typing import NamedTuple

import msgspec

from contracts.editions import Editions
from contracts.events import OutcomeKind, Standing
from contracts.programme import Indicator
from services.metrics.acts import ActVerdict, CellAct, Ruling
from services.metrics.fold import Folded, Folding
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
    rules: str | None = None  # the version of the rules by which it was computed
    folded: Standing | None = None  # what the last fold gave; the fold gives the same object while nothing moved


@dataclass(frozen=True, slots=True)
class Decided:
    """A report's outcome as it is in the database; version 0 and None: there is none yet."""

    report: int
    version: int
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class ActDecided:
    """An act's outcome as it is in the database; version 0 and None: there is none yet."""

    act: int
    version: int
    verdict: ActVerdict | None


@dataclass(frozen=True, slots=True)
class Moved:
    """A standing that says something new, as it is to be written."""

    standing: Standing
    document: bytes
    digest: bytes


class Settlement(NamedTuple):
    """What a fold changed."""

    moved: list[Moved]
    decided: list[Decided]
    acts: list[ActDecided]
    rulings: dict[Place, Ruling]


@dataclass(slots=True)
class Ledger:
    """One indicator as recorded up to the batch number `moved`."""

    moved: int
    outcomes: dict[Identity, Decided] = field(default_factory=dict)
    cells: dict[Place, Held] = field(default_factory=dict)
    unfolded: list[Fact] = field(default_factory=list)
    acts: dict[Identity, ActDecided] = field(default_factory=dict)
    rulings: dict[Place, Ruling] = field(default_factory=dict)
    unfolded_acts: list[CellAct] = field(default_factory=list)
    news: set[datetime] = field(default_factory=set)  # moments of what has no outcome yet
    _folding: Folding | None = None

    @property
    def size(self) -> int:
        """How many facts and acts it holds."""
        return len(self.outcomes) + len(self.acts)

    def add(self, fact: Fact, decided: Decided) -> None:
        """A fact and its outcome so far."""
        self.unfolded.append(fact)
        self.outcomes[fact.identity] = decided
        if decided.verdict is None:
            self.news.add(fact.received_at)

    def add_act(self, act: CellAct, decided: ActDecided) -> None:
        """An act and its outcome so far."""
        self.unfolded_acts.append(act)
        self.acts[act.identity] = decided
        if decided.verdict is None:
            self.news.add(act.received_at)

    def renew(self) -> None:
        """The next fold is by other versions of the catalogue: it takes in everything again."""
        if self._folding is not None:
            facts, acts = self._folding.everything()
            self.unfolded[:0], self.unfolded_acts[:0], self._folding = facts, acts, None

    def fold(self, editions: Editions, indicator: Indicator) -> Folded:
        """What the facts and acts added since the last time may have changed."""
        if self._folding is None:
            self._folding = Folding(editions, indicator)
        for fact in self.unfolded:
            self._folding.add(fact)
        for act in self.unfolded_acts:
            self._folding.add_act(act)
        self.unfolded.clear()
        self.unfolded_acts.clear()
        return self._folding.fold()

    def settle(self, folded: Folded, repaired: datetime | None = None) -> Settlement:
        """Take over what a fold says; what differs gets its next version and is returned.

        A repaired rule alone moves nothing, until it is adopted by a recomputation: at the moment `repaired` (2.9).
        """
        moved = list(self._moved(folded.standings, repaired))
        decided = dict(self._decided(folded.outcomes))
        acts = dict(self._acted(folded.acts))
        rulings = {place: each for place, each in folded.rulings.items() if self.rulings.get(place, _UNRULED) != each}
        self.news.clear()
        self.outcomes |= decided
        self.acts |= acts
        self.rulings |= rulings
        return Settlement(moved, list(decided.values()), list(acts.values()), rulings)

    def _moved(self, standings: Mapping[Place, Standing], repaired: datetime | None) -> Iterator[Moved]:
        for place, standing in standings.items():
            held = self.cells.get(place, _NOTHING)
            if held.folded is standing and repaired is None:
                continue
            moved = _moved(held, standing, self.news, repaired)
            if moved is None:
                self.cells[place] = replace(held, folded=standing)
                continue
            told = moved.standing
            self.cells[place] = Held(told.version, told.known_at, moved.digest, told.rule_version, standing)
            yield moved

    def _decided(self, verdicts: Mapping[Identity, Verdict]) -> Iterator[tuple[Identity, Decided]]:
        for identity, verdict in verdicts.items():
            held = self.outcomes[identity]
            if held.verdict != verdict:
                yield identity, Decided(held.report, held.version + 1, verdict)

    def _acted(self, verdicts: Mapping[Identity, ActVerdict]) -> Iterator[tuple[Identity, ActDecided]]:
        for identity, verdict in verdicts.items():
            held = self.acts[identity]
            if held.verdict != verdict:
                yield identity, ActDecided(held.act, held.version + 1, verdict)


_UNRULED = Ruling()
_LONG_AGO = datetime.min.replace(tzinfo=UTC)
_NOTHING = Held(0, _LONG_AGO, b"")


def _moved(held: Held, standing: Standing, news: Set[datetime], repaired: datetime | None) -> Moved | None:
    """The next version of a cell, if it says anything else than the present one."""
    digest = _digest(standing)
    if digest == held.digest:
        return None
    if held.rules is not None and held.rules != standing.rule_version:
        nothing_new = repaired is None and standing.known_at <= held.known_at
        if nothing_new or _digest(msgspec.structs.replace(standing, rule_version=held.rules)) == held.digest:
            return None
    known_at = max(standing.known_at, held.known_at, repaired or _LONG_AGO)  # a cell's history goes one way
    if held.version and news and standing.known_at not in news:
        known_at = max(known_at, *news)  # moved by another cell's report or act: not known any earlier (rule 2.10)
    written = msgspec.structs.replace(standing, version=held.version + 1, known_at=known_at)
    return Moved(written, _encode(written), digest)


def _digest(standing: Standing) -> bytes:
    """Of all that a standing says but its version and since when it is known."""
    said = _encode(msgspec.structs.replace(standing, version=0, known_at=_LONG_AGO))
    return blake2b(said, digest_size=16).digest()

"""What tests of intake begin with: the shipped programme, a token for whoever writes a cell, events to send."""

import json
from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from contracts.authority import Grant, hashed
from contracts.catalogue import SHIPPED, load
from contracts.cells import Cells
from contracts.editions import Catalogue
from contracts.events import Report
from contracts.objections import Objection
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import Message, Placed, TooLarge
from contracts.periods import SHANGHAI, parse
from contracts.programme import Lookup
from contracts.responsibility import writer
from services.ingest import formats
from services.ingest.acceptance import Acceptable, Acceptance
from services.ingest.envelope import Item, decode
from services.ingest.limits import Limits
from services.ingest.tables.notes import Notes

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=SHANGHAI)
EXAMPLES = Path(__file__).parents[2] / "contracts" / "examples"
TOKEN = "a-token-of-tests"


@cache
def lookup() -> Lookup:
    """The shipped programme, read once."""
    return load(SHIPPED)


@cache
def catalogue() -> Catalogue:
    """As a service holds it."""
    return Catalogue(lookup())


@cache
def cells() -> Cells:
    """Its cells."""
    return catalogue().cells


@cache
def acceptance() -> Acceptance:
    """Intake's rules over it."""
    return Acceptance(catalogue())


def example(path: str) -> Any:
    """One of contracts/examples, fresh."""
    return json.loads((EXAMPLES / path).read_text(encoding="utf-8"))


def event(**changes: Any) -> dict[str, Any]:
    """An acceptable report of Deqing's investment in June 2023, with changes in data (or, by name, in the envelope)."""
    made: dict[str, Any] = deepcopy(example("report.v1/valid/investment.json"))
    del made["time"], made["recordedtime"]
    for name, value in changes.items():
        (made if name in ("id", "source", "type", "time", "recordedtime") else made["data"])[name] = value
    return made


def grant(**changes: Any) -> Grant:
    """Deqing's government, allowed everything of its own."""
    fields = {"department": "deqing", "indicators": "*", "districts": "*", "kinds": frozenset({"report", "correct"})}
    return Grant(**{"subject": "deqing-statistics", "sha256": hashed(TOKEN), **fields, **changes})


def writer_of(data: dict[str, Any]) -> str | None:
    """Who writes the cell that a report names, if there is such a cell."""
    try:
        return writer(lookup(), data["indicator"], data["district"], parse(data["period"]))
    except (KeyError, ValueError, TypeError):
        return None


def judged(sent: Any, by: Grant, now: datetime = NOW) -> Acceptable | Objection:
    """What intake says of one event."""
    item = decode(0, sent if isinstance(sent, bytes) else json.dumps(sent, ensure_ascii=False).encode())
    if item.objection is not None:
        return item.objection
    assert item.submitted is not None
    return acceptance().accept(item.submitted, by, now)


def items_of(body: bytes, media: str, subject: str) -> list[Item]:
    """The items of a body of whatever form."""
    if media in formats.TABLES:
        return list(formats.read_table(body, Limits(), subject, lookup(), Notes()))
    return list(formats.read(body, media, Limits()))


def report(**changes: Any) -> Report:
    """The report of `event`."""
    return Report(**event(**changes)["data"])


class Broker:
    """A producer that keeps what it is given; `away` makes it refuse, `refuses` some."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.away = False
        self.refuses: set[int] = set()
        self.since: float | None = None

    async def publish(
        self, messages: Sequence[Message], *, since: float | None = None
    ) -> list[Placed | Unavailable | TooLarge]:
        self.since = since
        results: list[Placed | Unavailable | TooLarge] = []
        for position, message in enumerate(messages):
            if self.away or position in self.refuses:
                results.append(Unavailable("kafka: away"))
            else:
                self.messages.append(message)
                results.append(Placed(message.partition or 0, len(self.messages) - 1))
        return results

"""Delivery: five outcomes, decided in one place; nothing lost, nothing blocking (house facts on a stub consumer)."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka.errors import CommitFailedError, IllegalStateError, KafkaConnectionError

from contracts.codec import Record
from contracts.delivery import Dead, DeadLetters, Delivery, Disowned, Handled, Limit, Postponed, Received, Stopped
from contracts.operations.connections import Unavailable
from contracts.operations.publishing import TooLarge
from tests.support.delivering import POISON, TOPIC, StubClaim, StubPublisher, numbers, record

DEAD = TOPIC.dead_letters or ""


class Service:
    """A use case that notes its calls and fails as told."""

    def __init__(self, *, failing: Sequence[int] = (), away: int = 0) -> None:
        self.calls: list[list[int]] = []
        self._failing = set(failing)
        self._away = away

    async def handle(self, received: Sequence[Received[Any]]) -> None:
        self.calls.append(numbers(received))
        if self._away:
            self._away -= 1
            raise Unavailable("the database is away")
        if self._failing & set(numbers(received)):
            raise ZeroDivisionError("a defect")


def delivery(service: Service, publisher: StubPublisher, limit: Limit | None = None) -> Delivery:
    """Delivery of that service, dead letters to that publisher."""
    return Delivery(service.handle, DeadLetters(publisher, DEAD, "alerts"), limit)


async def test_a_batch_is_handled_and_acknowledged() -> None:
    """One call with all events in order, then the offset after the last of each partition."""
    service, claim = Service(), StubClaim()
    batch = [record(5, partition=1), record(6, partition=1), record(9, partition=2)]
    assert await delivery(service, StubPublisher()).deliver(batch, claim) == Handled(3)
    assert service.calls == [[5, 6, 9]]
    assert claim.committed == [{1: 7, 2: 10}]
    assert claim.rewound == []


@pytest.mark.parametrize("code", POISON)
async def test_poison_becomes_a_dead_letter_and_the_rest_goes_on(code: str) -> None:
    """Raw bytes, key, origin and reason stand in the dead letters before the offset is acknowledged."""
    service, publisher, claim = Service(), StubPublisher(), StubClaim()
    batch = [record(1), record(2, content=POISON[code], partition=3), record(3)]
    outcome = await delivery(service, publisher).deliver(batch, claim)
    assert isinstance(outcome, Handled)
    assert [letter.reason for letter in outcome.dead] == [code]
    assert service.calls == [[1, 3]]
    [message] = publisher.messages
    headers = dict(message.headers)
    assert (message.topic, message.partition, message.key) == (DEAD, 3, b"key")
    assert message.value == (POISON[code] or b"")
    assert headers["value"] == (b"null" if POISON[code] is None else f"{len(POISON[code] or b'')} bytes".encode())
    assert (headers["origin-topic"], headers["origin-partition"], headers["origin-offset"]) == (
        TOPIC.name.encode(),
        b"3",
        b"2",
    )
    assert headers["reason"] == code.encode()
    assert claim.committed == [{0: 4, 3: 3}]


async def test_a_batch_of_poison_calls_nobody() -> None:
    """The use case is never called with nothing."""
    service = Service()
    outcome = await delivery(service, StubPublisher()).deliver([record(0, content=b"x")], StubClaim())
    assert isinstance(outcome, Handled)
    assert service.calls == []


async def test_a_defect_is_found_one_event_at_a_time() -> None:
    """Only the events that fail again are dead-lettered, with their traceback; the others are handled."""
    service, publisher, claim = Service(failing=[2]), StubPublisher(), StubClaim()
    outcome = await delivery(service, publisher).deliver([record(n) for n in (1, 2, 3)], claim)
    assert isinstance(outcome, Handled)
    assert service.calls == [[1, 2, 3], [1], [2], [3]]
    assert [letter.record.offset for letter in outcome.dead] == [2]
    headers = dict(publisher.messages[0].headers)
    assert headers["reason"] == b"defect"
    assert b"ZeroDivisionError: a defect" in headers["detail"]
    assert claim.committed == [{0: 4}]


async def test_dead_letters_are_told_of_before_the_batch_is_acknowledged() -> None:
    """Whoever keeps receipts hears of them, and once more when it was away: the batch is repeated."""
    told: list[list[int]] = []
    away = True

    async def aside(dead: Sequence[Dead]) -> None:
        told.append([letter.record.offset for letter in dead])
        if away:
            raise Unavailable("the database is away")

    service, claim = Service(failing=[2]), StubClaim()
    under_test = Delivery(service.handle, DeadLetters(StubPublisher(), DEAD, "metrics"), None, aside)
    assert isinstance(await under_test.deliver([record(1)], claim), Handled)
    assert isinstance(await under_test.deliver([record(2)], claim), Postponed)
    away = False
    assert isinstance(await under_test.deliver([record(2)], claim), Handled)
    assert told == [[2], [2]]
    assert claim.committed == [{0: 2}, {0: 3}]


async def test_what_is_unavailable_postpones_the_batch_and_rewinds_every_partition() -> None:
    """Nothing is acknowledged, each partition goes back to its first record, nothing is dead-lettered."""
    service, publisher, claim = Service(away=1), StubPublisher(), StubClaim()
    batch = [record(5, partition=1), record(6, partition=1), record(9, partition=2), record(0, content=b"x")]
    outcome = await delivery(service, publisher).deliver(batch, claim)
    assert outcome == Postponed("the database is away")
    assert claim.rewound == [{1: 5, 2: 9, 0: 0}]
    assert claim.committed == []
    assert publisher.messages == []


async def test_unavailable_while_looking_for_a_defect_postpones_too() -> None:
    """A database that goes away in the middle of the bisection does not make dead letters of good events."""
    calls = 0

    async def handle(received: Sequence[Received[Any]]) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("a defect")
        raise Unavailable("away now")

    publisher, claim = StubPublisher(), StubClaim()
    outcome = await Delivery(handle, DeadLetters(publisher, DEAD, "alerts")).deliver([record(1), record(2)], claim)
    assert outcome == Postponed("away now")
    assert (publisher.messages, claim.rewound) == ([], [{0: 1}])


async def test_a_dead_letter_that_cannot_be_written_postpones() -> None:
    """Poison is not passed over before its dead letter has been acknowledged."""
    claim = StubClaim()
    publisher = StubPublisher(Unavailable("kafka is away"))
    outcome = await delivery(Service(), publisher).deliver([record(0, content=b"x")], claim)
    assert outcome == Postponed("kafka is away")
    assert (claim.committed, claim.rewound) == ([], [{0: 0}])


async def test_a_dead_letter_that_is_too_large_is_cut_and_says_so() -> None:
    """A record no topic takes must not block for ever: its origin, its size and its first half megabyte remain."""
    publisher = StubPublisher(TooLarge("never"))
    outcome = await delivery(Service(), publisher).deliver([record(0, content=b"x" * 2_000_000)], StubClaim())
    assert isinstance(outcome, Handled)
    [message] = publisher.messages
    assert len(message.value or b"") == 512 * 1024
    assert dict(message.headers)["truncated"] == b"524288"
    assert dict(message.headers)["value"] == b"2000000 bytes"


@pytest.mark.parametrize("failure", [CommitFailedError("rebalanced"), IllegalStateError("not assigned")])
async def test_a_commit_after_a_rebalance_disowns_the_batch(failure: Exception) -> None:
    """The new owner repeats the work; rewinding is not ours to do any more."""
    claim = StubClaim(failure)
    outcome = await delivery(Service(), StubPublisher()).deliver([record(0)], claim)
    assert isinstance(outcome, Disowned)
    assert claim.rewound == []


async def test_a_commit_that_fails_otherwise_postpones_the_batch() -> None:
    """A coordinator that is away is no rebalance: the same batch comes again."""
    claim = StubClaim(KafkaConnectionError("away"))
    outcome = await delivery(Service(), StubPublisher()).deliver([record(0)], claim)
    assert isinstance(outcome, Postponed)
    assert claim.rewound == [{0: 0}]


async def test_a_commit_that_never_answers_postpones_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """aiokafka repeats a commit for ever while the broker is away; we give it some seconds."""

    class Silent(StubClaim):
        async def commit(self, offsets: object) -> None:
            await asyncio.Event().wait()

    monkeypatch.setattr("contracts.delivery._COMMIT_TIMEOUT", 0.01)
    claim = Silent()
    assert isinstance(await delivery(Service(), StubPublisher()).deliver([record(0)], claim), Postponed)
    assert claim.rewound == [{0: 0}]


async def test_a_cancelled_batch_is_rewound() -> None:
    """The end of the process in the middle of a batch acknowledges nothing."""

    async def handle(received: object) -> None:
        raise asyncio.CancelledError

    claim = StubClaim()
    with pytest.raises(asyncio.CancelledError):
        await Delivery(handle, DeadLetters(StubPublisher(), DEAD, "alerts")).deliver([record(4)], claim)
    assert (claim.committed, claim.rewound) == ([], [{0: 4}])


def spoiled(count: int, start: int = 0) -> list[Record]:
    """So many unreadable records."""
    return [record(start + n, content=b"x") for n in range(count)]


async def test_fifty_dead_letters_in_a_row_are_taken_and_one_more_stops_consuming() -> None:
    """Past the limit the defect is likely ours: the batch stays in the topic, nothing of it is set aside."""
    publisher, claim = StubPublisher(), StubClaim()
    one = delivery(Service(), publisher)
    assert isinstance(await one.deliver(spoiled(50), claim), Handled)
    assert isinstance(await one.deliver(spoiled(1, 50), claim), Stopped)
    assert len(publisher.messages) == 50
    assert claim.rewound == [{0: 50}]


async def test_a_good_record_ends_the_row() -> None:
    """Fifty in a row means in a row."""
    one = delivery(Service(), StubPublisher())
    for start in (0, 51):
        assert isinstance(await one.deliver([*spoiled(50, start), record(start + 50)], StubClaim()), Handled)


async def test_a_tenth_of_the_last_thousand_is_the_other_limit() -> None:
    """Scattered dead letters stop consuming at the hundred-and-first among a thousand records."""
    one = delivery(Service(), StubPublisher())
    for start in range(0, 1000, 10):
        batch = [record(start, content=b"x"), *(record(start + n) for n in range(1, 10))]
        assert isinstance(await one.deliver(batch, StubClaim()), Handled)
    assert isinstance(await one.deliver([record(1000)], StubClaim()), Handled)  # the oldest dead one leaves the window
    assert isinstance(await one.deliver(spoiled(1, 1001), StubClaim()), Handled)
    assert isinstance(await one.deliver(spoiled(1, 1002), StubClaim()), Stopped)


async def test_a_batch_that_comes_again_is_counted_once() -> None:
    """Postponed again and again, 40 dead letters do not add up to the limit."""
    one = delivery(Service(), StubPublisher(*[Unavailable("away")] * 80))
    for _ in range(2):
        assert isinstance(await one.deliver(spoiled(40), StubClaim()), Postponed)
    assert isinstance(await one.deliver(spoiled(40), StubClaim()), Handled)


async def test_defects_count_towards_the_limit_and_end_the_search() -> None:
    """A release that fails on everything stops after 51 events instead of emptying the topic into the dead letters."""
    service, publisher = Service(failing=range(500)), StubPublisher()
    outcome = await delivery(service, publisher).deliver([record(n) for n in range(500)], StubClaim())
    assert isinstance(outcome, Stopped)
    assert len(service.calls) == 1 + 51
    assert publisher.messages == []

"""The topics: declared once, partitioned alike, and refusals of the broker are seen."""

from typing import Any
from unittest.mock import AsyncMock

import pytest
from aiokafka.errors import ClusterAuthorizationFailedError, NodeNotReadyError

from contracts import topics
from contracts.kinds import TYPES


class Admin:
    """Answers as aiokafka's admin client does: with codes, not with exceptions."""

    def __init__(self, codes: dict[str, int]) -> None:
        self._codes = codes
        self.wanted: list[Any] = []
        self.asked, self.settles = 0, 1

    async def describe_cluster(self) -> dict[str, Any]:
        """The controller is known from the `settles`-th answer on; before, the client may know no broker to ask."""
        self.asked += 1
        if self.asked < self.settles and self.asked % 2:
            raise NodeNotReadyError
        brokers = [{"node_id": 1}] if self.asked >= self.settles else []
        return {"controller_id": 1, "brokers": brokers}

    async def create_topics(self, wanted: list[Any]) -> Any:
        self.wanted = wanted
        self.topic_errors = [(topic.name, self._codes.get(topic.name, 0), None) for topic in wanted]
        return self


def test_every_declaration_is_whole() -> None:
    """Events exist, dead letters are topics of the same file, every consumer has some."""
    for topic in topics.TOPICS.values():
        assert set(topic.events) <= TYPES.keys()
        if topic.consumers:
            assert topic.dead_letters is not None
            assert topics.TOPICS[topic.dead_letters].dead
    assert {event for topic in topics.TOPICS.values() for event in topic.events} == TYPES.keys()


def test_an_indicator_has_one_partition_in_every_topic() -> None:
    """The same number always, within bounds, and spread over most of the partitions."""
    spread = {topics.partition_of("huzhou-2023-2027", f"indicator_{n}") for n in range(185)}
    assert topics.partition_of("huzhou-2023-2027", "indicator_1") == topics.partition_of(
        "huzhou-2023-2027", "indicator_1"
    )
    assert spread == set(range(topics.PARTITIONS))


def test_dead_letters_may_be_larger_than_what_they_hold() -> None:
    """A record of the largest size fits into its dead-letter topic with what is said about it."""
    live = int(topics.REPORTED.configuration["max.message.bytes"])
    dead = int(topics.TOPICS["progress.reported.dead.metrics"].configuration["max.message.bytes"])
    assert dead > live > topics.MAX_RECORD_BYTES


def test_standings_are_compacted_and_reports_are_kept_for_a_month() -> None:
    """The broker's settings follow topics.yaml."""
    assert topics.STANDING.configuration["cleanup.policy"] == "compact"
    assert topics.REPORTED.configuration["retention.ms"] == str(30 * 24 * 3600 * 1000)


async def test_topics_that_exist_are_left_alone() -> None:
    """Creating twice is harmless: error 36 means it is there."""
    admin = Admin({topics.REPORTED.name: 36})
    made = await topics.create(admin)
    assert set(made) == topics.TOPICS.keys() - {topics.REPORTED.name}
    assert {topic.num_partitions for topic in admin.wanted} == {topics.PARTITIONS}


async def test_a_broker_that_has_just_come_back_is_waited_for() -> None:
    """Until it knows its controller nothing is asked of it."""
    admin = Admin({})
    admin.settles = 3
    assert set(await topics.create(admin)) == topics.TOPICS.keys()
    assert admin.asked == 3


async def test_a_broker_that_lets_nobody_ask_is_not_waited_for() -> None:
    """What waiting does not mend is raised at once."""
    admin = AsyncMock()
    admin.describe_cluster.side_effect = ClusterAuthorizationFailedError
    with pytest.raises(ClusterAuthorizationFailedError):
        await topics.create(admin)


async def test_a_refusal_of_the_broker_is_an_error() -> None:
    """aiokafka returns refusals instead of raising them; a topic that is not made must not pass for made."""
    with pytest.raises(RuntimeError, match=r"progress\.feed.*Policy"):
        await topics.create(Admin({topics.FEED.name: 44}))

"""The topics, declared once in topics.yaml, and the one partitioner of all that is said about an indicator.

`python -m contracts.topics create` makes what is missing on the broker named by LIANGSHAI_KAFKA.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.partitioner import murmur2

MAX_RECORD_BYTES = 256 * 1024  # a larger record is unreadable: no event of ours comes near
_MAX_BYTES_ON_TOPIC = 1024 * 1024  # what the broker takes
_MAX_BYTES_OF_DEAD = 4 * 1024 * 1024  # the raw bytes and what we say about them
_SETTLES = 30.0  # seconds
_DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of topics.yaml."""

    name: str
    purpose_zh: str
    purpose_en: str
    key: str
    producer: str
    consumers: tuple[str, ...]
    events: tuple[str, ...]
    retention_days: int | None
    compacted: bool
    dead_letters: str | None

    @property
    def dead(self) -> bool:
        """Whether it holds dead letters."""
        return ".dead." in self.name

    @property
    def largest(self) -> int:
        """The most bytes the broker takes at once."""
        return _MAX_BYTES_OF_DEAD if self.dead else _MAX_BYTES_ON_TOPIC

    @property
    def configuration(self) -> dict[str, str]:
        """The broker's settings for it."""
        policy = "compact" if self.compacted else "delete"
        settings = {"cleanup.policy": policy, "max.message.bytes": str(self.largest)}
        if self.retention_days is not None:
            settings["retention.ms"] = str(self.retention_days * _DAY_MS)
        return settings


def _load(path: Path) -> tuple[int, Mapping[str, Topic]]:
    declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    topics = {name: _topic(name, entry) for name, entry in declared["topics"].items()}
    return declared["partitions"], MappingProxyType(topics)


def _topic(name: str, entry: dict[str, Any]) -> Topic:
    return Topic(
        name=name,
        purpose_zh=entry["purpose"]["zh"],
        purpose_en=entry["purpose"]["en"],
        key=entry["key"],
        producer=entry["producer"],
        consumers=tuple(entry["consumers"]),
        events=tuple(entry["events"]),
        retention_days=entry.get("retention_days"),
        compacted=entry.get("compacted", False),
        dead_letters=entry.get("dead_letters"),
    )


PARTITIONS, TOPICS = _load(Path(__file__).with_name("topics.yaml"))
REPORTED = TOPICS["progress.reported"]
CATALOGUE = TOPICS["progress.catalogue"]
OUTCOME = TOPICS["progress.outcome"]
STANDING = TOPICS["progress.standing"]
FEED = TOPICS["progress.feed"]
PROJECT = TOPICS["progress.project"]
PROJECT_STANDING = TOPICS["progress.project.standing"]


@lru_cache(maxsize=65536)
def partition_of(programme: str, indicator: str) -> int:
    """The partition of everything about an indicator; Kafka's own partitioner would say the same of its key."""
    return int(murmur2(f"{programme}/{indicator}".encode()) & 0x7FFFFFFF) % PARTITIONS


async def create(admin: AIOKafkaAdminClient, *, replicas: int = 1) -> list[str]:
    """Make the topics that are missing and return their names; RuntimeError when the broker refuses one, TimeoutError
    when it does not know its controller within 30 s: one that has just come back takes a moment."""
    async with asyncio.timeout(_SETTLES):
        while not await _settled(admin):  # noqa: ASYNC110 - the broker sends no event
            await asyncio.sleep(0.1)
    wanted = [NewTopic(t.name, PARTITIONS, replicas, topic_configs=t.configuration) for t in TOPICS.values()]
    response = await admin.create_topics(wanted)
    made = []
    for name, code, *detail in response.topic_errors:  # refusals are returned, not raised
        error = for_code(code)
        if code == 0:
            made.append(name)
        elif error is not TopicAlreadyExistsError:
            raise RuntimeError(f"topic {name}: {error.__name__} {detail}")
    return made


async def _settled(admin: AIOKafkaAdminClient) -> bool:
    """Whether the broker names its controller; while it comes up it may answer with no broker at all, and the client
    then knows none to ask."""
    try:
        cluster = await admin.describe_cluster()
    except KafkaError as error:
        if not error.retriable:
            raise
        return False
    return cluster["controller_id"] in {broker["node_id"] for broker in cluster["brokers"]}


async def _create(bootstrap: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        for name in await create(admin):
            print(f"created {name}")
    finally:
        await admin.close()


if __name__ == "__main__":
    if sys.argv[1:] != ["create"]:
        sys.exit("usage: python -m contracts.topics create")
    asyncio.run(_create(os.environ.get("LIANGSHAI_KAFKA", "127.0.0.1:9092")))

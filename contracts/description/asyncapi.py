"""AsyncAPI 3 from topics.yaml and the schemas: who says what on which topic, and who listens."""

from typing import Any

from contracts.topics import PARTITIONS, TOPICS, Topic

VERSION = "1.0.0"
_HEAD = {
    "title": "liangshai 亮晒",
    "version": VERSION,
    "description": "工程进度督导平台的事件。Every record is a CloudEvent 1.0 in structured JSON; a replay is harmless, "
    "for events carry state and a version. All topics have the same partitions; what concerns an indicator meets in "
    "one of them.",
}


def document() -> dict[str, Any]:
    """The whole document."""
    return {
        "asyncapi": "3.0.0",
        "info": _HEAD,
        "defaultContentType": "application/json",
        "servers": {"kafka": {"host": "{kafka}", "protocol": "kafka", "variables": {"kafka": _ADDRESS}}},
        "channels": {name: _channel(topic) for name, topic in TOPICS.items()},
        "operations": dict(pair for topic in TOPICS.values() for pair in _operations(topic)),
        "components": {"messages": _messages()},
    }


_ADDRESS = {"default": "127.0.0.1:9092", "description": "LIANGSHAI_KAFKA"}


def _channel(topic: Topic) -> dict[str, Any]:
    messages = [*topic.events] or ["dead_letter"]
    configuration: dict[str, Any] = {"cleanup.policy": ["compact" if topic.compacted else "delete"]}
    if topic.retention_days is not None:
        configuration["retention.ms"] = topic.retention_days * 24 * 60 * 60 * 1000
    return {
        "address": topic.name,
        "title": topic.purpose_zh,
        "description": f"{topic.purpose_en}. Key: {topic.key}.",
        "servers": [{"$ref": "#/servers/kafka"}],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": topic.name, "partitions": PARTITIONS, "topicConfiguration": configuration}},
    }


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    channel = {"$ref": f"#/channels/{topic.name}"}
    sends = {"action": "send", "channel": channel, "summary": f"{topic.producer} publishes"}
    made = [(f"{topic.producer}.sends.{topic.name}", sends)]
    for consumer in topic.consumers:
        receives = {"action": "receive", "channel": channel, "summary": f"{consumer} consumes"}
        if topic.dead_letters:
            receives["description"] = f"What cannot be read or handled goes to {topic.dead_letters}."
        made.append((f"{consumer}.receives.{topic.name}", receives))
    return made


def _messages() -> dict[str, Any]:
    events = sorted({event for topic in TOPICS.values() for event in topic.events})
    messages: dict[str, Any] = {name: _message(name) for name in events}
    messages["dead_letter"] = {
        "name": "dead_letter",
        "summary": "the raw record with the reason and where it came from",
        "contentType": "application/octet-stream",
    }
    return messages


def _message(event: str) -> dict[str, Any]:
    return {
        "name": event,
        "contentType": "application/cloudevents+json",
        "payload": {"$ref": f"./schemas/{event}.json"},
        "bindings": {"kafka": {"key": {"type": "string"}}},
    }

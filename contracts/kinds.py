"""Every kind of event on the topics, of indicators and of projects, by its CloudEvents type."""

import msgspec

from contracts import catalogue_events, events, feed_events, project_events

TYPES: dict[str, type[msgspec.Struct]] = (
    events.TYPES | feed_events.TYPES | project_events.TYPES | catalogue_events.TYPES
)

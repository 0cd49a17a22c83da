"""Every kind of event on the topics, of indicators and of projects, by its CloudEvents type."""

import msgspec

from contracts import catalogue_events, events, project_events

TYPES: dict[str, type[msgspec.Struct]] = events.TYPES | project_events.TYPES | catalogue_events.TYPES

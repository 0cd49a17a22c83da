"""Ingest as it runs, up to the middle of telling the partitions of a version or of a repaired rule: some are told, and
then it waits to be killed.

`python -m tests.support.halting` stands for a process that dies there.
"""

import asyncio
import os
from collections.abc import Sequence
from typing import Any

from contracts.operations.process import run
from contracts.operations.publishing import Message, Producer
from contracts.topics import PARTITIONS, REPORTED
from services.ingest import app
from services.ingest.settings import Settings

TOLD = 5  # of the partitions


class Halting(Producer):
    """Publishes everything but the last marks."""

    async def publish(self, messages: Sequence[Message], *, since: float | None = None) -> Any:
        marks = len(messages) == PARTITIONS and {message.topic for message in messages} == {REPORTED.name}
        results = await super().publish(messages[:TOLD] if marks else messages, since=since)
        if marks:
            await asyncio.Event().wait()
        return results


if __name__ == "__main__":
    vars(app).update(Producer=Halting)
    run(lambda: app.build_app(Settings.of(os.environ)), "ingest")

"""A desk before a real alerts service: what officials see of lights and tickets, and what their acts do.

async with supervised_desk(database) as (alerts, desk):
    await alerts.june()
    lead = await desk.signed_in("district_lead", "deqing")
"""

import contextlib
from collections.abc import AsyncIterator
from datetime import datetime

from contracts.passes import make_keys
from tests.support.desk import Desk, desk
from tests.support.servers import directory
from tests.support.supervised import Supervised, supervised


@contextlib.asynccontextmanager
async def supervised_desk(
    database: str, *, now: datetime | None = None, listening: bool = False
) -> AsyncIterator[tuple[Supervised, Desk]]:
    """Both services on one database; ingest and metrics lead nowhere."""
    with directory("keys") as place:
        private, public = place / "private.json", place / "public.json"
        make_keys(private, public)
        async with supervised(database, passes=public) as alerts:
            nowhere = "http://127.0.0.1:1"
            urls = {"ingest": nowhere, "metrics": nowhere, "alerts": str(alerts.public.base_url)}
            async with desk(database, now=now, listening=listening, urls=urls, key=private) as it:
                yield alerts, it

"""The feed: each worsening of a light has one message and each message its worsening; no number is missing."""

from collections import Counter

import asyncpg

from deploy.demo.check.answers import Answer


async def messages(connection: asyncpg.Connection) -> Answer:
    """Each worsening between stored lights has exactly one message, or a reason why none was due; and the reverse."""
    worse = await connection.fetch("SELECT * FROM alerts.light_change WHERE worse")
    known = {row["seq"] for row in await connection.fetch("SELECT seq FROM alerts.feed")}
    wrong = [f"change {row['change']}: no message and no reason" for row in worse
             if row["seq"] not in known and row["reason"] is None]  # fmt: skip
    said = Counter(row["seq"] for row in worse if row["seq"] is not None)
    wrong += [f"message {seq} stands for {count} worsenings" for seq, count in said.items() if count > 1]
    rows = await connection.fetch(
        "SELECT seq FROM alerts.feed WHERE rule = 'lag' AND notification_reason IN ('early', 'first', 'worsened')"
        " ORDER BY seq"
    )
    wrong += [f"message {row['seq']} says that a light got worse, no stored change does"
              for row in rows if row["seq"] not in said]  # fmt: skip
    return Answer("worsenings and messages", len(worse), wrong)


async def without_gap(connection: asyncpg.Connection) -> Answer:
    """The feed's numbers run from 1 without a gap."""
    count = await connection.fetchval("SELECT count(*) FROM alerts.feed")
    last = await connection.fetchval("SELECT coalesce(max(seq), 0) FROM alerts.feed")
    return Answer("feed without a gap", count, [] if count == last else [f"{count} messages, the last is {last}"])

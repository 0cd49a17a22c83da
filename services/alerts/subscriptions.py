"""The addresses at which reader programs read the feed: made, listed, revoked and found by their keys."""

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from contracts.authority import hashed
from contracts.operations.database import Pool, sorted_errors
from services.alerts.reading.scope import local
from services.alerts.views import View


class SubscriptionView(View, frozen=True, kw_only=True):
    """One address, without its key; times are the platform's."""

    subscription: str
    subject: str
    name: str
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Holder:
    """Who reads at an address. `token`: the hash of the machine's token that made it, None: a person of `unit`."""

    subject: str
    token: str | None
    unit: str | None


class Subscriptions:
    """On one pool; `Unavailable` while Postgres is away."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def make(self, holder: Holder, name: str, key: str, at: datetime) -> SubscriptionView:
        """A new one that is read by `key`, of which the hash is kept."""
        with sorted_errors():
            row = await self._pool.fetchrow(
                _MAKE, uuid4(), hashed(key), holder.subject, holder.token, holder.unit, name, at
            )
        assert row is not None
        return SubscriptionView(**local(row))

    async def listed(self, subject: str | None) -> list[SubscriptionView]:
        """Those of a subject, or all of them."""
        with sorted_errors():
            return [SubscriptionView(**local(row)) for row in await self._pool.fetch(_LISTED, subject)]

    async def revoke(self, subscription: str, subject: str | None, at: datetime) -> SubscriptionView | None:
        """It reads nothing from now on; None: there is none of that subject."""
        with sorted_errors():
            row = await self._pool.fetchrow(_REVOKE, subscription, subject, at)
        return None if row is None else SubscriptionView(**local(row))

    async def holder(self, key: str) -> Holder | None:
        """Who reads by a key; None: it is unknown or was revoked."""
        with sorted_errors():
            row = await self._pool.fetchrow(_HOLDER, hashed(key))
        return None if row is None else Holder(row["subject"], row["token_sha256"], row["unit"])


_SHOWN = "subscription::text AS subscription, subject, name, created_at, revoked_at"
_MAKE = f"""
INSERT INTO alerts.subscription (subscription, key_sha256, subject, token_sha256, unit, name, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING {_SHOWN}
"""
_LISTED = f"""
SELECT {_SHOWN} FROM alerts.subscription WHERE $1::text IS NULL OR subject = $1 ORDER BY created_at, subscription
"""
_REVOKE = f"""
UPDATE alerts.subscription SET revoked_at = coalesce(revoked_at, $3)
WHERE subscription::text = $1 AND ($2::text IS NULL OR subject = $2) RETURNING {_SHOWN}
"""
_HOLDER = "SELECT subject, token_sha256, unit FROM alerts.subscription WHERE key_sha256 = $1 AND revoked_at IS NULL"

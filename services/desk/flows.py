"""Sign-ins that are under way at the identity provider: ten minutes, one use, and only for the browser that began."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.operations.database import Pool, sorted_errors
from services.desk.secrets import digest, new_secret

LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Flow:
    """One of them. `state` goes through the provider, `browser` into a cookie."""

    state: str
    browser: str
    nonce: str
    verifier: str
    following: str


@dataclass(frozen=True, slots=True)
class Flows:
    """The table of flows."""

    pool: Pool

    async def begin(self, following: str) -> Flow:
        """A new one; those never ended are swept on the way."""
        flow = Flow(new_secret(), new_secret(), new_secret(), new_secret(), following)
        with sorted_errors():
            await self.pool.execute("DELETE FROM desk.flow WHERE begun_at <= now() - $1::interval", LIFE)
            await self.pool.execute(
                "INSERT INTO desk.flow (digest, browser, nonce, verifier, next) VALUES ($1, $2, $3, $4, $5)",
                digest(flow.state), digest(flow.browser), flow.nonce, flow.verifier, following,
            )  # fmt: skip
        return flow

    async def end(self, state: str, browser: str) -> Flow | None:
        """The flow that came back, once; None when it is not this browser's, is over or never was."""
        with sorted_errors():
            row = await self.pool.fetchrow(
                "DELETE FROM desk.flow WHERE digest = $1 AND browser = $2 AND begun_at > now() - $3::interval"
                " RETURNING nonce, verifier, next",
                digest(state), digest(browser), LIFE,
            )  # fmt: skip
        return None if row is None else Flow(state, browser, row["nonce"], row["verifier"], row["next"])

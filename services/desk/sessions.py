"""Sessions on the server's side and the one-time links that begin them. Real time: two hours idle, twelve in all."""

from dataclasses import dataclass
from datetime import timedelta

from contracts.operations.database import Pool, sorted_errors
from services.desk.people import Person
from services.desk.secrets import digest, new_secret

IDLE, WHOLE = timedelta(hours=2), timedelta(hours=12)
LINK = timedelta(hours=24)  # how long an unused link holds


@dataclass(frozen=True, slots=True)
class Session:
    """A signed-in browser. `csrf` must come back with every form."""

    secret: str
    csrf: str
    person: Person


@dataclass(frozen=True, slots=True)
class Sessions:
    """The tables of sessions and links."""

    pool: Pool

    async def begin(self, subject: str, way: str) -> str:
        """A new session; what the cookie holds. Sessions that have ended are swept on the way."""
        secret = new_secret()
        with sorted_errors():
            await self.pool.execute(_SWEEP, IDLE, WHOLE)
            await self.pool.execute(
                "INSERT INTO desk.session (digest, subject, way, csrf) VALUES ($1, $2, $3, $4)",
                digest(secret), subject, way, new_secret(),
            )  # fmt: skip
        return secret

    async def find(self, secret: str) -> Session | None:
        """The session of a cookie, and that it was used just now; None when it ended or never was."""
        with sorted_errors():
            row = await self.pool.fetchrow(_FIND, digest(secret), IDLE, WHOLE)
            if row is None:
                return None
            if row["touch"]:  # once a minute is often enough to know that it is not idle
                await self.pool.execute("UPDATE desk.session SET seen_at = now() WHERE digest = $1", digest(secret))
        person = Person(**{name: row[name] for name in Person.__struct_fields__})
        return Session(secret, row["csrf"], person)

    async def end(self, secret: str) -> None:
        """Sign out."""
        with sorted_errors():
            await self.pool.execute("DELETE FROM desk.session WHERE digest = $1", digest(secret))

    async def invite(self, subject: str, by: str) -> str:
        """The secret of a new one-time link for a person; links of the same person that are unused end."""
        secret = new_secret()
        with sorted_errors():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute("DELETE FROM desk.link WHERE subject = $1 AND used_at IS NULL", subject)
                await connection.execute(
                    "INSERT INTO desk.link (digest, subject, issued_by, expires_at) VALUES ($1, $2, $3, now() + $4)",
                    digest(secret), subject, by, LINK,
                )  # fmt: skip
        return secret

    async def redeem(self, secret: str) -> str | None:
        """Whom a link lets in, once; None when it was used, has ended or never was."""
        with sorted_errors():
            found: str | None = await self.pool.fetchval(_REDEEM, digest(secret))
        return found


_FIND = """
    SELECT p.subject, p.name, p.role, p.unit, p.login, p.active, s.csrf, s.seen_at < now() - interval '1 min' AS touch
    FROM desk.session s JOIN desk.person p USING (subject)
    WHERE s.digest = $1 AND p.active AND s.seen_at > now() - $2::interval AND s.began_at > now() - $3::interval"""
_SWEEP = "DELETE FROM desk.session WHERE seen_at <= now() - $1::interval OR began_at <= now() - $2::interval"
_REDEEM = """
    UPDATE desk.link SET used_at = now() FROM desk.person p
    WHERE link.digest = $1 AND link.used_at IS NULL AND link.expires_at > now()
      AND p.subject = link.subject AND p.active
    RETURNING link.subject"""

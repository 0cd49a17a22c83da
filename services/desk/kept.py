"""What a person keeps of the pages: named filters of a list, and what of the feed was read."""

from dataclasses import dataclass

from contracts.operations.database import Connection, Pool, sorted_errors

MOST_VIEWS = 20  # of one page


@dataclass(frozen=True, slots=True)
class View:
    """A list's filters under a name."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Marks:
    """What of the feed a person has read: everything up to `through`, and single messages after it."""

    through: int = 0
    singles: frozenset[int] = frozenset()

    def read(self, seq: int) -> bool:
        return seq <= self.through or seq in self.singles

    def unread(self, head: int) -> int:
        """How many of the messages up to the newest are not read."""
        return max(0, head - self.through - len(self.singles))

    def joined(self) -> "Marks":
        """The same with the position moved over the singles that follow it."""
        through = self.through
        while through + 1 in self.singles:
            through += 1
        return Marks(through, frozenset(seq for seq in self.singles if seq > through))


@dataclass(frozen=True, slots=True)
class Kept:
    """The tables of saved views and of what was read."""

    pool: Pool

    async def views(self, subject: str, page: str) -> list[View]:
        """A person's views of a page, by name."""
        with sorted_errors():
            rows = await self.pool.fetch(
                "SELECT name, query FROM desk.saved_view WHERE subject = $1 AND page = $2 ORDER BY name", subject, page
            )
        return [View(**row) for row in rows]

    async def keep(self, subject: str, page: str, view: View) -> bool:
        """Keep a view, in place of one of the same name; False when there are too many already."""
        with sorted_errors():
            done: str = await self.pool.execute(_KEEP, subject, page, view.name, view.query, MOST_VIEWS)
        return done != "INSERT 0 0"

    async def forget(self, subject: str, page: str, name: str) -> None:
        """Take a view away."""
        with sorted_errors():
            await self.pool.execute(
                "DELETE FROM desk.saved_view WHERE subject = $1 AND page = $2 AND name = $3", subject, page, name
            )

    async def marks(self, subject: str) -> Marks:
        """What a person has read."""
        with sorted_errors():
            async with self.pool.acquire() as connection:
                return await _marks(connection, subject)

    async def mark_through(self, subject: str, seq: int) -> None:
        """Everything up to a message is read; a mark never goes back."""
        await self._mark(subject, Marks(through=seq))

    async def mark_one(self, subject: str, seq: int) -> None:
        """One message is read, those before it as they were."""
        await self._mark(subject, Marks(singles=frozenset({seq})))

    async def _mark(self, subject: str, more: Marks) -> None:
        with sorted_errors():
            async with self.pool.acquire() as connection, connection.transaction():
                await connection.execute(_LOCK, subject)
                old = await _marks(connection, subject)
                through = max(old.through, more.through)
                singles = frozenset(seq for seq in old.singles | more.singles if seq > through)
                new = Marks(through, singles).joined()
                await connection.execute("UPDATE desk.read_mark SET seq = $2 WHERE subject = $1", subject, new.through)
                await connection.execute(_FORGET, subject, new.through)
                await connection.execute(_SINGLES, subject, sorted(new.singles - old.singles))


async def _marks(connection: Connection, subject: str) -> Marks:
    through: int | None = await connection.fetchval("SELECT seq FROM desk.read_mark WHERE subject = $1", subject)
    rows = await connection.fetch("SELECT seq FROM desk.read_single WHERE subject = $1", subject)
    return Marks(through or 0, frozenset(row["seq"] for row in rows))


_LOCK = """
    INSERT INTO desk.read_mark (subject, seq) VALUES ($1, 0)
    ON CONFLICT (subject) DO UPDATE SET seq = read_mark.seq"""
_FORGET = "DELETE FROM desk.read_single WHERE subject = $1 AND seq <= $2"
_SINGLES = "INSERT INTO desk.read_single (subject, seq) SELECT $1, * FROM unnest($2::bigint[])"
_KEEP = """
    INSERT INTO desk.saved_view (subject, page, name, query) SELECT $1, $2, $3, $4
    WHERE (SELECT count(*) FROM desk.saved_view WHERE subject = $1 AND page = $2 AND name <> $3) < $5
    ON CONFLICT (subject, page, name) DO UPDATE SET query = excluded.query"""

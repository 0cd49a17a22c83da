"""What a person keeps of the pages: named filters of a list, and how far the feed was read."""

from dataclasses import dataclass

from contracts.operations.database import Pool, sorted_errors

MOST_VIEWS = 20  # of one page


@dataclass(frozen=True, slots=True)
class View:
    """A list's filters under a name."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Kept:
    """The tables of saved views and of read marks."""

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

    async def read_through(self, subject: str) -> int:
        """The newest feed message that a person has marked as read; 0: none."""
        with sorted_errors():
            seq: int | None = await self.pool.fetchval("SELECT seq FROM desk.read_mark WHERE subject = $1", subject)
        return seq or 0

    async def mark_read(self, subject: str, seq: int) -> None:
        """Everything up to a message is read; a mark never goes back."""
        with sorted_errors():
            await self.pool.execute(
                "INSERT INTO desk.read_mark (subject, seq) VALUES ($1, $2)"
                " ON CONFLICT (subject) DO UPDATE SET seq = greatest(read_mark.seq, excluded.seq)",
                subject, seq,
            )  # fmt: skip


_KEEP = """
    INSERT INTO desk.saved_view (subject, page, name, query) SELECT $1, $2, $3, $4
    WHERE (SELECT count(*) FROM desk.saved_view WHERE subject = $1 AND page = $2 AND name <> $3) < $5
    ON CONFLICT (subject, page, name) DO UPDATE SET query = excluded.query"""

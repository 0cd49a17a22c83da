"""The migrated database is what schema.sql says: a change of one without the other fails."""

import os
from pathlib import Path

from tests.support.desk import desk
from tests.support.schema import dumped

SCHEMA = Path(__file__).parents[3] / "services/desk/schema.sql"


async def test_migrations_make_the_schema(database: str) -> None:
    """Run with LIANGSHAI_WRITE_SCHEMA=1 to write schema.sql anew after a migration was added."""
    async with desk(database):
        found = dumped(database, "desk")
    if os.environ.get("LIANGSHAI_WRITE_SCHEMA"):
        SCHEMA.write_text(found)
    assert found == SCHEMA.read_text()

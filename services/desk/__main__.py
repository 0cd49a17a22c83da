"""`python -m services.desk` serves; `migrate` brings the schema up to date; `key PRIVATE PUBLIC` makes the pair that
signs passes; `people FILE` enters people; `invite SUBJECT…` prints a one-time link for each."""

import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from contracts.catalogue import SHIPPED, load
from contracts.operations import process
from contracts.operations.database import open_pool
from contracts.operations.migrations import Migrations
from contracts.passes import make_keys
from services.desk.app import MIGRATIONS, build_app
from services.desk.people import People, read
from services.desk.sessions import Sessions
from services.desk.settings import Settings

OPERATOR = "operator of the machine"  # who issues links from the command line


async def migrate(database: str) -> None:
    """Apply what has not run yet."""
    async with open_pool(database, application="desk-migrations", size=1) as pool:
        for name in await Migrations(MIGRATIONS, "desk").apply(pool):
            print(f"applied desk/{name}")


async def enter(database: str, catalogue: Path, file: Path) -> None:
    """Enter the people of a file."""
    people = read(file, load(catalogue))
    async with open_pool(database, application="desk-people", size=1) as pool:
        await People(pool).put(people)
    print(f"{len(people)} 人 / people")


async def invite(database: str, url: str, subjects: Sequence[str]) -> None:
    """Print a link for each."""
    async with open_pool(database, application="desk-invite", size=1) as pool:
        people, sessions = People(pool), Sessions(pool)
        for subject in subjects:
            person = await people.named(subject)
            if person is None or not person.active:
                sys.exit(f"没有 {subject} / nobody is called {subject}")
            print(f"{subject} {url}/sign-in/link?key={await sessions.invite(subject, OPERATOR)}")


def main(arguments: list[str]) -> None:
    """What the command line asks for."""
    said = os.environ
    match arguments:
        case []:
            settings = Settings.of(said)
            process.run(lambda: build_app(settings), "desk")
        case ["migrate"]:
            asyncio.run(migrate(said["LIANGSHAI_DATABASE"]))
        case ["key", private, public]:
            make_keys(Path(private), Path(public))
        case ["people", file]:
            catalogue = Path(said.get("LIANGSHAI_CATALOGUE", SHIPPED))
            asyncio.run(enter(said["LIANGSHAI_DATABASE"], catalogue, Path(file)))
        case ["invite", *subjects] if subjects:
            url = said.get("LIANGSHAI_DESK_URL", f"http://127.0.0.1:{said.get('LIANGSHAI_DESK_PORT', '8104')}")
            asyncio.run(invite(said["LIANGSHAI_DATABASE"], url.rstrip("/"), subjects))
        case _:
            sys.exit("usage: python -m services.desk [migrate | key PRIVATE PUBLIC | people FILE | invite SUBJECT…]")


if __name__ == "__main__":
    main(sys.argv[1:])

"""`python -m services.metrics` serves; `migrate` brings the schema up to date; `load` writes the programme's tables."""

import asyncio
import gc
import os
import sys

from contracts.catalogue import load
from contracts.cells import Cells
from contracts.doubts import check
from contracts.operations import process
from contracts.operations.database import open_pool
from contracts.operations.migrations import Migrations
from contracts.operations.process import Service
from services.metrics.app import MIGRATIONS, build_app
from services.metrics.loading import tables
from services.metrics.settings import Settings
from services.metrics.store import programme


def served(settings: Settings) -> Service:
    """The service, with the collector told that the catalogue stays and that ledgers live long: without that, full
    collections took a third of recording's time (half a second at once with a programme's worth of facts)."""
    service = build_app(settings)
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    return service


async def migrate(database: str) -> None:
    """Apply what has not run yet."""
    async with open_pool(database, application="metrics-migrations", size=1) as pool:
        for name in await Migrations(MIGRATIONS, "metrics").apply(pool):
            print(f"applied metrics/{name}")


async def load_programme(settings: Settings) -> None:
    """Write the tables of the catalogue."""
    lookup = load(settings.catalogue)
    written = tables(lookup, Cells(lookup))
    async with open_pool(settings.database, application="metrics-load", size=1) as pool:
        if await programme.applied(pool, lookup.programme.id):
            print(f"kept {lookup.programme.id}: versions were applied since; apply the next one to change it")
            return
        await programme.load(pool, written)
    said = ", ".join(f"{len(table.rows)} {table.name}" for table in written)
    print(f"loaded {lookup.programme.id} {lookup.programme.version}: {said}")
    for each in check(lookup):
        if each.code == "decomposition_differs":  # rule 3.3: said on load; everything else under /findings
            print(f"{each.severity} {each.place}: {each.zh} / {each.en}")


def main(arguments: list[str]) -> None:
    """What the command line asks for."""
    match arguments:
        case []:
            settings = Settings.of(os.environ)
            process.run(lambda: served(settings), "metrics")
        case ["migrate"]:
            asyncio.run(migrate(os.environ["LIANGSHAI_DATABASE"]))
        case ["load"]:
            asyncio.run(load_programme(Settings.of(os.environ)))
        case _:
            sys.exit("usage: python -m services.metrics [migrate | load]")


if __name__ == "__main__":
    main(sys.argv[1:])

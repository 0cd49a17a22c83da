"""`python -m services.alerts` serves; `migrate` brings the schema up to date; `enable RECEIVER` undoes a 410."""

import asyncio
import os
import sys
from pathlib import Path

from contracts.operations import process
from contracts.operations.database import open_pool
from contracts.operations.migrations import Migrations
from services.alerts.app import build_app
from services.alerts.sending.delivering import enable
from services.alerts.settings import Settings

MIGRATIONS = Path(__file__).with_name("migrations")


async def migrate(database: str) -> None:
    """Apply what has not run yet."""
    async with open_pool(database, application="alerts-migrations", size=1) as pool:
        for name in await Migrations(MIGRATIONS, "alerts").apply(pool):
            print(f"applied alerts/{name}")


async def take_back(database: str, receiver: str) -> None:
    """Enable a receiver that was disabled."""
    async with open_pool(database, application="alerts-enable", size=1) as pool, pool.acquire() as connection:
        if not await enable(connection, receiver):
            sys.exit(f"没有名为 {receiver} 的接收方 / no receiver is called {receiver}")
    print(f"{receiver}: 已恢复 / enabled")


def main(arguments: list[str]) -> None:
    """What the command line asks for."""
    match arguments:
        case []:
            settings = Settings.of(os.environ)
            process.run(lambda: build_app(settings), "alerts")
        case ["migrate"]:
            asyncio.run(migrate(os.environ["LIANGSHAI_DATABASE"]))
        case ["enable", receiver]:
            asyncio.run(take_back(os.environ["LIANGSHAI_DATABASE"], receiver))
        case _:
            sys.exit("usage: python -m services.alerts [migrate | enable RECEIVER]")


if __name__ == "__main__":
    main(sys.argv[1:])

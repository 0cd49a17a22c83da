"""deploy/postgres/roles.sh on a real server: the services own their database, the boards may only read it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import asyncpg
import pytest

from deploy.local.postgres import binaries
from deploy.local.programs import ROOT
from deploy.local.stack import DATABASE
from tests.support import servers


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """host:port/database of a server on which the script and then the migrations have run, as the compose file does."""
    with servers.fresh_postgres() as server:
        environment = {
            "PATH": f"{binaries()}:{os.environ['PATH']}",
            "PGHOST": "127.0.0.1",
            "PGPORT": str(server.port),
            "LIANGSHAI_DATABASE_PASSWORD": "platform",
            "GRAFANA_DATABASE_PASSWORD": "boards",
        }
        subprocess.run([str(ROOT / "deploy/postgres/roles.sh")], env=environment, check=True, capture_output=True)
        place = f"127.0.0.1:{server.port}/{DATABASE}"
        owner = {**os.environ, "LIANGSHAI_DATABASE": f"postgresql://liangshai:platform@{place}"}
        for service in ("metrics", "alerts"):
            migrate = [sys.executable, "-m", "contracts.operations.migrations", f"services/{service}"]
            subprocess.run(migrate, env=owner, cwd=ROOT, check=True, capture_output=True)
        yield place


async def test_an_ordinary_owner_migrates_and_the_boards_only_read(address: str) -> None:
    """No superuser is needed to migrate; the boards' role reads both schemas and writes none."""
    connection = await asyncpg.connect(f"postgresql://grafana:boards@{address}")
    for table in ("metrics.cell", "metrics.report", "alerts.series", "alerts.ticket"):
        assert await connection.fetchval(f"SELECT count(*) FROM {table}") == 0
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await connection.execute("DELETE FROM alerts.ticket")
    await connection.execute("SET default_transaction_read_only = off")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await connection.execute("DELETE FROM alerts.ticket")
    await connection.close()


def test_an_owner_who_may_make_no_role_migrates_all_the_same() -> None:
    """Without the boards' role and without CREATEROLE both schemas are made; what is missing is only the grant."""
    with servers.fresh_postgres() as server:
        for statement in ("CREATE ROLE plain LOGIN PASSWORD 'plain'", "CREATE DATABASE plain OWNER plain"):
            servers.in_thread(servers._execute(server.url(), statement))
        owner = {**os.environ, "LIANGSHAI_DATABASE": f"postgresql://plain:plain@127.0.0.1:{server.port}/plain"}
        for service in ("metrics", "alerts"):
            migrate = [sys.executable, "-m", "contracts.operations.migrations", f"services/{service}"]
            done = subprocess.run(migrate, env=owner, cwd=ROOT, check=False, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr

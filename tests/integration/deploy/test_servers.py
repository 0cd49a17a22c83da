"""The test servers themselves: a broker and a database that survive being killed."""

import aiokafka
import asyncpg
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from tests.support import servers


async def _say(bootstrap: str, topic: str, value: bytes) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(topic, 1, 1)])
    await admin.close()
    async with aiokafka.AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait(topic, value)


async def _hear(bootstrap: str, topic: str) -> bytes:
    consumer = aiokafka.AIOKafkaConsumer(topic, bootstrap_servers=bootstrap, auto_offset_reset="earliest")
    async with consumer:
        value: bytes = (await consumer.getone()).value
        return value


async def test_a_record_survives_kill_of_the_broker() -> None:
    """An acknowledged record is there after kill -9 and a new start of a broker of one's own."""
    with servers.fresh_kafka() as broker:
        await _say(broker.bootstrap, "a", b"kept")
        broker.kill()
        assert not broker.alive
        broker.start()
        assert await _hear(broker.bootstrap, "a") == b"kept"


async def test_wipe_leaves_no_topic(kafka: str) -> None:
    """After a wipe the same topic can be created again and is empty of what was said before."""
    await _say(kafka, "wiped", b"old")
    servers.wipe(kafka)
    await _say(kafka, "wiped", b"new")
    assert await _hear(kafka, "wiped") == b"new"


async def test_a_database_is_empty_and_of_version_17(database: str) -> None:
    """Each test gets an empty database of a PostgreSQL 17."""
    connection = await asyncpg.connect(database)
    assert connection.get_server_version().major == 17
    assert await connection.fetchval("select count(*) from pg_tables where schemaname = 'public'") == 0
    await connection.close()


async def test_committed_rows_survive_kill_of_postgres() -> None:
    """A committed row is there after kill -9 and a new start."""
    with servers.fresh_postgres() as server:
        connection = await asyncpg.connect(server.url())
        await connection.execute("create table t as select 1 as one")
        server.kill()
        connection.terminate()
        server.start()
        connection = await asyncpg.connect(server.url())
        assert await connection.fetchval("select one from t") == 1
        await connection.close()

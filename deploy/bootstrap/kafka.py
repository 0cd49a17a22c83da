"""Kafka's jars from Maven, a formatted template and the class data archive: made once, kept under .local/kafka."""

from deploy.local import kafka_jars


def bring_kafka() -> str:
    """Nothing when all three are there."""
    if kafka_jars.complete():
        return ""
    folder = kafka_jars.ensure()
    return f"{len(list((folder / 'libs').glob('*.jar')))} jars"

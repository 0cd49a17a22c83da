"""Logs: one JSON object a line, one shape for ours and for everybody else's."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from contracts.operations import logs


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """What a configured process would write; the logging of the tests is put back afterwards."""
    handlers, level = logging.root.handlers, logging.root.level
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    written = io.StringIO()
    logs.configure("metrics", stream=written)
    yield written
    structlog.reset_defaults()
    logging.root.handlers = handlers
    logging.root.setLevel(level)
    for name, old in levels.items():
        logging.getLogger(name).setLevel(old)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    """What was written, parsed."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_our_records_and_foreign_ones_have_one_shape(stream: io.StringIO) -> None:
    """Time, level, service and event lead; the rest follows."""
    structlog.get_logger("delivery").info("batch", records=3, offsets={0: "1-3"})
    logging.getLogger("aiokafka.consumer").error("lost %s", "it")
    ours, foreign = lines(stream)
    assert list(ours)[:4] == list(foreign)[:4] == ["time", "level", "service", "event"]
    assert (ours["event"], ours["records"], ours["offsets"]) == ("batch", 3, {"0": "1-3"})
    assert (foreign["level"], foreign["service"], foreign["event"]) == ("error", "metrics", "lost it")


def test_an_exception_stays_on_its_line(stream: io.StringIO) -> None:
    """A traceback is a member, not ten lines that nobody can parse."""
    try:
        raise ZeroDivisionError("defect")
    except ZeroDivisionError:
        structlog.get_logger("x").exception("failed")
    [line] = lines(stream)
    assert "ZeroDivisionError: defect" in str(line["exception"])


def test_what_is_bound_is_in_foreign_records_too(stream: io.StringIO) -> None:
    """A request id bound once is in every line of that request."""
    with structlog.contextvars.bound_contextvars(request_id="r1"):
        logging.getLogger("asyncpg").warning("slow")
    assert lines(stream)[0]["request_id"] == "r1"


def test_chatter_is_left_out(stream: io.StringIO) -> None:
    """Libraries speak from WARNING on; uvicorn's access lines are replaced by ours; odd values never break a line."""
    logging.getLogger("aiokafka").info("chatter")
    logging.getLogger("uvicorn.access").warning("GET /")
    structlog.get_logger("x").info("odd", value=object(), text="\ud800")
    assert len(stream.getvalue().splitlines()) == 1


def test_an_outage_is_not_told_twenty_times_a_second(stream: io.StringIO) -> None:
    """The same complaint of aiokafka comes once in ten seconds, another one at once, ours always."""
    for node in range(20):
        logging.getLogger("aiokafka").error("Unable connect to node with id %s", node)
    logging.getLogger("aiokafka.conn").error("another")
    for _ in range(2):
        structlog.get_logger("x").info("ours")
    assert [line["event"] for line in lines(stream)] == ["Unable connect to node with id 0", "another", "ours", "ours"]

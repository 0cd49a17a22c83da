"""Logs: one JSON object a line, one shape for our own records and for those of uvicorn, aiokafka and FastStream."""

import json
import logging
import sys
import time
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

_QUIET = {
    "aiokafka": logging.WARNING,
    "liangshai.faststream": logging.ERROR,  # the name consumption.py gives it; its INFO is two lines a batch
    "uvicorn": logging.WARNING,
    "uvicorn.access": logging.CRITICAL,  # the request line is ours (http.py)
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
    "asyncio": logging.WARNING,
}


_REPEAT = (
    10.0  # seconds in which aiokafka may say the same thing once: during an outage it says it twenty times a second
)


def configure(service: str, *, level: int = logging.INFO, stream: TextIO = sys.stdout) -> None:
    """Send all records of this process to `stream`; called once, by `process.run`."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=_shared(),
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _named(service), _rendered],
        )
    )
    handler.addFilter(_Once())
    logging.root.handlers = [handler]
    logging.root.setLevel(level)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(level, quiet))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_shared(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )


class _Once(logging.Filter):
    """Lets each complaint of aiokafka through once in a while."""

    def __init__(self) -> None:
        super().__init__()
        self._said: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("aiokafka"):
            return True
        said, now = (record.name, str(record.msg)), time.monotonic()
        if now - self._said.get(said, -_REPEAT) < _REPEAT:
            return False
        self._said[said] = now
        return True


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
    ]


def _named(service: str) -> Processor:
    def add(_: Any, __: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
        return {
            "time": event.pop("time", None),
            "level": event.pop("level", None),
            "service": service,
            "event": event.pop("event", None),
            **event,
        }

    return add


def _rendered(_: Any, __: str, event: structlog.typing.EventDict) -> str:
    try:
        return orjson.dumps(event, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
    except TypeError:  # half a surrogate pair, a number beyond 64 bits: what a poisoned record may hold
        return json.dumps(event, default=str)

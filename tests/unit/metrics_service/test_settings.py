"""The settings of metrics: what the environment says, and no password in what is shown."""

from pathlib import Path

import pytest

from services.metrics.settings import Settings


def test_the_environment_says_everything() -> None:
    """Every variable has its place."""
    found = Settings.of(
        {
            "LIANGSHAI_KAFKA": "k:1",
            "LIANGSHAI_DATABASE": "postgresql://u:secret@h/d",
            "LIANGSHAI_CATALOGUE": "/c",
            "LIANGSHAI_TOKENS": "/t",
            "LIANGSHAI_CLOCK": "/clock",
            "LIANGSHAI_HOST": "0.0.0.0",
            "LIANGSHAI_METRICS_PORT": "1",
            "LIANGSHAI_METRICS_OPERATIONS_PORT": "2",
            "LIANGSHAI_OPERATIONS_HOST": "::1",
        }
    )
    assert (found.kafka, found.catalogue, found.tokens, found.clock) == ("k:1", Path("/c"), Path("/t"), Path("/clock"))
    assert (found.host, found.port, found.operations_host, found.operations_port) == ("0.0.0.0", 1, "::1", 2)
    assert "secret" not in repr(found)


def test_the_rest_has_defaults_and_the_database_none() -> None:
    """The loopback, the shipped catalogue, the real clock."""
    found = Settings.of({"LIANGSHAI_DATABASE": "postgresql://h/d"})
    assert (found.host, found.port, found.operations_port, found.clock) == ("127.0.0.1", 8102, 9102, None)
    with pytest.raises(KeyError, match="LIANGSHAI_DATABASE"):
        Settings.of({})

"""Unit tests open no socket to anyone: what needs a server belongs to tests/integration."""

import pytest
import pytest_socket


@pytest.fixture(autouse=True)
def _no_sockets() -> None:
    """An event loop's own pair of unix sockets is allowed; pytest-socket restores the rest after each test."""
    pytest_socket.disable_socket(allow_unix_socket=True)

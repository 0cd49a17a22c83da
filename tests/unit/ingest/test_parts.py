"""The small parts of intake: receipts and settings."""

from datetime import timedelta
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED
from services.ingest.receipts import new_receipt
from services.ingest.settings import Settings
from tests.support.intake import NOW


def test_receipts_sort_by_their_moment_and_are_never_given_twice() -> None:
    """26 characters; later ones sort later, a thousand of one instant differ."""
    receipts = {new_receipt(NOW) for _ in range(1000)}
    assert len(receipts) == 1000
    assert {len(each) for each in receipts} == {26}
    assert max(receipts) < new_receipt(NOW + timedelta(milliseconds=1))


def test_settings_are_read_from_the_environment() -> None:
    """Every variable has its place, empty ones count as absent, and a missing tokens file is named."""
    said = Settings.of(
        {"LIANGSHAI_TOKENS": "/t", "LIANGSHAI_KAFKA": "k:1", "LIANGSHAI_INGEST_PORT": "1", "LIANGSHAI_CLOCK": "/c",
         "LIANGSHAI_METRICS_URL": "https://m/", "LIANGSHAI_CATALOGUE": ""}
    )  # fmt: skip
    assert (said.kafka, said.port, said.clock, said.metrics_url) == ("k:1", 1, Path("/c"), "https://m")
    assert said.catalogue == SHIPPED
    assert Settings.of({"LIANGSHAI_TOKENS": "/t", "LIANGSHAI_METRICS_PORT": "7"}).metrics_url == "http://127.0.0.1:7"
    with pytest.raises(KeyError, match="LIANGSHAI_TOKENS"):
        Settings.of({})

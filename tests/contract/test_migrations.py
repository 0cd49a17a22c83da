"""Each service's migrations are numbered from 1 without a gap and without two of one number."""

from pathlib import Path

import pytest

from contracts.operations.migrations import Migrations

SERVICES = Path(__file__).parents[2] / "services"


@pytest.mark.parametrize("service", sorted(path.parent.name for path in SERVICES.glob("*/migrations")))
def test_numbers_follow_one_another(service: str) -> None:
    """Two branches that took the same number are found before they meet."""
    assert Migrations(SERVICES / service / "migrations", service).schema == service

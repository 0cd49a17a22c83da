"""What the services that are built in the tests' own process, some hundreds, would each read alike is read once."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from contracts.catalogue import SHIPPED, load
from contracts.editions import Edition
from contracts.programme import Lookup
from services.alerts import app as alerts
from services.alerts.inhibition import Duties
from services.desk import app as desk
from services.ingest import app as ingest
from services.metrics import app as metrics
from tests.support.judging import LOOKUP


@pytest.fixture(scope="session", autouse=True)
def the_shipped_catalogue_is_read_once() -> Iterator[None]:
    """A third of a second of the processor for each service: what of it never changes is kept, its cells included."""

    def read(directory: Path) -> Lookup:
        return LOOKUP if directory == SHIPPED else load(directory)

    with pytest.MonkeyPatch.context() as patch:
        for app in (alerts, desk, ingest, metrics):
            patch.setattr(app, "load", read)
        patch.setattr(Edition, "of", cache(Edition.of))
        patch.setattr(Duties, "by", cache(Duties.by))
        yield

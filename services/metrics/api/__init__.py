"""The public API of metrics: what became of reports, how things stand, how complete the reporting is. Read only."""

from starlette.routing import BaseRoute

from services.metrics.api import acts, cells, completeness, findings, reports, standings, templates
from services.metrics.api.access import Access
from services.metrics.store.reading import Reading


def routes(access: Access, reading: Reading) -> list[BaseRoute]:
    """Every route of the public port."""
    return [
        *reports.routes(access, reading),
        *standings.routes(access, reading),
        *acts.routes(access, reading.office),
        *cells.routes(access, reading.office),
        *completeness.routes(access, reading),
        *findings.routes(access, reading),
        *templates.routes(access, reading),
    ]

"""Which part of the programme a caller may read and asks for; each route begins here (the default is to refuse)."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Literal

from starlette.requests import Request

from contracts.authority import Grant
from contracts.cells import Cells
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.parameters import day, known, moment
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from services.metrics.store.scope import Scope

Series = tuple[str, str, str]  # programme, indicator, district


class Access:
    """The callers and the programme they speak of."""

    def __init__(self, callers: Callers, catalogue: Catalogue) -> None:
        self.callers, self._catalogue = callers, catalogue

    @property
    def lookup(self) -> Lookup:
        """The newest version."""
        return self._catalogue.lookup

    def known_then(self, known_at: datetime | None) -> list[Lookup]:
        """The versions known at a moment, or now, the newest first."""
        every = self._catalogue.editions.all
        return [each.lookup for each in reversed(every) if known_at is None or each.since <= known_at]

    @property
    def cells(self) -> Cells:
        """Its cells."""
        return self._catalogue.cells

    def scope(self, request: Request) -> Scope:
        """The cells a list may show: those of the token, narrowed by the filters of the query."""
        asked = request.query_params
        indicator, district = asked.get("indicator"), asked.get("district")
        grant = self.callers.grant(request, "read", indicator, district)
        department = asked.get("department")
        for value, among, what in (
            (indicator, self.lookup.indicators, "indicator"),
            (district, self.lookup.districts, "district"),
            (department, self.lookup.departments, "department"),
        ):
            if value is not None:
                known(value, among, what)
        return Scope(
            programme=self.programme(request),
            indicators=_narrowed(grant.indicators, indicator),
            districts=_narrowed(grant.districts, district),
            department=department,
            as_of=self.as_of(request),
            known_at=moment(request, "known_at"),
        )

    def now(self, request: Request) -> datetime:
        """The moment that an answer is about: now, or what was now at `known_at`."""
        now = self.callers.now()
        return min(now, moment(request, "known_at") or now).astimezone(SHANGHAI)

    def as_of(self, request: Request) -> date:
        """The day that an answer is about."""
        return day(request, "as_of") or self.now(request).date()

    def series(self, request: Request) -> Series:
        """The series of the path, if the caller may read it."""
        indicator, district = request.path_params["indicator"], request.path_params["district"]
        self.callers.grant(request, "read", indicator, district)
        programme = self.programme(request)
        known(indicator, self.lookup.indicators, "indicator")
        known(district, self._catalogue.editions.districts(indicator), "series")
        return programme, indicator, district

    def reader(self, request: Request) -> Grant:
        """A caller who may read something; what exactly is asked for each item (`may_read`)."""
        return self.callers.grant(request, "read")

    def programme(self, request: Request) -> str:
        """The programme of the path; 404 for another than ours."""
        return known(request.path_params["programme"], {self.lookup.programme.id}, "programme")


def may_read(grant: Grant, indicator: str, district: str) -> bool:
    """Whether an item belongs to the caller's cells."""
    return grant.allows("read", indicator, district)


def _narrowed(granted: Collection[str] | Literal["*"], asked: str | None) -> list[str] | None:
    """`asked` is within `granted` already; None: any."""
    if asked is not None:
        return [asked]
    return None if granted == "*" else sorted(granted)

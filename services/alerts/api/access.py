"""What a caller may see of the programme and what it asks for, out of its token, the path and the parameters."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
from starlette.requests import Request

from contracts.authority import Grant, Refused
from contracts.calendar import Calendar
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.http import Problem
from contracts.operations.parameters import day, known, moment, wrong
from contracts.programme import Lookup
from contracts.roles import Act
from services.alerts.next_steps import Today
from services.alerts.reading.scope import Scope


class Access:
    """The callers and the programme they speak of."""

    def __init__(self, callers: Callers, catalogue: Catalogue) -> None:
        self.callers, self._catalogue = callers, catalogue
        self._calendar: tuple[Lookup, Calendar] | None = None  # of the newest version, made once

    @property
    def lookup(self) -> Lookup:
        """The newest version."""
        return self._catalogue.lookup

    def today(self, known_at: datetime | None = None) -> Today:
        """What is today, or was at `known_at`."""
        now, lookup = self.callers.now(), self.lookup
        if self._calendar is None or self._calendar[0] is not lookup:
            self._calendar = lookup, Calendar.of(lookup.programme.calendar)
        return Today(min(now, known_at or now), self._calendar[1])

    def scope(self, request: Request, **extra: tuple[str, ...]) -> Scope:
        """What the caller may see of the programme it names, and which of it it asks for.

        `extra` names further filters with the words each may take.
        """
        grant = self.callers.grant(request, "read")
        programme, known_at = self.programme(request), moment(request, "known_at")
        said = {name: word(request, name, allowed) for name, allowed in extra.items()}
        return Scope(
            programme=programme,
            series=self.series(grant, known_at),
            indicator=request.query_params.get("indicator"),
            district=request.query_params.get("district"),
            department=request.query_params.get("department"),
            as_of=day(request, "as_of"),
            known_at=known_at,
            extra={name: value for name, value in said.items() if value is not None},
            leads=self.leads(known_at),
        )

    def leads(self, known_at: datetime | None) -> Mapping[str, str]:
        """Who leads each indicator, by the newest version known then."""
        return {each.id: each.lead for each in self._known(known_at)[-1].programme.indicators}

    def _known(self, known_at: datetime | None) -> list[Lookup]:
        """The versions known then, or now, the newest last."""
        return [e.lookup for e in self._catalogue.editions.all if known_at is None or e.since <= known_at]

    def programme(self, request: Request) -> str:
        """The programme of the path; 404 for another than ours."""
        return known(request.path_params["programme"], {self.lookup.programme.id}, "programme")

    def series(self, grant: Grant, known_at: datetime | None = None) -> list[str] | None:
        """The series the token may read as `indicator/district`, and `*/district` for the projects there; None when
        that is all of them. With `known_at` those that there were then."""
        known = self._known(known_at)
        if grant.indicators == "*" and grant.districts == "*" and len(known) == len(self._catalogue.editions.all):
            return None
        projects = [f"*/{district}" for district in self.lookup.districts if grant.allows("read", district=district)]
        every = dict.fromkeys((i.id, d) for each in known for i, d in each.series)
        return [*(f"{i}/{d}" for i, d in every if grant.allows("read", i, d)), *projects]


def require(grant: Grant, act: Act, indicator: str | None, district: str) -> None:
    """403 unless the grant reaches this cell; None: a project of the district."""
    try:
        grant.require(act, indicator, district)
    except Refused as refused:
        raise Problem(refused.status, refused.code, refused.zh, refused.en) from None


def word(request: Request, name: str, allowed: tuple[str, ...]) -> str | None:
    """A filter's word, one of those allowed."""
    text = request.query_params.get(name)
    if text is not None and text not in allowed:
        listed = ", ".join(allowed)
        raise wrong(name, f"应为以下之一:{listed}", f"must be one of {listed}")
    return text


def columns_of(kind: type[msgspec.Struct]) -> list[str]:
    """The CSV columns of a view: its fields, texts as two of them."""
    columns: list[str] = []
    for each in msgspec.structs.fields(kind):
        texts = getattr(each.type, "__name__", "") == "Text"
        columns += [f"{each.encode_name}_zh", f"{each.encode_name}_en"] if texts else [each.encode_name]
    return columns

"""What a caller may see of the programme and what it asks for, out of its token, the path and the parameters."""

import msgspec
from starlette.requests import Request

from contracts.authority import Grant, Refused
from contracts.editions import Catalogue
from contracts.operations.callers import Callers
from contracts.operations.http import Problem
from contracts.operations.parameters import day, known, moment, wrong
from contracts.programme import Lookup
from contracts.roles import Act
from services.alerts.reading.scope import Scope


class Access:
    """The callers and the programme they speak of."""

    def __init__(self, callers: Callers, catalogue: Catalogue) -> None:
        self.callers, self._catalogue = callers, catalogue

    @property
    def lookup(self) -> Lookup:
        """The newest version."""
        return self._catalogue.lookup

    def scope(self, request: Request, **extra: tuple[str, ...]) -> Scope:
        """What the caller may see of the programme it names, and which of it it asks for.

        `extra` names further filters with the words each may take.
        """
        grant = self.callers.grant(request, "read")
        programme = self.programme(request)
        said = {name: word(request, name, allowed) for name, allowed in extra.items()}
        return Scope(
            programme=programme,
            series=self.series(grant),
            indicator=request.query_params.get("indicator"),
            district=request.query_params.get("district"),
            department=request.query_params.get("department"),
            as_of=day(request, "as_of"),
            known_at=moment(request, "known_at"),
            extra={name: value for name, value in said.items() if value is not None},
        )

    def programme(self, request: Request) -> str:
        """The programme of the path; 404 for another than ours."""
        return known(request.path_params["programme"], {self.lookup.programme.id}, "programme")

    def series(self, grant: Grant) -> list[str] | None:
        """The series the token may read as `indicator/district`, and `*/district` for the projects there; None when
        that is all of them."""
        if grant.indicators == "*" and grant.districts == "*":
            return None
        projects = [f"*/{district}" for district in self.lookup.districts if grant.allows("read", district=district)]
        return [*(f"{i.id}/{d}" for i, d in self.lookup.series if grant.allows("read", i.id, d)), *projects]


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

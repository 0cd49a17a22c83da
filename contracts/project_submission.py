"""What a sender may say of projects: one CloudEvent with a statement in it, its `type` telling which (rule 12)."""

from typing import Any, Literal

import msgspec

from contracts.projects import STATEMENTS, Closed, Contacted, Listed, Progress, Raised, Ruled, Statement
from contracts.submission import Moment

PROJECT_ID = r"[a-z][a-z0-9_]{1,63}"


class SubmittedStatement(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """The attributes every statement's event has, as its sender may write them."""

    specversion: Literal["1.0"]
    id: str
    source: str
    data: Any
    time: Moment | None = None
    recordedtime: Moment | None = None
    datacontenttype: str = "application/json"
    dataschema: str | None = None
    traceparent: str | None = None
    tracestate: str | None = None

    @property
    def said(self) -> Statement:
        """Its data, typed."""
        said: Statement = self.data
        return said


class SubmittedListed(SubmittedStatement, frozen=True, kw_only=True, tag="project.listed.v1"):
    data: Listed


class SubmittedProgress(SubmittedStatement, frozen=True, kw_only=True, tag="project.reported.v1"):
    data: Progress


class SubmittedContacted(SubmittedStatement, frozen=True, kw_only=True, tag="project.contacted.v1"):
    data: Contacted


class SubmittedRuled(SubmittedStatement, frozen=True, kw_only=True, tag="project.ruled.v1"):
    data: Ruled


class SubmittedRaised(SubmittedStatement, frozen=True, kw_only=True, tag="redline.raised.v1"):
    data: Raised


class SubmittedClosed(SubmittedStatement, frozen=True, kw_only=True, tag="redline.closed.v1"):
    data: Closed


Statements = (
    SubmittedListed | SubmittedProgress | SubmittedContacted | SubmittedRuled | SubmittedRaised | SubmittedClosed
)
STATEMENT_FIELDS = {
    name: tuple(field.name for field in msgspec.structs.fields(kind)) for name, kind in STATEMENTS.items()
}

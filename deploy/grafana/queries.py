"""Every query of every board as Grafana would send it: variables and macros filled in.

Tests run each against real servers; an operator may paste one into psql or promtool.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from grafana_foundation_sdk.models.dashboard import Dashboard, Panel, VariableType

from deploy.grafana.asking import SqlAnnotation, SqlQuery
from deploy.grafana.shelf import boards

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)(?::(\w+))?\})")
_TIME_FILTER = re.compile(r"\$__timeFilter\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Query:
    """One question of one panel, or of a variable."""

    board: str
    panel: str
    source: Literal["prometheus", "postgres"]
    text: str
    instant: bool = True

    def __str__(self) -> str:
        return f"{self.board}: {self.panel}"


@dataclass(frozen=True, slots=True)
class Window:
    """The stretch of time a viewer has chosen."""

    start: datetime
    end: datetime
    interval: str = "1m"  # what $__rate_interval becomes


def queries(values: Mapping[str, str], window: Window) -> list[Query]:
    """All of them; KeyError names a variable that `values` lacks."""
    asking = (_variables, _marks, _panels)
    return [query for board in boards() for ask in asking for query in ask(board, values, window)]


def filled(text: str, values: Mapping[str, str], window: Window) -> str:
    """A query's text with its variables and macros replaced as Grafana replaces them."""
    within = f"\\1 BETWEEN '{_zulu(window.start)}' AND '{_zulu(window.end)}'"
    known = {**values, "__rate_interval": window.interval, "__interval": window.interval}

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        return "'" + known[name].replace("'", "''") + "'" if match[3] == "sqlstring" else known[name]

    return _VARIABLE.sub(value, _TIME_FILTER.sub(within, text))


def _panels(board: Dashboard, values: Mapping[str, str], window: Window) -> Iterator[Query]:
    for panel in board.panels or ():
        if isinstance(panel, Panel):
            for target in panel.targets or ():
                yield _query(f"{board.uid}", f"{panel.title}", target, values, window)


def _marks(board: Dashboard, values: Mapping[str, str], window: Window) -> Iterator[Query]:
    for mark in (board.annotations.list_val if board.annotations else None) or ():
        if isinstance(mark, SqlAnnotation):
            yield Query(f"{board.uid}", mark.name, "postgres", filled(mark.asked.text, values, window))


def _variables(board: Dashboard, values: Mapping[str, str], window: Window) -> Iterator[Query]:
    for variable in (board.templating.list_val if board.templating else None) or ():
        if variable.type_val == VariableType.TEXTBOX:
            continue
        yield Query(f"{board.uid}", f"${variable.name}", "postgres", filled(f"{variable.query}", values, window))


def _query(board: str, panel: str, target: Any, values: Mapping[str, str], window: Window) -> Query:
    if isinstance(target, SqlQuery):
        return Query(board, panel, "postgres", filled(target.text, values, window))
    return Query(board, panel, "prometheus", filled(target.expr, values, window), instant=bool(target.instant))


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

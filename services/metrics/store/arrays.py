"""Rows as arrays: how many rows go to Postgres in one statement."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from asyncpg import Record
from asyncpg.pool import PoolConnectionProxy

Connection: TypeAlias = "PoolConnectionProxy[Record]"
Key = tuple[str, str]  # programme, indicator


def unnest(columns: str) -> str:
    """The FROM item `unnest($1::text[], …) AS new(…)` of columns written like a table's: "name type, name type"."""
    pairs = [column.split() for column in columns.split(",")]
    arrays = ", ".join(f"${number}::{kind}[]" for number, (_, kind) in enumerate(pairs, 1))
    return f"unnest({arrays}) AS new({', '.join(name for name, _ in pairs)})"


def transposed(rows: Sequence[Sequence[Any]]) -> list[tuple[Any, ...]]:
    """Rows (at least one) as one array a column."""
    return list(zip(*rows, strict=True))

"""What of a table was not read as a report, so that nothing is left out in silence."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.verdicts import PassedOver, Reading, UnreadColumn
from services.ingest.tables.grid import address

_MOST = 1000


@dataclass(slots=True)
class Notes:
    """Gathered while the rows are read."""

    sheets: list[str] = field(default_factory=list)
    columns: list[UnreadColumn] = field(default_factory=list)
    rows: list[PassedOver] = field(default_factory=list)

    def header(self, sheet: str | None, row: int, unknown: Mapping[int, str]) -> None:
        if sheet is not None:
            self.sheets.append(sheet)
        told = [UnreadColumn(address(sheet, row, column), words[:80]) for column, words in unknown.items()]
        self.columns += told[: _MOST - len(self.columns)]

    def row(self, sheet: str | None, row: int, why: str) -> None:
        if len(self.rows) < _MOST:
            self.rows.append(PassedOver(address(sheet, row, 0), sheet, row, why))

    def document(self) -> Reading:
        return Reading(tuple(self.sheets), tuple(self.columns), tuple(self.rows))

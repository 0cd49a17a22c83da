"""A table of whatever kind (.xlsx or CSV) → its items, sheet by sheet (step `decoding`)."""

from collections.abc import Iterator

from contracts.columns import columns
from services.ingest.envelope import Item
from services.ingest.limits import Limits, Unusable
from services.ingest.tables import headers, text, workbook
from services.ingest.tables.grid import Row, Sheet
from services.ingest.tables.headers import Header
from services.ingest.tables.naming import Names
from services.ingest.tables.notes import Notes
from services.ingest.tables.rows import Reader

_OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"


def read(body: bytes, limits: Limits, subject: str, programme: str, names: Names, notes: Notes) -> Iterator[Item]:
    """The items of every sheet that has a heading. Unusable: 400 when no sheet has one, when one lacks a column or has
    one twice, or when the file cannot be read; 413 at the first row too many: what follows it is not even looked at."""
    readers = []
    nearly: list[tuple[Sheet, Header]] = []
    for sheet in sheets(body, limits):
        header, rows = headers.found(sheet.rows)
        if header is not None and header.good:
            notes.header(sheet.name, header.last, header.unknown)
            readers.append((sheet, Reader(sheet.name, header, names, subject, programme), rows))
        elif header is not None:
            nearly.append((sheet, header))
    if nearly or not readers:
        raise wrong_header(nearly)
    return _items(readers, limits, notes)


def _items(readers: list[tuple[Sheet, Reader, Iterator[Row]]], limits: Limits, notes: Notes) -> Iterator[Item]:
    index = 0
    for sheet, reader, rows in readers:
        for row in rows:
            why = reader.passed_over(row)
            if why is not None:
                notes.row(sheet.name, row.number, why)
                continue
            limits.check_items(index + 1)
            yield reader.item(index, row)
            index += 1


def sheets(body: bytes, limits: Limits) -> list[Sheet]:
    """By what the file is, not by what it is called: browsers call CSV and .xls the same."""
    if body.startswith(_OLD_EXCEL):
        zh = "旧版 Excel(.xls)或加密的工作簿不能读取；请打开后另存为“Excel 工作簿(.xlsx)”，不设密码"
        en = "an old .xls or an encrypted workbook; open it and save it as 'Excel workbook (.xlsx)' without a password"
        raise Unusable(415, "old_workbook", zh, en)
    if body.startswith(_ZIP):
        return workbook.read(body, limits)
    return [_csv(text.decoded(body), limits)]


def _csv(said: str, limits: Limits) -> Sheet:
    """Under the separator with which its heading is best understood."""
    best, most = text.SEPARATORS[0], 0
    for separator in text.SEPARATORS:
        header, _ = headers.found(text.head(said, separator, limits))
        if header is not None and len(header.fields) > most:
            best, most = separator, len(header.fields)
    return text.sheet(said, best, limits)


def wrong_header(nearly: list[tuple[Sheet, Header]]) -> Unusable:
    """What the first sheet that is nearly a table lacks."""
    known = {name: f"{column.zh} {column.en}" for name, column in columns().columns.items()}
    if not nearly:
        named = "、".join(known[name] for name in headers.REQUIRED)
        zh = f"没有找到表头：须有 {named} 各一列(可下载填报模板)"
        en = f"no heading found: it has one column each of {named} (a template can be downloaded)"
        members = {"missing": [*headers.REQUIRED], "twice": [], "unknown": [], "sheet": None, "columns": [*known]}
        return Unusable(400, "wrong_header", zh, en, members)
    sheet, header = nearly[0]
    at = sheet.name or "CSV"
    lack, more = (", ".join(known[each] for each in names) or "-" for names in (header.missing, header.twice))
    zh = f"“{at}”第 {header.last} 行表头有误(缺少：{lack}；重复：{more})"
    en = f"the heading of '{at}', row {header.last}, is wrong (missing: {lack}; twice: {more})"
    unknown = [words[:80] for words in header.unknown.values()][:50]
    told = {"missing": [*header.missing], "twice": [*header.twice], "unknown": unknown, "sheet": sheet.name}
    return Unusable(400, "wrong_header", zh, en, told | {"columns": [*known]})

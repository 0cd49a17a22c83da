"""An .xlsx → its visible sheets (step `decoding`). Read part by part with expat, for three things at once that neither
openpyxl nor calamine gave when measured: a number's decimal text as saved, its format (percent!), and the files of WPS
and of exporters whose styles openpyxl refuses. Bounded before and while it is unpacked.

Hidden rows and columns are read like others (a filter hides rows, the template hides its own columns); hidden sheets
are not. A number is what Excel shows of it at most: 15 significant digits, so that the double of 0.1+0.2 is 0.3.
"""

import io
import posixpath
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import InvalidOperation
from typing import TypeAlias
from xml.parsers import expat

from services.ingest.limits import Limits, Unusable
from services.ingest.tables.cells import Attributes, SheetReader
from services.ingest.tables.grid import Row, Sheet
from services.ingest.tables.styles import Format, format_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_PARTS = 2000
Start: TypeAlias = Callable[[str, Attributes], None]
Text: TypeAlias = Callable[[str], None]


def read(body: bytes, limits: Limits) -> list[Sheet]:
    """The visible sheets, in order. Unusable: 400 for what is no workbook, 413 for one that is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as package:
            limits.check_unpacked(sum(part.file_size for part in package.infolist()))
            if len(package.infolist()) > _MOST_PARTS:
                raise broken("more than 2000 parts")
            return [*_Book(package, limits).sheets()]
    except (zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError) as error:
        raise broken(str(error)) from error
    except (KeyError, ValueError, IndexError, InvalidOperation, NotImplementedError, RuntimeError) as error:
        raise broken(f"{type(error).__name__}: {error}") from error


def broken(why: str) -> Unusable:
    zh = f"不是可读取的 .xlsx 文件({why[:120]})；请在 Excel 或 WPS 中打开，另存为“Excel 工作簿(.xlsx)”，不设密码"
    en = f"not a readable .xlsx ({why[:120]}); open it and save it as 'Excel workbook (.xlsx)', without a password"
    return Unusable(400, "malformed_workbook", zh, en)


@dataclass(slots=True)
class _Book:
    """The parts of one package, opened as they are needed."""

    package: zipfile.ZipFile
    limits: Limits
    strings: list[str] = field(default_factory=list)
    formats: list[Format] = field(default_factory=list)
    from_1904: bool = False
    cells: int = 0

    def sheets(self) -> Iterator[Sheet]:
        main = self._targets("", "officeDocument").popitem()[1]
        related = self._targets(main)
        named: list[tuple[str, str]] = []

        def start(name: str, given: Attributes) -> None:
            if name == "workbookPr":
                self.from_1904 = given.get("date1904", "0") in ("1", "true")
            if name == "sheet" and given.get("state", "visible") == "visible":
                named.append((given["name"], given["id"]))

        self._parse(main, start)
        names = {part.lower(): part for part in self.package.namelist()}
        for part in related.values():
            if part.lower().endswith("sharedstrings.xml") and part.lower() in names:
                self.strings = self._texts(names[part.lower()])
            if part.lower().endswith("styles.xml") and part.lower() in names:
                self.formats = self._styles(names[part.lower()])
        for name, key in named:
            if key in related and "worksheets/" in related[key].lower():
                yield Sheet(name.strip(), self._rows(related[key]))

    def _targets(self, part: str, kind: str = "") -> dict[str, str]:
        """Relation id → part, of those whose type ends with `kind`."""
        folder, name = posixpath.split(part)
        found: dict[str, str] = {}

        def start(element: str, given: Attributes) -> None:
            if element == "Relationship" and given.get("TargetMode") != "External" and given["Type"].endswith(kind):
                path = posixpath.normpath(posixpath.join("/", folder, given["Target"].replace("\\", "/")))
                found[given["Id"]] = path.lstrip("/")

        self._parse(posixpath.join(folder, "_rels", f"{name}.rels"), start)
        return found

    def _texts(self, part: str) -> list[str]:
        """The shared strings, without the readings printed over their characters."""
        texts: list[list[str]] = []
        inside: list[str] = []

        def start(name: str, _: Attributes) -> None:
            inside.append(name)
            if name == "si":
                texts.append([])

        def data(text: str) -> None:
            if inside[-1] == "t" and "rPh" not in inside:
                texts[-1].append(text)

        self._parse(part, start, lambda _: inside.__delitem__(-1), data)
        return ["".join(text) for text in texts]

    def _styles(self, part: str) -> list[Format]:
        codes: dict[int, str] = {}
        numbers: list[int] = []
        inside: list[str] = []

        def start(name: str, given: Attributes) -> None:
            inside.append(name)
            if name == "numFmt" and "numFmts" in inside:
                codes[int(given["numFmtId"])] = given.get("formatCode", "")
            if name == "xf" and "cellXfs" in inside:
                numbers.append(int(given.get("numFmtId", "0")))

        self._parse(part, start, lambda _: inside.__delitem__(-1))
        return [format_of(number, codes.get(number)) for number in numbers]

    def _rows(self, part: str) -> list[Row]:
        reader = SheetReader(self.strings, self.formats, self.count, from_1904=self.from_1904)
        self._parse(part, reader.start, reader.end, reader.data)
        reader.merge()
        return [Row(number, cells) for number, cells in sorted(reader.rows.items()) if cells]

    def _parse(self, part: str, start: Start, end: Text | None = None, data: Text | None = None) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True

        def doctype(*_: object) -> None:
            raise broken("a document type declaration")

        parser.StartDoctypeDeclHandler = doctype
        parser.StartElementHandler = lambda name, given: start(_local(name), {_local(k): v for k, v in given.items()})
        parser.EndElementHandler = (lambda name: end(_local(name))) if end else None
        parser.CharacterDataHandler = data
        with self.package.open(part) as stream:
            parser.ParseFile(stream)

    def count(self, row: int) -> None:
        self.cells += 1
        self.limits.check_cells(self.cells)
        self.limits.check_lines(row)


def _local(name: str) -> str:
    return name.rpartition(" ")[2]

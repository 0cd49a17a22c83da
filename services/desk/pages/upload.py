"""填报: the template of a unit's cells, the filled-in file checked before anything is sent, sent, and had back.

A file is kept between its check and its sending (uploads.py), so that a reload loses nothing and needs no script; the
outcomes appear by themselves where there is one (static/outcomes.js asks for the rows again until they are all there).
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.routing import BaseRoute

from contracts.operations.http import Problem
from contracts.periods import Frequency, ending, preceding
from services.desk.doors import Doors
from services.desk.pages.upload_rows import following, passed_over, rows_of
from services.desk.uploads import Upload, Uploads
from services.desk.visit import Visit

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST = 8 * 1024 * 1024  # bytes, as intake takes
_TOLD_HERE = (400, 413, 415)  # what is wrong with the file is told beside the form


def routes(doors: Doors) -> Sequence[BaseRoute]:
    """The page, the template, the check, and one file with its rows, its sending and its verdicts."""
    pages = _Pages(Uploads(doors.sessions.pool))
    return [
        doors.get("/upload", pages.show, "report"),
        doors.get("/upload/template", pages.template, "report"),
        doors.post("/upload/check", pages.check, "report"),
        doors.get("/upload/{upload}", pages.one, "report"),
        doors.get("/upload/{upload}/rows", pages.rows, "report"),
        doors.post("/upload/{upload}/send", pages.send, "report"),
        doors.get("/upload/{upload}/verdicts", pages.verdicts, "report"),
    ]


class _Pages:
    def __init__(self, uploads: Uploads) -> None:
        self._uploads = uploads

    async def show(self, visit: Visit) -> Response:
        """Choose, download, bring back; the files of before."""
        return await self._shown(visit)

    async def _shown(self, visit: Visit, status: int = 200, refused: Problem | None = None) -> Response:
        units = units_of(visit)
        periods = periods_of(visit)
        return await visit.render(
            "upload.html",
            status,
            reporters=units,
            unit=_chosen(visit, "unit", list(units)),
            periods=periods,
            period=_chosen(visit, "period", periods[1:] or periods),
            files=await self._uploads.newest(visit.person.subject),
            refused={"zh": refused.zh, "en": refused.en, "code": refused.code} if refused else None,
        )

    async def template(self, visit: Visit) -> Response:
        """The workbook as metrics makes it."""
        units, periods = units_of(visit), periods_of(visit)
        unit, period = _chosen(visit, "unit", list(units)), _chosen(visit, "period", periods[1:] or periods)
        path = f"/v1/programmes/{visit.lookup.programme.id}/templates/{unit}"
        made = await visit.api.raw("metrics", path, period=period)
        name = made.headers.get("content-disposition", "attachment")
        return Response(made.content, headers={"Content-Disposition": name}, media_type=XLSX)

    async def check(self, visit: Visit) -> Response:
        """The dry run: nothing is sent; on to the page of the file."""
        file = visit.form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            return await self._shown(visit, 400, _no_file())
        if (file.size or 0) > _MOST:
            return await self._shown(visit, 413, _too_large())
        content = await file.read()
        media = XLSX if content[:2] == b"PK" else "text/csv"
        try:
            checked = await _post(visit, content, media, dry_run=True)
        except Problem as problem:
            if problem.status not in _TOLD_HERE:
                raise
            return await self._shown(visit, problem.status, problem)
        upload = await self._uploads.keep(
            visit.person.subject, visit.person.unit or "", file.filename[:200], media, content, checked,
            visit.showing.now(),
        )  # fmt: skip
        return visit.redirect(f"/upload/{upload}")

    async def one(self, visit: Visit) -> Response:
        """A file row by row; with a button as long as it is not sent."""
        found = await self._found(visit)
        return await visit.render(
            "upload_file.html", file=found, passed=passed_over(found.said), **await self._rows(visit, found)
        )

    async def rows(self, visit: Visit) -> Response:
        """The rows alone, for the script."""
        found = await self._found(visit)
        return await visit.render("upload_rows.html", file=found, **await self._rows(visit, found))

    async def send(self, visit: Visit) -> Response:
        """The same bytes as were checked; said twice they are the same reports (rule 2.7)."""
        found = await self._found(visit)
        if found.answer is None:
            answer = await visit.api.act(
                "ingest", "/v1/reports", act="report", target=f"upload {found.upload}",
                detail={"file": found.name}, content=found.content, headers={"Content-Type": found.media},
            )  # fmt: skip
            await self._uploads.sent(found.upload, answer, visit.showing.now())
        return visit.redirect(f"/upload/{found.upload}")

    async def verdicts(self, visit: Visit) -> Response:
        """The file with what became of each row beside it."""
        found = await self._found(visit)
        outcomes = await _outcomes(visit, found)
        said = {"file": b64encode(found.content).decode(), "answer": found.said, "outcomes": outcomes}
        back = await visit.api.ask("ingest", "/v1/reports/annotated", json=said)
        name = {"Content-Disposition": 'attachment; filename="verdicts.xlsx"'}
        return Response(back.content, headers=name, media_type=XLSX)

    async def _found(self, visit: Visit) -> Upload:
        found = await self._uploads.find(visit.person.subject, visit.request.path_params["upload"])
        if found is None:
            raise Problem(404, "unknown_upload", "没有这个文件(保留 30 天)", "there is no such file (kept for 30 days)")
        return found

    async def _rows(self, visit: Visit, found: Upload) -> dict[str, Any]:
        outcomes = await _outcomes(visit, found)
        return {"rows": rows_of(found.said, outcomes, visit.lookup), "following": following(found.said, outcomes)}


async def _post(visit: Visit, content: bytes, media: str, *, dry_run: bool) -> dict[str, Any]:
    params = {"dry_run": str(dry_run).lower()}
    answer = await visit.api.ask(
        "ingest", "/v1/reports", params=params, content=content, headers={"Content-Type": media}
    )
    found: dict[str, Any] = answer.json()
    return found


async def _outcomes(visit: Visit, found: Upload) -> list[Mapping[str, Any]]:
    """What recording has said by now; nothing before it has seen the first."""
    receipt = found.answer.get("receipt") if found.answer is not None else None
    if receipt is None:
        return []
    try:
        items: list[Mapping[str, Any]] = (await visit.api.get("metrics", f"/v1/receipts/{receipt}"))["items"]
    except Problem as problem:
        if problem.status != 404:
            raise
        return []
    return items


def units_of(visit: Visit) -> dict[str, Any]:
    """The units a person may fill in for, by their names: the own one, or all for who may report everywhere."""
    lookup = visit.lookup
    districts = {each.id: each.name for each in lookup.districts.values() if each.reports}
    names = {**{each.id: each.name for each in lookup.departments.values()}, **districts}
    return {visit.person.unit: names[visit.person.unit]} if visit.person.unit in names else names


def periods_of(visit: Visit) -> list[str]:
    """The month that runs and those before it, the newest first, as far as the programme goes back."""
    programme = visit.lookup.programme
    day = min(visit.showing.now().date(), programme.last_day)
    period, found = ending(Frequency.MONTHLY, day), list[str]()
    while period.end >= programme.first_day:
        found.append(period.text)
        period = preceding(period)
    return found or [ending(Frequency.MONTHLY, programme.first_day).text]


def _chosen(visit: Visit, name: str, among: Sequence[str]) -> str:
    """What the query names, if it may be; else the first."""
    said = visit.request.query_params.get(name)
    return said if said is not None and (said in among or name == "period") else among[0]


def _no_file() -> Problem:
    return Problem(400, "no_file", "请先选择要上传的文件(.xlsx 或 .csv)", "choose a file first (.xlsx or .csv)")


def _too_large() -> Problem:
    return Problem(
        413, "body_too_large", "文件不得超过 8 MB；请只保留要报送的工作表", "at most 8 MB; keep only the sheet to send"
    )

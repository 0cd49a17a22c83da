"""People at the pages of the whole platform, on its real parts and in a real Chromium: what a test's people press.

async with walking(place, "major_projects_investment") as walk:
    clerk = await walk.somebody("district_clerk", "deqing")
    await clerk.reports("2023-01", major_projects_investment="1.2")
    await walk.day("2023-02-06")
"""

import asyncio
import contextlib
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import load_workbook
from playwright.async_api import Browser, Download, Locator, Page, expect

from contracts.operations.database import make_pool
from services.desk.people import People, Person
from services.desk.sessions import Sessions
from tests.support.acting_path import Acts
from tests.support.looking import chromium, held_to_axe, opened, shot
from tests.support.project_path import Platform, platform
from tests.support.smaller import smaller

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PATIENCE = 30_000.0  # milliseconds for what the other services have to do first


@dataclass
class Somebody:
    """A person before the pages; `complaints` are the browser's."""

    page: Page
    url: str
    complaints: list[str]

    async def goes(self, path: str) -> Page:
        """Open a page by its address."""
        await self.page.goto(self.url + path)
        return self.page

    async def follows(self, name: str) -> None:
        """Follow the first link of that name."""
        await self.page.get_by_role("link", name=name).first.click()

    async def presses(self, name: str, within: Locator | None = None) -> None:
        """Press the button of exactly that name."""
        await (within or self.page).get_by_role("button", name=name, exact=True).first.click()

    async def template(self, period: str) -> bytes:
        """Choose a period and download the unit's Excel template."""
        await self.goes("/upload")
        await self.page.get_by_label("统计期").select_option(period)
        async with self.page.expect_download() as coming:
            await self.presses("下载 Excel 模板")
        return await content(await coming.value)

    async def brings(self, file: bytes, name: str) -> Locator:
        """Drop a file and have it checked; the rows of what is said of it."""
        await self.goes("/upload")
        await self.page.set_input_files("#file", {"name": name, "mimeType": XLSX, "buffer": file})
        await self.presses("检查")
        return self.page.locator("table.verdicts tbody tr")

    async def sends(self, rows: int) -> None:
        """Confirm, and wait until every outcome is there."""
        await self.presses(f"确认报送 {rows} 行")
        await expect(self.page.locator("#outcomes [role=status]")).to_contain_text("入库结果已齐", timeout=PATIENCE)

    async def reports(self, period: str, **values: str) -> None:
        """A month of the unit, from template to outcome."""
        await self.brings(filled(await self.template(period), **values), f"{period}.xlsx")
        await self.sends(len(values))

    async def acts(self, act: str, button: str, **fields: str) -> None:
        """Fill in the form of an act on the open ticket, press its button, and be told that it is done."""
        form = self.page.locator(f"details#{act}")
        if await form.get_attribute("open") is None:
            await form.locator("summary").click()
        for label, value in fields.items():
            field_ = form.get_by_label(label)
            if await field_.evaluate("each => each.tagName") == "SELECT":
                await field_.select_option(value)
            else:
                await field_.fill(value)
        await self.presses(button, form)
        await expect(self.page.locator(".told")).to_contain_text(f"已办理：{button}")

    async def sees(self, name: str) -> None:
        """Keep a picture where one is wanted, and hold the page to axe-core."""
        await shot(self.page, f"day-{name}")
        await held_to_axe(self.page)


@dataclass
class Walk:
    """The platform, its browser, and its people."""

    platform: Platform
    browser: Browser
    sessions: Sessions
    people: People
    everybody: list[Somebody] = field(default_factory=list)

    @property
    def url(self) -> str:
        return self.platform.stack.desk.url

    async def person(self, role: str, unit: str | None = None) -> str:
        """Somebody is entered; the person's id."""
        subject = f"{role}-{unit or 'office'}".replace("_", "-")
        await self.people.put([Person(subject=subject, name=f"{unit or '办公室'}·{role}", role=role, unit=unit)])
        return subject

    async def somebody(self, role: str, unit: str | None = None) -> Somebody:
        """Somebody who is signed in, at the start page."""
        secret = await self.sessions.begin(await self.person(role, unit), "link")
        page, complaints = await opened(self.browser, self.url, secret)
        self.everybody.append(Somebody(page, self.url, complaints))
        return self.everybody[-1]

    async def day(self, day: str, clock: str = "12:00") -> None:
        """It is that day, and everything due before it is judged."""
        await asyncio.to_thread(Acts(self.platform).judge, day, clock)


@contextlib.asynccontextmanager
async def walking(place: Path, *indicators: str) -> AsyncIterator[Walk]:
    """The stack with these indicators alone, at the first instant of 2023."""
    catalogue = smaller(place / "catalogue", *indicators)
    said = {"LIANGSHAI_CATALOGUE": str(catalogue), "LIANGSHAI_SIMULATED": "1"}
    started = platform(said, officials=True)
    running = await asyncio.to_thread(started.__enter__)
    try:
        async with (
            make_pool(running.stack.database, application="tests", size=2) as pool,
            chromium() as browser,
        ):
            yield Walk(running, browser, Sessions(pool), People(pool))
    finally:
        await asyncio.to_thread(started.__exit__, None, None, None)


def filled(template: bytes, **values: object) -> bytes:
    """The template with these values in its input column, by indicator."""
    book = load_workbook(io.BytesIO(template))
    sheet = book.active
    column = next(cell.column for cell in sheet[3] if str(cell.value).startswith("完成值"))
    for row in sheet.iter_rows(min_row=4):
        if row[0].value in values:
            sheet.cell(row[0].row, column).value = values[row[0].value]
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


async def content(download: Download) -> bytes:
    """The bytes of a file that the browser was given."""
    return await asyncio.to_thread(Path(await download.path()).read_bytes)

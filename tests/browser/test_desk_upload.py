"""A clerk's file in a real Chromium on real parts: template, filled in, checked, sent, recorded, had back."""

import asyncio
import io
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import axe_playwright_python
import pytest
import pytest_asyncio
from aiokafka.admin import AIOKafkaAdminClient
from openpyxl import load_workbook
from playwright.async_api import (
    Browser,
    BrowserContext,
    Download,
    FilePayload,
    Page,
    ViewportSize,
    expect,
)

from contracts import topics
from contracts.operations.clock import drive
from contracts.operations.process import serve
from contracts.passes import make_keys
from contracts.periods import SHANGHAI
from deploy.local.kafka import Kafka
from deploy.local.ports import free_ports
from services.desk.sessions import Sessions
from services.metrics.app import build_app
from services.metrics.settings import Settings
from tests.support.desk import Desk, desk
from tests.support.ingesting import ingesting
from tests.support.looking import chromium
from tests.support.waiting import eventually
from tests.support.walking import filled

pytestmark = pytest.mark.asyncio(loop_scope="module")

SHOTS = Path(os.environ["LIANGSHAI_SCREENSHOTS"]) if "LIANGSHAI_SCREENSHOTS" in os.environ else None
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
GRAVE = ("serious", "critical")
SIZES: dict[str, ViewportSize] = {
    "wall": {"width": 1920, "height": 1080},
    "laptop": {"width": 1366, "height": 768},
    "phone": {"width": 390, "height": 844},
}
NOW = datetime(2023, 7, 20, 9, tzinfo=SHANGHAI)  # June is over and not locked yet
CLERK, UNIT = "district_clerk", "deqing"
INVESTMENT, PROJECTS = "major_projects_investment", "major_projects"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stack(
    own_kafka: Kafka, module_database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    """Ingest, metrics and the desk, each as it runs, in July 2023."""
    place = tmp_path_factory.mktemp("stack")
    make_keys(place / "private.json", place / "public.json")
    admin = AIOKafkaAdminClient(bootstrap_servers=own_kafka.bootstrap)
    await admin.start()
    await topics.create(admin)
    await admin.close()
    drive(place / "clock", NOW)
    port, operations = free_ports(2)
    settings = Settings(
        kafka=own_kafka.bootstrap, database=module_database, tokens=place / "tokens.yaml", clock=place / "clock",
        passes=place / "public.json", port=port, operations_port=operations,
    )  # fmt: skip
    metrics = f"http://127.0.0.1:{port}"
    passes = place / "public.json"
    async with ingesting(
        own_kafka.bootstrap, place, clock=place / "clock", metrics_url=metrics, passes=passes
    ) as running:
        stop = asyncio.Event()
        task = asyncio.create_task(serve(build_app(settings), stop=stop))
        urls = {"ingest": str(running.client.base_url).rstrip("/"), "metrics": metrics, "alerts": "http://127.0.0.1:9"}
        try:
            await eventually(running.ready)
            async with desk(module_database, now=NOW, listening=True, urls=urls, key=place / "private.json") as it:
                yield it
        finally:
            stop.set()
            await task


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    async with chromium() as found:
        yield found


@dataclass
class Clerk:
    """A signed-in page, and what its console complained of."""

    page: Page
    complaints: list[str]

    async def shot(self, name: str) -> None:
        """Pictures at every size where LIANGSHAI_SCREENSHOTS says; nowhere is the page wider than its window, nowhere
        does axe-core find something serious."""
        await self.page.evaluate(AXE.read_text("utf-8"))  # evaluated, not loaded: the page's policy holds
        for size, viewport in SIZES.items():
            await self.page.set_viewport_size(viewport)
            wide = await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert wide <= 0, f"{name} on a {size} is {wide} px too wide"
            found = (await self.page.evaluate("axe.run()"))["violations"]
            grave = [f"{each['id']}: {each['nodes'][0]['html'][:200]}" for each in found if each["impact"] in GRAVE]
            assert not grave, f"{name} on a {size}: {grave}"
            if SHOTS is not None:
                await self.page.screenshot(path=SHOTS / f"upload-{name}-{size}.png", full_page=True)


async def _arrived(stack: Desk, browser: Browser, language: str) -> Clerk:
    """Deqing's clerk, signed in, on the page."""
    person = await stack.person(CLERK, UNIT)
    secret = await Sessions(stack.pool).begin(person.subject, "link")
    context: BrowserContext = await browser.new_context(accept_downloads=True, locale="zh-CN")
    await context.add_cookies([{"name": "liangshai", "value": secret, "url": stack.settings.url}])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(f"{stack.settings.url}/upload?lang={language}")
    return Clerk(page, complaints)


async def _template(clerk: Clerk, button: str) -> bytes:
    """Choose June and download."""
    await clerk.page.select_option("#period", "2023-06")
    async with clerk.page.expect_download() as coming:
        await clerk.page.get_by_role("button", name=button).click()
    return await _bytes(await coming.value)


async def _bytes(download: Download) -> bytes:
    return await asyncio.to_thread(Path(await download.path()).read_bytes)


async def _bring(clerk: Clerk, content: bytes, button: str) -> None:
    """Choose the file and press the button from the keyboard."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    await clerk.page.set_input_files("#file", {"name": "德清县6月.xlsx", "mimeType": kind, "buffer": content})
    await clerk.page.get_by_role("button", name=button, exact=True).focus()
    await clerk.page.keyboard.press("Enter")


async def test_a_clerks_day(stack: Desk, browser: Browser) -> None:
    """Template → filled in, one cell wrong → the check names it and sends nothing → sent by keyboard → the outcome
    appears by itself → the file has the verdicts beside its rows → mended and sent again, the rest is known."""
    clerk = await _arrived(stack, browser, "zh")
    await clerk.shot("zh")
    template = await _template(clerk, "下载 Excel 模板")
    await _bring(clerk, filled(template, **{INVESTMENT: 6.35, PROJECTS: "约3"}), "检查")
    rows = clerk.page.locator("table.verdicts tbody tr")
    await expect(clerk.page.locator(".told")).to_contain_text("1 行可以报送，1 行有误。尚未报送。")
    await expect(rows.filter(has_text="重点(重大)项目完成投资额")).to_contain_text("可以报送")
    await expect(rows.filter(has_text="unreadable_number")).to_contain_text("请填一个确定的数")
    await expect(rows.filter(has_text="unreadable_number").locator("th")).to_contain_text("填报!")
    await clerk.shot("checked-zh")
    await clerk.page.get_by_role("button", name="确认报送 1 行").focus()
    await clerk.page.keyboard.press("Enter")
    await expect(rows.filter(has_text="重点(重大)项目完成投资额")).to_contain_text("已入库")
    await expect(clerk.page.locator("#outcomes [role=status]")).to_contain_text("入库结果已齐")
    await clerk.shot("sent-zh")
    async with clerk.page.expect_download() as coming:
        await clerk.page.get_by_role("link", name="下载带结果的文件").click()
    back = load_workbook(io.BytesIO(await _bytes(await coming.value))).active
    told = {row[0].value: [cell.value for cell in row] for row in back.iter_rows(min_row=4)}
    assert "✓ 已接收 accepted" in told[INVESTMENT]
    assert "已入库 applied" in told[INVESTMENT]
    assert "✗ 退回 rejected" in told[PROJECTS]
    await clerk.page.get_by_role("link", name="上传另一个文件").click()
    await _bring(clerk, filled(template, **{INVESTMENT: 6.35, PROJECTS: 3}), "检查")
    await clerk.page.get_by_role("button", name="确认报送 2 行").click()
    await expect(rows.filter(has_text="重点(重大)项目数")).to_contain_text("已入库")
    await expect(rows.filter(has_text="重点(重大)项目完成投资额")).to_contain_text("重复")
    assert not clerk.complaints
    await clerk.page.context.close()


async def test_the_same_in_english(stack: Desk, browser: Browser) -> None:
    """The page, the remedy, the refusal of a file that is none: all in English."""
    clerk = await _arrived(stack, browser, "en")
    await clerk.shot("en")
    template = await _template(clerk, "Download the Excel template")
    await _bring(clerk, filled(template, **{INVESTMENT: "about 3", PROJECTS: 4}), "Check")
    await expect(clerk.page.locator(".told")).to_contain_text("Can be sent: 1. With mistakes: 1.")
    row = clerk.page.locator("table.verdicts tbody tr").filter(has_text="unreadable_number")
    await expect(row).to_contain_text("write digits alone")
    await clerk.shot("checked-en")
    await clerk.page.goto(f"{stack.settings.url}/upload")
    old: FilePayload = {
        "name": "old.xls",
        "mimeType": "application/vnd.ms-excel",
        "buffer": bytes.fromhex("d0cf11e0a1b11ae1"),
    }
    await clerk.page.set_input_files("#file", old)
    await clerk.page.get_by_role("button", name="Check", exact=True).click()
    await expect(clerk.page.get_by_role("alert")).to_contain_text("save it as 'Excel workbook (.xlsx)'")
    await clerk.shot("refused-en")
    assert [each for each in clerk.complaints if "415" not in each] == []
    await clerk.page.context.close()

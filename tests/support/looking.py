"""Looking at pages in Debian's Chromium: a browser that is signed in, its complaints, what axe-core finds, pictures.

async with chromium() as browser:
    page, complaints = await opened(browser, "http://127.0.0.1:8104/", secret, size=PHONE)
    await held_to_axe(page)
    await shot(page, "home-zh")
"""

import contextlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import axe_playwright_python
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

CHROMIUM = os.environ.get("LIANGSHAI_CHROMIUM", "/usr/bin/chromium-headless-shell")
QUIET = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-extensions"),
    "--disable-features=SpareRendererForSitePerProcess",  # a page more for each one opened
)
SCREEN: ViewportSize = {"width": 1920, "height": 1080}
LAPTOP: ViewportSize = {"width": 1366, "height": 768}
PHONE: ViewportSize = {"width": 390, "height": 844}
SIZES = {"screen": SCREEN, "laptop": LAPTOP, "phone": PHONE}
SHOTS = Path(os.environ["LIANGSHAI_SCREENSHOTS"]) if "LIANGSHAI_SCREENSHOTS" in os.environ else None
_AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
_SERIOUS = ("serious", "critical")


@contextlib.asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """The browser, once for a module."""
    expect.set_options(timeout=30_000)  # on a busy machine a page takes seconds
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        await found.close()


async def opened(
    browser: Browser, url: str, secret: str | None = None, *, size: ViewportSize = LAPTOP
) -> tuple[Page, list[str]]:
    """A page of a new browser context, signed in with a session's secret, and what its console complained of."""
    context = await browser.new_context(viewport=size)
    if secret is not None:
        host = urlsplit(url)
        await context.add_cookies([{"name": "liangshai", "value": secret, "url": f"{host.scheme}://{host.netloc}"}])
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    await page.goto(url)
    return page, complaints


async def held_to_axe(page: Page) -> None:
    """AssertionError when axe-core finds something serious. It is evaluated, not loaded: the page's policy holds."""
    await page.evaluate(_AXE.read_text("utf-8"))
    found: list[dict[str, Any]] = (await page.evaluate("axe.run()"))["violations"]
    grave = [
        f"{each['id']} ({each['impact']}): {[node['html'][:200] for node in each['nodes'][:4]]}"
        for each in found
        if each["impact"] in _SERIOUS
    ]
    assert not grave, f"{page.url}\n" + "\n".join(grave)


async def fits(page: Page) -> None:
    """AssertionError when the page scrolls sideways, or a text is cut off."""
    size = await page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
    assert size[0] <= size[1], f"{page.url} is {size[0]} wide on a screen of {size[1]}"


async def shot(page: Page, name: str) -> None:
    """Keep a picture where LIANGSHAI_SCREENSHOTS says."""
    if SHOTS is not None:
        SHOTS.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=SHOTS / f"{name}.png", full_page=True)

"""The desk in a real Chromium: signing in with an account at a real OpenID Connect provider."""

from pathlib import Path

from playwright.async_api import expect

from services.desk.settings import Provider
from tests.integration.desk.test_home import DISTRICT, SERVICES
from tests.support.desk import desk
from tests.support.looking import chromium, opened
from tests.support.provider import provider, registered


async def test_an_account_signs_in(database: str, tmp_path: Path) -> None:
    """Off to a real provider, the name given there, back and in, at the page that was wanted."""
    with provider() as issuer:

        def provided(back: str) -> Provider:
            client, file = registered(issuer, back, tmp_path)
            return Provider(issuer=issuer, client=client, secret=file)

        async with desk(database, SERVICES, listening=True, provided=provided) as one, chromium() as browser:
            await one.person("district_lead", DISTRICT, login="li.ming")
            page, _ = await opened(browser, f"{one.settings.url}/?lang=en")
            await page.route(lambda url: "//127.0.0.1:" not in url, lambda route: route.abort())  # its page's fonts
            await page.get_by_role("link", name="使用单位账号登录").click()
            await page.locator("input[name=sub]").fill("li.ming")
            await page.locator("button[type=submit]").first.click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Good day, 李明")
            await expect(page).to_have_url(f"{one.settings.url}/?lang=en")

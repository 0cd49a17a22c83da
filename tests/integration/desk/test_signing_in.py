"""One-time links, sessions, forms: who gets in, for how long, and what a stranger's page cannot make a browser do."""

import re

import httpx
import pytest

from services.desk.security import POLICY
from services.desk.sessions import Sessions
from services.desk.signing_in import safe
from tests.support.desk import Desk, csrf_of, desk


async def redeemed(it: Desk, client: httpx.AsyncClient, key: str) -> httpx.Response:
    """Press the button of a link's page."""
    return await client.post("/sign-in/link", data={"key": key}, headers={"Origin": it.settings.url})


async def test_a_link_lets_in_once(database: str) -> None:
    """Opened it only asks; the button signs in; a second use is refused with the reason; the trail has both."""
    async with desk(database) as it:
        person = await it.person("leader")
        key = await Sessions(it.pool).invite(person.subject, "test")
        client, thief = it.open(), it.open()
        assert (await client.get(f"/sign-in/link?key={key}")).status_code == 200
        let_in = await redeemed(it, client, key)
        assert (let_in.status_code, let_in.headers["location"]) == (303, "/")
        assert "李明" in (await client.get("/")).text
        again = await redeemed(it, thief, key)
        assert again.status_code == 403
        assert "link_used" in again.text
        trail = await it.pool.fetch("SELECT subject, act, target, outcome FROM desk.audit ORDER BY position")
    assert [tuple(row) for row in trail] == [
        (person.subject, "sign_in", "link", "done"),
        (None, "sign_in", "link", "link_used"),
    ]


@pytest.mark.parametrize("ruin", ["expires_at = now()", "used_at = now()"])
async def test_an_old_link_is_refused(database: str, ruin: str) -> None:
    """A link that has expired or was used lets nobody in."""
    async with desk(database) as it:
        person = await it.person("leader")
        key = await Sessions(it.pool).invite(person.subject, "test")
        await it.pool.execute(f"UPDATE desk.link SET {ruin}")
        assert await Sessions(it.pool).redeem(key) is None


async def test_a_newer_link_replaces_the_older(database: str) -> None:
    """Only the newest link of a person works."""
    async with desk(database) as it:
        person = await it.person("leader")
        sessions = Sessions(it.pool)
        old, new = [await sessions.invite(person.subject, "test") for _ in range(2)]
        assert await sessions.redeem(old) is None
        assert await sessions.redeem(new) == person.subject


async def test_nobody_passes_unsigned(database: str) -> None:
    """Each page sends a stranger to sign in and remembers where to go; a made-up cookie is a stranger's."""
    async with desk(database) as it:
        client = it.open()
        assert (await client.get("/?x=1")).headers["location"] == "/sign-in?next=%2F%3Fx%3D1"
        client.cookies.set("liangshai", "made-up")
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize("ruin", ["seen_at = now() - interval '2 hours'", "began_at = now() - interval '12 hours'"])
async def test_sessions_end(database: str, ruin: str) -> None:
    """Two hours idle or twelve in all, and one has to sign in again."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        assert (await client.get("/")).status_code == 200
        await it.pool.execute(f"UPDATE desk.session SET {ruin}")
        assert (await client.get("/")).status_code == 303


async def test_use_keeps_a_session_alive(database: str) -> None:
    """A request after an idle hour counts as use."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        await it.pool.execute("UPDATE desk.session SET seen_at = now() - interval '1 hour'")
        await client.get("/")
        assert await it.pool.fetchval("SELECT seen_at > now() - interval '1 min' FROM desk.session")


async def test_signing_out_ends_the_session_on_the_server(database: str) -> None:
    """The cookie that was copied before is worth nothing afterwards."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        copied = client.cookies["liangshai"]
        out = await it.post(client, "/sign-out")
        assert out.headers["location"] == "/sign-in"
        client.cookies.set("liangshai", copied)
        assert (await client.get("/")).status_code == 303


async def test_who_is_dismissed_or_moved_is_signed_out(database: str) -> None:
    """A change of role, unit or right to sign in ends the person's sessions at once."""
    async with desk(database) as it:
        client = await it.signed_in("district_clerk", "deqing")
        await it.person("district_clerk", "deqing", active=False)
        assert (await client.get("/")).status_code == 303


@pytest.mark.parametrize("origin", ["https://evil.example", "null", None])
async def test_a_form_of_another_site_is_refused(database: str, origin: str | None) -> None:
    """With the right field but another Origin (or none): 403, and the session goes on."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        csrf = csrf_of((await client.get("/")).text)
        headers = {"Origin": origin} if origin else {}
        answer = await client.post("/sign-out", data={"csrf": csrf}, headers=headers)
        assert (answer.status_code, "forged_form" in answer.text) == (403, True)
        assert (await client.get("/")).status_code == 200


@pytest.mark.parametrize("csrf", ["", "other"])
async def test_a_form_without_its_field_is_refused(database: str, csrf: str) -> None:
    """Our own Origin but not this session's field: 403."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        answer = await client.post("/sign-out", data={"csrf": csrf}, headers={"Origin": it.settings.url})
        assert answer.status_code == 403


async def test_tries_are_few(database: str) -> None:
    """The eleventh try within a minute is put off: 429 and Retry-After, whether the link is good or not."""
    async with desk(database) as it:
        client = it.open()
        found = [(await redeemed(it, client, "guess")).status_code for _ in range(10)]
        held = await redeemed(it, client, "guess")
    assert found == [403] * 10
    assert held.status_code == 429
    assert int(held.headers["retry-after"]) > 0


async def test_every_answer_is_hardened(database: str) -> None:
    """Pages, files and refusals carry the policy; a page holds no inline script or style; pages are not kept."""
    async with desk(database) as it:
        client = await it.signed_in("leader")
        page = await client.get("/")
        css = await client.get(re.findall(r'href="(/static/[^"]+)"', page.text)[0])
        for answer in (page, css, await client.get("/nowhere"), await client.get("/sign-in")):
            assert answer.headers["content-security-policy"] == POLICY
            assert answer.headers["x-content-type-options"] == "nosniff"
    assert page.headers["cache-control"] == "no-store"
    assert "immutable" in css.headers["cache-control"]
    assert not re.search(r"<script(?![^>]*src=)|<style| style=| on\w+=", page.text)


async def test_the_cookie_is_for_the_browser_alone(database: str) -> None:
    """HttpOnly and SameSite; over plain http on this machine without Secure, which browsers would not send back."""
    async with desk(database) as it:
        person = await it.person("leader")
        key = await Sessions(it.pool).invite(person.subject, "test")
        answer = await redeemed(it, it.open(), key)
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("liangshai=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie


@pytest.mark.parametrize("path", ["https://evil.example", "//evil.example", "/\\evil.example", "x", None, "/\n"])
def test_signing_in_leads_to_no_other_site(path: str | None) -> None:
    """What follows signing in is a path of ours."""
    assert safe(path) == "/"
    assert safe("/tickets?state=OPEN") == "/tickets?state=OPEN"


async def test_in_the_demo_anybody_may_be_anybody(database: str) -> None:
    """Its sign-in page lists the people with their roles; one press and one is in. Not from another site."""
    async with desk(database, demo=True) as it:
        await it.person("district_lead", "deqing")
        client = it.open()
        page = (await client.get("/sign-in")).text
        assert "区县负责人 · 德清县" in page
        form = {"subject": "district_lead-deqing"}
        forged = await client.post("/sign-in/demo", data=form, headers={"Origin": "https://evil.example"})
        assert forged.status_code == 403
        stranger = await client.post("/sign-in/demo", data={"subject": "nobody"}, headers={"Origin": it.settings.url})
        assert stranger.status_code == 403
        await client.post("/sign-in/demo", data=form, headers={"Origin": it.settings.url})
        assert "您好" in (await client.get("/")).text


async def test_outside_the_demo_nobody_is_listed(database: str) -> None:
    """The page names no people, and there is no such way in."""
    async with desk(database) as it:
        await it.person("district_lead", "deqing")
        assert "李明" not in (await it.open().get("/sign-in")).text
        answer = await it.open().post("/sign-in/demo", data={"subject": "district_lead-deqing"})
    assert answer.status_code == 404

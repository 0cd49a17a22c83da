"""Signing in through a real OpenID Connect provider that demands PKCE, a registered client and a nonce."""

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc.errors import InvalidClaimError

from contracts.operations.connections import Unavailable
from services.desk import arriving
from services.desk.provider import IdentityProvider, NotVerified
from services.desk.settings import Provider
from tests.support.desk import Desk, desk
from tests.support.provider import provider, registered


@pytest.fixture(scope="module")
def issuer() -> Iterator[str]:
    with provider() as url:
        yield url


@dataclass
class Both:
    """A desk and its provider."""

    desk: Desk
    issuer: str

    async def away(self, client: httpx.AsyncClient, following: str = "/") -> str:
        """Set off: the provider's address."""
        answer = await client.get("/sign-in/provider", params={"next": following})
        assert answer.status_code == 303, answer.text
        return answer.headers["location"]

    async def back(self, address: str, login: str) -> str:
        """Sign in at the provider: where it sends the browser, as path and query."""
        async with httpx.AsyncClient(trust_env=False, timeout=30) as browser:
            answer = await browser.post(address, data={"sub": login})
        found = urlsplit(answer.headers["location"])
        return f"{found.path}?{found.query}"

    async def outcomes(self) -> list[str]:
        """What the trail says of the tries."""
        return [row["outcome"] for row in await self.desk.pool.fetch("SELECT outcome FROM desk.audit")]


@pytest.fixture
async def both(database: str, issuer: str, tmp_path: Path) -> AsyncIterator[Both]:
    async with desk(database, provided=lambda back: _registered(issuer, back, tmp_path)) as it:
        yield Both(it, issuer)


def _registered(issuer: str, back: str, folder: Path) -> Provider:
    client, secret = registered(issuer, back, folder)
    return Provider(issuer=issuer, client=client, secret=secret)


async def test_a_person_signs_in_with_the_account(both: Both) -> None:
    """Off with PKCE, state and nonce, back with a code: signed in, at the page that was wanted; the trail says so."""
    await both.desk.person("leader", login="li.ming")
    client = both.desk.open()
    away = await both.away(client, "/?lang=en")
    asked = parse_qs(urlsplit(away).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} < asked.keys()
    back = await client.get(await both.back(away, "li.ming"))
    assert (back.status_code, back.headers["location"]) == (303, "/?lang=en")
    assert "Good day" in (await client.get("/?lang=en")).text
    assert await both.outcomes() == ["done"]


async def test_who_is_not_entered_stays_out(both: Both) -> None:
    """The provider knows the person, the desk does not; a person who was dismissed neither."""
    await both.desk.person("leader", login="gone", active=False)
    for login in ("stranger", "gone"):
        client = both.desk.open()
        answer = await client.get(await both.back(await both.away(client), login))
        assert answer.status_code == 403
        assert "person_unknown" in answer.text
    assert await both.outcomes() == ["person_unknown", "person_unknown"]


async def test_another_browser_cannot_end_what_one_began(both: Both) -> None:
    """Whoever is sent a foreign way back is not signed in by it (no cookie of the flow), and the flow goes on."""
    await both.desk.person("leader", login="li.ming")
    client, victim = both.desk.open(), both.desk.open()
    back = await both.back(await both.away(client), "li.ming")
    assert (await victim.get(back)).status_code == 403
    assert (await client.get(back)).status_code == 303


async def test_a_way_back_is_gone_once(both: Both) -> None:
    """The same code and state a second time: refused."""
    await both.desk.person("leader", login="li.ming")
    client = both.desk.open()
    back = await both.back(await both.away(client), "li.ming")
    await client.get(back)
    again = await client.get(back)
    assert (again.status_code, "flow_unknown" in again.text) == (403, True)


async def test_a_code_that_is_not_ours_is_refused(both: Both) -> None:
    """A stolen code fails at the provider: it was asked with another challenge."""
    await both.desk.person("leader", login="li.ming")
    thief, client = both.desk.open(), both.desk.open()
    stolen = re.search(r"code=([^&]+)", await both.back(await both.away(client), "li.ming"))
    assert stolen
    state = parse_qs(urlsplit(await both.away(thief)).query)["state"][0]
    answer = await thief.get(f"/sign-in/back?code={stolen[1]}&state={state}")
    assert (answer.status_code, "code_refused" in answer.text) == (403, True)


async def test_who_says_no_at_the_provider_is_told(both: Both) -> None:
    """`error` in the way back: a page, and a line in the trail."""
    client = both.desk.open()
    state = parse_qs(urlsplit(await both.away(client)).query)["state"][0]
    answer = await client.get(f"/sign-in/back?error=access_denied&state={state}")
    assert (answer.status_code, "provider_refused" in answer.text) == (403, True)


async def test_the_id_token_is_held_to_what_was_asked(both: Both) -> None:
    """A token with another nonce, of another issuer, or for another client is not believed."""
    settings = both.desk.settings.provider
    assert settings is not None
    redirect = both.desk.settings.url + arriving.BACK
    async with httpx.AsyncClient(trust_env=False, timeout=30) as out:
        one = IdentityProvider(settings, redirect, out)
        back = await both.back(await one.address("s", "nonce", "v" * 50), "li.ming")
        code = parse_qs(urlsplit(back).query)["code"][0]
        with pytest.raises(NotVerified) as refused:
            await one.login(code, "another", "v" * 50)
        assert refused.value.code == "id_token_not_verified"
        back = await both.back(await one.address("s", "nonce", "v" * 50), "li.ming")
        tokens = await one._exchange(parse_qs(urlsplit(back).query)["code"][0], "v" * 50)
        assert (await one._claims(tokens["id_token"], "nonce", tokens["access_token"]))["sub"] == "li.ming"
        for wrong in (replace(settings, client="other"), replace(settings, issuer="http://other")):
            other = IdentityProvider(wrong, redirect, out)
            other._described, other._keys = one._described, one._keys
            with pytest.raises(InvalidClaimError):
                await other._claims(tokens["id_token"], "nonce", tokens["access_token"])


async def test_a_provider_that_is_away_is_said_to_be(database: str, tmp_path: Path) -> None:
    """Nobody at its address: 503 with Retry-After; links still work."""
    (tmp_path / "secret").write_text("s")
    nowhere = Provider(issuer="http://127.0.0.1:1", client="c", secret=tmp_path / "secret")
    async with desk(database, provided=lambda _: nowhere) as it:
        answer = await it.open().get("/sign-in/provider")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
        assert (await it.open().get("/sign-in")).status_code == 200


@pytest.mark.parametrize("answer", [httpx.Response(200, text="no"), httpx.Response(200, json=[]), httpx.Response(500)])
async def test_a_provider_that_says_nothing_sensible_is_away(tmp_path: Path, answer: httpx.Response) -> None:
    """No JSON, no document, a 500: passing trouble, not a defect."""
    (tmp_path / "secret").write_text("s")
    settings = Provider(issuer="http://issuer", client="c", secret=tmp_path / "secret")
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as out:
        with pytest.raises(Unavailable):
            await IdentityProvider(settings, "http://back", out).address("s", "n", "v" * 50)


async def test_another_issuer_at_the_address_is_not_believed(tmp_path: Path) -> None:
    """The description must name the issuer that was set."""
    (tmp_path / "secret").write_text("s")
    settings = Provider(issuer="http://issuer", client="c", secret=tmp_path / "secret")
    said = httpx.Response(200, json={"issuer": "http://evil"})
    async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: said)) as out:
        with pytest.raises(NotVerified) as refused:
            await IdentityProvider(settings, "http://back", out).address("s", "n", "v" * 50)
    assert refused.value.code == "issuer_differs"

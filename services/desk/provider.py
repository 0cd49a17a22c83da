"""The identity provider as OpenID Connect has it: authorization code with PKCE, the ID token verified against the
provider's own keys. Whatever it says of a person is one claim here: the login that people are entered with."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from contracts.operations.connections import Unavailable
from services.desk.settings import Provider

_KEPT = 3600.0  # seconds for which the provider's description and keys are believed
_SCOPE = "openid profile email"
# None with a shared secret.
ALGORITHMS = ("RS256", "PS256", "ES256", "RS384", "ES384", "RS512", "ES512", "EdDSA", "Ed25519")


class NotVerified(Exception):
    """What came back is not what was asked for; `code` is for the trail."""

    def __init__(self, code: str, why: str) -> None:
        super().__init__(why)
        self.code = code


class IdentityProvider:
    """A client of one provider; `redirect` is where it sends browsers back to."""

    def __init__(
        self, settings: Provider, redirect: str, client: httpx.AsyncClient, *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._settings, self._redirect, self._client, self._monotonic = settings, redirect, client, monotonic
        self._secret = settings.secret.read_text().strip()
        self._described: tuple[float, dict[str, Any]] | None = None
        self._keys: tuple[float, KeySet] | None = None

    async def address(self, state: str, nonce: str, verifier: str) -> str:
        """Where the browser is sent to sign in."""
        described = await self._description()
        return str(
            prepare_grant_uri(
                described["authorization_endpoint"], self._settings.client, "code", self._redirect, _SCOPE, state,
                nonce=nonce, code_challenge=create_s256_code_challenge(verifier), code_challenge_method="S256",
            )
        )  # fmt: skip

    async def login(self, code: str, nonce: str, verifier: str) -> str:
        """Who signed in, for the code that the browser brought back; NotVerified otherwise."""
        tokens = await self._exchange(code, verifier)
        try:
            claims = await self._claims(tokens["id_token"], nonce, tokens.get("access_token"))
        except (JoseError, KeyError, ValueError) as error:
            raise NotVerified("id_token_not_verified", repr(error)) from error
        login = claims.get(self._settings.claim)
        if not isinstance(login, str) or not login:
            raise NotVerified("claim_missing", f"no claim {self._settings.claim}")
        return login

    async def _exchange(self, code: str, verifier: str) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self._redirect,
            "code_verifier": verifier,
        }  # fmt: skip
        described = await self._description()
        methods = described.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        more: dict[str, Any] = {"auth": (self._settings.client, self._secret)}
        if "client_secret_basic" not in methods:
            form |= {"client_id": self._settings.client, "client_secret": self._secret}
            more = {}
        answer = await self._ask("POST", described["token_endpoint"], data=form, **more)
        if answer.is_error:
            raise NotVerified("code_refused", f"{answer.status_code} {answer.text[:200]}")
        return _document(answer)

    async def _claims(self, token: str, nonce: str, access_token: str | None) -> CodeIDToken:
        try:
            found = jwt.decode(token, await self._keyset(), algorithms=ALGORITHMS)
        except ValueError:  # a key that was not there before
            found = jwt.decode(token, await self._keyset(anew=True), algorithms=ALGORITHMS)
        claims = CodeIDToken(
            found.claims, found.header,
            options={"iss": {"value": self._settings.issuer}, "aud": {"value": self._settings.client}},
            params={"nonce": nonce, "client_id": self._settings.client, "access_token": access_token},
        )  # fmt: skip
        claims.validate(leeway=60)
        return claims

    async def _description(self) -> dict[str, Any]:
        if self._described is None or self._monotonic() - self._described[0] > _KEPT:
            url = self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            found = _document(await self._ask("GET", url))
            if found.get("issuer") != self._settings.issuer:
                raise NotVerified("issuer_differs", f"{url} says issuer {found.get('issuer')!r}")
            self._described = (self._monotonic(), found)
        return self._described[1]

    async def _keyset(self, *, anew: bool = False) -> KeySet:
        if anew or self._keys is None or self._monotonic() - self._keys[0] > _KEPT:
            found = _document(await self._ask("GET", (await self._description())["jwks_uri"]))
            self._keys = (self._monotonic(), KeySet.import_key_set({"keys": found["keys"]}))
        return self._keys[1]

    async def _ask(self, method: str, url: str, **more: Any) -> httpx.Response:
        try:
            answer = await self._client.request(method, url, headers={"Accept": "application/json"}, **more)
        except httpx.TransportError as error:
            raise Unavailable(f"identity provider: {error!r}") from error
        if answer.status_code >= 500:
            raise Unavailable(f"identity provider: {answer.status_code}")
        return answer


def _document(answer: httpx.Response) -> dict[str, Any]:
    try:
        found = answer.json()
    except json.JSONDecodeError as error:
        raise Unavailable("identity provider: no JSON") from error
    if not isinstance(found, dict):
        raise Unavailable("identity provider: no document")
    return found

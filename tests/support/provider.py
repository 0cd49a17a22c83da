"""A real OpenID Connect provider as a process of its own: oidc-provider-mock (Authlib's server), with PKCE demanded.

    with provider() as it:        # it.issuer, it.client, it.secret
        ...

Run as `python -m tests.support.provider PORT`. People sign in on its page by their name alone: it is for tests.
"""

import contextlib
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

from deploy.local.ports import free_ports, listens
from deploy.local.process import Process
from tests.support.servers import directory


@contextlib.contextmanager
def provider() -> Iterator[str]:
    """The issuer of a running provider."""
    (port,) = free_ports(1)
    with directory("provider") as place:
        command = (sys.executable, "-m", "tests.support.provider", str(port))
        process = _Provider("provider", place / "provider.log", command)
        process.port = port
        with process:
            yield f"http://127.0.0.1:{port}"


def registered(issuer: str, redirect: str, folder: Path) -> tuple[str, Path]:
    """A client of the provider that is sent back to `redirect`: its id, and the file with its secret."""
    answer = httpx.post(
        f"{issuer}/oauth2/clients", json={"redirect_uris": [redirect]}, trust_env=False, timeout=30
    ).json()
    (folder / "secret").write_text(answer["client_secret"])
    return answer["client_id"], folder / "secret"


class _Provider(Process):
    port = 0

    def answers(self) -> bool:
        return self.alive and listens(self.port)


def main(port: int) -> None:
    """Serve until stopped."""
    warnings.simplefilter("ignore")  # the package still imports names that its library has renamed
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # plain http on the loopback
    import oidc_provider_mock
    import uvicorn
    from authlib.oauth2.rfc7636 import CodeChallenge
    from oidc_provider_mock import _app

    challenges: dict[str, tuple[str, str]] = {}
    usual = _app.AuthorizationCodeGrant

    class Grant(usual):  # type: ignore[misc, valid-type]
        """Keeps each code's challenge."""

        def save_authorization_code(self, code: str, request: Any) -> None:
            super().save_authorization_code(code, request)
            asked = request.payload.data
            challenges[code] = (asked["code_challenge"], asked["code_challenge_method"])

    class Challenge(CodeChallenge):  # type: ignore[misc]
        """Compares them."""

        def get_authorization_code_challenge(self, authorization_code: Any) -> str:
            return challenges[authorization_code.code][0]

        def get_authorization_code_challenge_method(self, authorization_code: Any) -> str:
            return challenges[authorization_code.code][1]

    server = _app.flask_oauth2.AuthorizationServer
    register = server.register_grant

    def with_pkce(self: Any, grant: Any, extensions: Any = None) -> None:
        if grant is usual:
            grant, extensions = Grant, [*(extensions or []), Challenge(required=True)]
        register(self, grant, extensions)

    server.register_grant = with_pkce
    app = oidc_provider_mock.app(require_client_registration=True, require_nonce=True)
    uvicorn.run(app, interface="wsgi", host="127.0.0.1", port=port, log_level="info")


if __name__ == "__main__":
    main(int(sys.argv[1]))

"""Passes: what the desk says of the person it acts for, signed so that only the desk can say it (RFC 9068).

The desk mints one for each request that it makes; the three APIs read it with the desk's public keys. Its life is a
minute of real time: a pass that leaks is worth little, and nobody keeps a list of those revoked.
"""

import json
import os
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import msgspec
from joserfc import jwt
from joserfc.errors import ExpiredTokenError, JoseError
from joserfc.jwk import KeySet, OKPKey

ISSUER, AUDIENCE = "urn:liangshai:desk", "urn:liangshai:platform"
TYPE, ALGORITHM = "at+jwt", "Ed25519"
SECONDS = 60
_CLAIMS = jwt.JWTClaimsRegistry(
    iss={"essential": True, "value": ISSUER},
    aud={"essential": True, "value": AUDIENCE},
    exp={"essential": True},
    sub={"essential": True},
)


class Bearer(msgspec.Struct, frozen=True, kw_only=True):
    """The person a pass speaks of: `subject` is stamped on what is done with it. `approver`: somebody else whom the act
    names as having approved it; the desk says with its signature who that is."""

    subject: str
    role: str
    unit: str | None = None
    approver: "Bearer | None" = None


class NotAPass(Exception):
    """Not a token of this kind, or not signed by the desk."""


class Expired(Exception):
    """It was a pass, and its minute is over."""


class Minter:
    """Signs passes with the private key of a file (a JWK)."""

    def __init__(self, key: Path, *, now: Callable[[], float] = time.time) -> None:
        self._key, self._now = OKPKey.import_key(json.loads(key.read_text())), now

    def mint(self, bearer: Bearer) -> str:
        """A pass for a minute from now."""
        at = int(self._now())
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": bearer.subject,
            "client_id": "desk",
            "iat": at,
            "exp": at + SECONDS,
            "jti": uuid.uuid4().hex,
            "roles": [bearer.role],
            **({} if bearer.unit is None else {"unit": bearer.unit}),
            **({} if bearer.approver is None else {"approver": msgspec.to_builtins(bearer.approver)}),
        }
        header = {"alg": ALGORITHM, "typ": TYPE, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


class Passes:
    """Reads passes with the public keys of a file (a JWK set), read again when it changes."""

    def __init__(self, keys: Path, *, now: Callable[[], float] = time.time) -> None:
        self._file, self._now = keys, now
        self._seen: tuple[int, int, int] | None = None
        self._keys = KeySet([])

    def read(self, token: str) -> Bearer:
        """Whom it speaks of; NotAPass or Expired otherwise."""
        try:
            found = jwt.decode(token, self._newest(), algorithms=[ALGORITHM])
            if found.header.get("typ") != TYPE:
                raise NotAPass(f"typ {found.header.get('typ')!r}")
            jwt.JWTClaimsRegistry(now=int(self._now()), leeway=5, **_CLAIMS.options).validate(found.claims)
            roles, unit = found.claims.get("roles"), found.claims.get("unit")
            (role,) = roles if isinstance(roles, list) else (None,)
            said = {"subject": found.claims["sub"], "role": role, "unit": unit}
            return msgspec.convert(said | {"approver": found.claims.get("approver")}, Bearer)
        except ExpiredTokenError as error:
            raise Expired(str(error)) from error
        except (JoseError, ValueError, msgspec.ValidationError) as error:  # ValueError: not one role; an unknown key
            raise NotAPass(str(error)) from error

    def _newest(self) -> KeySet:
        try:
            stat = self._file.stat()
            seen = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
            if seen != self._seen:
                self._keys, self._seen = KeySet.import_key_set(json.loads(self._file.read_text())), seen
        except (OSError, ValueError) as error:
            raise NotAPass(f"no keys: {error}") from error
        return self._keys


def make_keys(private: Path, public: Path) -> bool:
    """A new pair, unless there is one: the desk's own file (mode 600) and the set that the APIs read."""
    if private.exists():
        return False
    key = OKPKey.generate_key("Ed25519")
    key.ensure_kid()
    private.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(key.as_dict(private=True), file)
    public.write_text(json.dumps(KeySet([key]).as_dict(private=False)))
    return True

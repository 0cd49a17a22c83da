"""Passes: only the desk can mint one, it speaks of one person, and its minute is soon over."""

import base64
import json
import time
from datetime import datetime
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from contracts.authority import Refused, Tokens
from contracts.passes import ALGORITHM, AUDIENCE, ISSUER, TYPE, Bearer, Expired, Minter, NotAPass, Passes, make_keys
from contracts.periods import SHANGHAI

LI = Bearer(subject="li.ming", role="district_lead", unit="deqing")
CLAIMS = {"iss": ISSUER, "aud": AUDIENCE, "sub": "li.ming", "exp": int(time.time()) + 3600, "roles": ["leader"]}


@pytest.fixture
def keys(tmp_path: Path) -> tuple[Path, Path]:
    private, public = tmp_path / "private.json", tmp_path / "public.json"
    assert make_keys(private, public)
    return private, public


def test_a_pass_tells_the_person(keys: tuple[Path, Path]) -> None:
    """Subject, role and unit arrive as they were minted; a person without a unit has none; whom
    the act names as its approver comes along."""
    passes = Passes(keys[1])
    assert passes.read(Minter(keys[0]).mint(LI)) == LI
    leader = Bearer(subject="wang", role="leader")
    assert passes.read(Minter(keys[0]).mint(leader)) == leader
    approved = Bearer(subject="wang", role="leader", approver=LI)
    assert passes.read(Minter(keys[0]).mint(approved)) == approved


def test_it_ends_after_a_minute(keys: tuple[Path, Path]) -> None:
    """With five seconds for clocks that differ."""
    minted = Minter(keys[0], now=lambda: 1_000.0).mint(LI)
    assert Passes(keys[1], now=lambda: 1_064.0).read(minted) == LI
    with pytest.raises(Expired):
        Passes(keys[1], now=lambda: 1_066.0).read(minted)


def test_a_pass_that_does_not_hold_names_no_approver(keys: tuple[Path, Path], tmp_path: Path) -> None:
    """Its minute may end between who acts and who approves being asked for: refused as such, no defect."""
    (tmp_path / "tokens.yaml").write_text("[]")
    tokens = Tokens(tmp_path / "tokens.yaml", passes=keys[1])
    with pytest.raises(Refused) as refused:
        tokens.approver(f"Bearer {Minter(keys[0], now=lambda: 1_000.0).mint(LI)}", "li.ming", datetime.now(SHANGHAI))
    assert (refused.value.status, refused.value.code) == (401, "token_expired")


def test_the_private_half_is_kept_from_others(keys: tuple[Path, Path]) -> None:
    """Mode 600; the public file holds no private part; making keys again changes nothing."""
    assert keys[0].stat().st_mode & 0o777 == 0o600
    (public,) = json.loads(keys[1].read_text())["keys"]
    assert "d" not in public
    before = keys[0].read_text()
    assert not make_keys(*keys)
    assert keys[0].read_text() == before


def test_another_key_is_not_believed(keys: tuple[Path, Path], tmp_path: Path) -> None:
    """Signed by somebody else, even under the desk's key id."""
    make_keys(tmp_path / "other.json", tmp_path / "other.public.json")
    with pytest.raises(NotAPass):
        Passes(keys[1]).read(Minter(tmp_path / "other.json").mint(LI))
    kid = json.loads(keys[1].read_text())["keys"][0]["kid"]
    forged = OKPKey.generate_key("Ed25519", {"kid": kid})
    token = jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": kid}, CLAIMS, forged, algorithms=[ALGORITHM])
    with pytest.raises(NotAPass):
        Passes(keys[1]).read(token)


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "urn:other"},
        {"aud": "urn:other"},
        {"roles": ["leader", "operator"]},
        {"roles": []},
        {"roles": "leader"},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"unit": ["deqing"]},
    ],
)
def test_what_is_not_as_minted_is_no_pass(keys: tuple[Path, Path], change: dict[str, object]) -> None:
    """Signed by the desk's key, and yet for somebody else, of no one role, or without an end."""
    key = OKPKey.import_key(json.loads(keys[0].read_text()))
    claims = {name: value for name, value in {**CLAIMS, **change}.items() if value is not None}
    token = jwt.encode({"alg": ALGORITHM, "typ": TYPE, "kid": key.kid}, claims, key, algorithms=[ALGORITHM])
    with pytest.raises(NotAPass):
        Passes(keys[1]).read(token)


def test_an_id_token_is_no_pass(keys: tuple[Path, Path]) -> None:
    """Another type of token, with the right key, is refused (RFC 9068, 4)."""
    key = OKPKey.import_key(json.loads(keys[0].read_text()))
    token = jwt.encode({"alg": ALGORITHM, "typ": "JWT", "kid": key.kid}, CLAIMS, key, algorithms=[ALGORITHM])
    with pytest.raises(NotAPass):
        Passes(keys[1]).read(token)


def test_no_other_algorithm_is_taken(keys: tuple[Path, Path]) -> None:
    """Neither none, nor a shared secret made of the public key."""
    body = base64.urlsafe_b64encode(json.dumps(CLAIMS).encode()).rstrip(b"=").decode()
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": TYPE}).encode()).rstrip(b"=").decode()
    secret = OctKey.import_key(keys[1].read_bytes())
    shared = jwt.encode({"alg": "HS256", "typ": TYPE}, CLAIMS, secret, algorithms=["HS256"])
    for token in (f"{head}.{body}.", shared, "a.b.c", "..", ""):
        with pytest.raises(NotAPass):
            Passes(keys[1]).read(token)


def test_new_keys_are_taken_without_a_restart(keys: tuple[Path, Path], tmp_path: Path) -> None:
    """The file is read again when it changes; before there is one nobody is known."""
    passes = Passes(tmp_path / "later.json")
    minted = Minter(keys[0]).mint(LI)
    with pytest.raises(NotAPass):
        passes.read(minted)
    (tmp_path / "later.json").write_text(keys[1].read_text())
    assert passes.read(minted) == LI

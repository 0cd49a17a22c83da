"""What the desk refuses to be told: plain http for others than this machine, and the demo's open door elsewhere."""

from pathlib import Path

import pytest

from services.desk.settings import Settings

ENVIRONMENT = {"LIANGSHAI_DATABASE": "postgresql://a:secret@h/d", "LIANGSHAI_DESK_KEY": "/keys/private.json"}
DEMO = {"LIANGSHAI_DESK_DEMO": "1", "LIANGSHAI_SIMULATED": "1"}


def test_cookies_are_for_https_when_the_address_is() -> None:
    """https: secure; the loopback may do without; the password is not shown."""
    assert Settings.of({**ENVIRONMENT, "LIANGSHAI_DESK_URL": "https://desk.example.gov.cn/"}).secure
    local = Settings.of(ENVIRONMENT)
    assert not local.secure
    assert local.url == "http://127.0.0.1:8104"
    assert "secret" not in repr(local)


@pytest.mark.parametrize("url", ["http://desk.example.gov.cn", "http://10.0.0.7:8104", "ftp://127.0.0.1x"])
def test_plain_http_is_refused_for_other_machines(url: str) -> None:
    """Cookies would travel in the clear."""
    with pytest.raises(ValueError, match="neither https nor on this machine"):
        Settings.of({**ENVIRONMENT, "LIANGSHAI_DESK_URL": url})


@pytest.mark.parametrize(
    "wrong",
    [
        {"LIANGSHAI_SIMULATED": ""},
        {"LIANGSHAI_DESK_URL": "https://desk.example.gov.cn"},
        {"LIANGSHAI_HOST": "0.0.0.0"},
    ],
)
def test_the_open_door_is_for_the_demo_only(wrong: dict[str, str]) -> None:
    """Not with real data, not by https, not where other machines can reach it."""
    assert Settings.of({**ENVIRONMENT, **DEMO}).demo
    with pytest.raises(ValueError, match="LIANGSHAI_DESK_DEMO"):
        Settings.of({**ENVIRONMENT, **DEMO, **wrong})


def test_the_identity_provider_is_set_whole() -> None:
    """An issuer without its client is a mistake that is named."""
    said = {"LIANGSHAI_DESK_OIDC_ISSUER": "https://id.example", "LIANGSHAI_DESK_OIDC_CLIENT": "desk"}
    with pytest.raises(KeyError, match="DESK_OIDC_SECRET"):
        Settings.of({**ENVIRONMENT, **said})
    found = Settings.of({**ENVIRONMENT, **said, "LIANGSHAI_DESK_OIDC_SECRET": "/run/secrets/oidc"})
    assert found.provider is not None
    assert found.provider.secret == Path("/run/secrets/oidc")
    assert found.provider.claim == "sub"

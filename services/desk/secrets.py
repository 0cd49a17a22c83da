"""Secrets that browsers carry (sessions, links, flows): made here, and kept as digests only."""

import hashlib
import secrets


def new_secret() -> str:
    """256 random bits as text for a cookie or an address."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """What is kept of it; a fast digest is enough for what cannot be guessed."""
    return hashlib.sha256(secret.encode()).hexdigest()

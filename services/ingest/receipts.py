"""Receipts: ids that sort by the moment they were given and are never given twice (the form of a ULID)."""

import secrets
from datetime import datetime

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no letter that reads as a digit


def new_receipt(now: datetime) -> str:
    """A receipt given at platform time `now`: 48 bits of milliseconds, 80 of chance."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "".join(_ALPHABET[(number >> shift) & 31] for shift in range(125, -1, -5))

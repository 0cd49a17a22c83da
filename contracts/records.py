"""What every part of a catalogue is made of."""

import msgspec


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What every part of a catalogue is: immutable, spelled out, and closed to unknown fields."""

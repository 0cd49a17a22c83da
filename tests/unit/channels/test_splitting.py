"""Texts are split by bytes into numbered parts, between entries, never within a character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.alerts.channels.splitting import GAP, Fits, TooNarrow, split


def within(limit: int) -> Fits:
    """A channel that takes so many bytes of title and text."""
    return lambda title, text: len(f"{title}{text}".encode()) <= limit


def test_what_fits_is_one_part_without_a_number() -> None:
    """The title as it is, entries with a line between them."""
    assert split("题", ["甲", "乙"], within(100)) == [("题", "甲\n\n乙")]


def test_parts_are_numbered_and_hold_whole_entries() -> None:
    """The limit is one of bytes: each of these characters has three."""
    entries = ["甲" * 20, "乙" * 20, "丙" * 20]
    parts = split("题", entries, within(150))
    assert parts == [("题（1/2）", f"{entries[0]}{GAP}{entries[1]}"), ("题（2/2）", entries[2])]


def test_an_entry_too_long_for_a_message_is_cut_between_characters() -> None:
    """Nothing is lost, no byte sequence is broken, every part fits."""
    fits = within(60)
    parts = split("题", ["短", "长" * 50], fits)
    assert [title for title, _ in parts] == [f"题（{n}/{len(parts)}）" for n in range(1, len(parts) + 1)]
    assert "".join(text for _, text in parts) == "短" + "长" * 50
    assert all(len(f"题（999/999）{text}".encode()) <= 60 for _, text in parts)


def test_what_belongs_to_a_character_stays_with_it() -> None:
    """An accent, a variation and joined emoji are not torn apart."""
    for whole in ("e\u0301", "⚠\ufe0f", "👩\u200d💻"):
        parts = split("t", [whole * 30], within(60))
        assert all(text == whole * (len(text) // len(whole)) for _, text in parts)


def test_a_channel_too_narrow_for_one_character_is_a_defect() -> None:
    """It is told, not looped over."""
    with pytest.raises(TooNarrow):
        split("题", ["甲"], within(10))


@given(st.lists(st.text(min_size=1, max_size=80), min_size=1, max_size=12), st.integers(80, 400))
def test_any_entries_come_through(entries: list[str], limit: int) -> None:
    """Every part is within the limit, and together they are the entries."""
    parts = split("标题", entries, within(limit))
    assert all(len(f"{title}{text}".encode()) <= limit for title, text in parts)
    assert "".join(text for _, text in parts).replace("\n", "") == "".join(entries).replace("\n", "")

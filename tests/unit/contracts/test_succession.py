"""Overlays and what they change (rules 2.9 and 4.11): laid over, compared, refused with their places."""

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from contracts.catalogue import SHIPPED, Unloadable, load, load_over
from contracts.catalogue_events import CatalogueVersion, unpacked
from contracts.editions import Catalogue, Edition, Editions
from contracts.events import Text
from contracts.periods import SHANGHAI
from contracts.programme import Lookup
from contracts.succession import changes, objections

BASE, INDICATOR = load(SHIPPED), "major_projects"
AT = datetime(2024, 1, 15, tzinfo=SHANGHAI)
HEAD = {"version": "2", "reason": {"zh": "要点", "en": "points"}}


def overlay(place: Path, head: Any = HEAD, **parts: Any) -> Path:
    """A directory with these parts; indicators go into their folder."""
    (place / "indicators").mkdir(parents=True, exist_ok=True)
    for name, content in {"programme": head, **parts}.items():
        at = place / "indicators" / "a.yaml" if name == "indicators" else place / f"{name}.yaml"
        at.write_text(yaml.safe_dump(content, allow_unicode=True))
    return place


def test_an_overlay_says_only_what_differs(tmp_path: Path) -> None:
    """Targets are laid beside those there are, shares replace those of their district and date, the rest stays."""
    district = next(share.district for share in BASE.programme.decomposition if share.indicator == INDICATOR)
    known = BASE.allocations[INDICATOR, district].targets
    made = overlay(
        tmp_path,
        indicators=[{"id": INDICATOR, "add_targets": [{"on": "2024-12-31", "value": "55", "source": "points"}]}],
        decomposition={
            "note": {"zh": "", "en": ""},
            "shares": {INDICATOR: {"2024-12-31": {district: "9"}}},
        },
    )
    after, reason = load_over(made, BASE)
    assert (after.programme.version, reason) == ("2", Text("要点", "points"))
    assert [str(each.on) for each in after.indicators[INDICATOR].targets] == sorted(
        ["2024-12-31", *(str(each.on) for each in BASE.indicators[INDICATOR].targets)]
    )
    assert after.allocations[INDICATOR, district].targets == known | {"2024-12-31": "9"}
    found = changes(Editions([Edition.of(BASE)]), after, AT)
    assert [(each.place, each.before, each.after) for each in found.targets] == [
        (f"{INDICATOR}/2024-12-31", None, "ge 55"),
        (f"{INDICATOR}/{district}/2024-12-31", None, "9"),
    ]
    assert (found.cells_come, found.cells_go, found.parts) == (0, 0, ("decomposition_note",))
    assert objections(BASE, after) == []


def test_cells_that_come_and_go_are_counted_from_the_moment_on(tmp_path: Path) -> None:
    """A life that ends earlier takes open cells away, and none that has locked."""
    made = overlay(tmp_path, indicators=[{"id": INDICATOR, "valid_to": "2023-10-31"}])
    after, _ = load_over(made, BASE)
    found = changes(Editions([Edition.of(BASE)]), after, AT)
    gone = {each.place for each in found.cells}
    districts = len(BASE.indicators[INDICATOR].districts)
    assert found.cells_go == districts * (1 + 48)  # December 2023 is open on 15 January 2024, November is not
    assert f"{INDICATOR}/anji/2023-12" in gone
    assert f"{INDICATOR}/anji/2023-11" not in gone


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ({"version": "1", "reason": HEAD["reason"]}, "new version"),
        ({"version": "2"}, "reason"),
        ({"version": "2", "reason": {"zh": "要点"}}, "reason"),
    ],
)
def test_a_version_has_a_new_name_and_a_reason(tmp_path: Path, head: Any, said: str) -> None:
    """Why the programme changes is said, in both languages."""
    with pytest.raises(Unloadable, match=said):
        load_over(overlay(tmp_path, head), BASE)


def test_an_unreadable_part_is_named(tmp_path: Path) -> None:
    """The message tells the place in the document."""
    with pytest.raises(Unloadable, match="targets"):
        load_over(overlay(tmp_path, indicators=[{"id": INDICATOR, "targets": [{"value": 3}]}]), BASE)


def test_a_document_comes_back_as_it_was() -> None:
    """What travels is the whole programme; its sha256 names the content."""
    version = CatalogueVersion.of(BASE.programme, reason=Text("", ""), actor="office", applied_at=AT)
    assert version.mark(3).lookup.programme == BASE.programme
    assert len(version.document) < 60_000
    with pytest.raises(ValueError, match="document"):
        unpacked(version.document[:-100])
    with pytest.raises(ValueError, match="document"):
        unpacked(b"not deflated")


def test_a_partition_knows_a_version_from_its_mark_on() -> None:
    """Whoever asks for the newest gets it at once; a partition only when it was marked there."""
    catalogue, heard = Catalogue(BASE), list[Lookup]()
    catalogue.told.append(heard.append)
    other = Lookup(msgspec.structs.replace(BASE.programme, version="2"))
    catalogue.take(Edition.of(other, AT))
    catalogue.take(Edition.of(other, AT))
    assert (catalogue.newest.version, heard) == ("2", [other])
    assert catalogue.at(3).newest.version == "1"
    catalogue.mark(3, {"2": AT})
    assert (catalogue.at(3).newest.version, catalogue.at(4).newest.version) == ("2", "1")
    assert catalogue.at(3).named("2") is not None

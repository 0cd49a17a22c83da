"""The shipped catalogue with a few of its indicators alone, as a directory: for stories that a whole programme, with a
thousand cells a month, would only make longer."""

import re
import shutil
from pathlib import Path

from contracts.catalogue import SHIPPED


def smaller(place: Path, *indicators: str) -> Path:
    """A copy at `place` with these indicators, every unit, and nothing that speaks of another indicator.

    Its files are cut, not read and written again: what is left stands as it is shipped.
    """
    made = Path(shutil.copytree(SHIPPED, place))
    for file in (made / "indicators").glob("*.yaml"):
        file.write_text(_kept(file.read_text("utf-8"), r"^- id: ", indicators) or "[]\n", "utf-8")
    shares = made / "decomposition.yaml"
    head, _, text = shares.read_text("utf-8").partition("shares:\n")
    shares.write_text(f"{head}shares:\n{_kept(text, r'^  (?=[a-z])', indicators)}", "utf-8")
    scheme = made / "scheme.yaml"
    text = "".join(
        line
        for line in scheme.read_text("utf-8").splitlines(keepends=True)
        if not line.startswith("  - ") or line.strip()[2:] in indicators or "{" in line
    )
    scheme.write_text(re.sub(r"^core:.*\n(?!  - )", "core: []\n", text, flags=re.MULTILINE), "utf-8")
    return made


def _kept(text: str, start: str, indicators: tuple[str, ...]) -> str:
    """The entries that these indicators' names begin, each from where `start` matches to the next."""
    places = [found.start() for found in re.finditer(start, text, re.MULTILINE)]
    entries = [text[a:b] for a, b in zip(places, [*places[1:], len(text)], strict=True)]
    return "".join(each for each in entries if re.split(r"[:\s]", re.sub(start, "", each, count=1))[0] in indicators)

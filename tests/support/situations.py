"""Named situations in which a standing explains itself; `python -m tests.support.situations` writes them down."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from contracts.events import Text
from tests.support import situations_plain, situations_reported
from tests.support.situated import SITUATIONS

GOLDEN = Path(__file__).parents[1] / "unit/metrics"
TOLD_IN = (situations_plain, situations_reported)  # each names its own as it is imported


def situations() -> Mapping[str, Text]:
    """The sentence of each situation, by its name."""
    return {name: said() for name, said in SITUATIONS.items()}


def document(language: str) -> str:
    """All of them in one language, one paragraph each."""
    return "\n".join(_paragraphs(language))


def _paragraphs(language: str) -> Iterator[str]:
    for number, (name, text) in enumerate(situations().items(), 1):
        yield f"{number}. {name}\n{getattr(text, language)}\n"


if __name__ == "__main__":
    for name in ("zh", "en"):
        (GOLDEN / f"explanations.{name}.txt").write_text(document(name), encoding="utf-8")

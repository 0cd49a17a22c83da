"""Every text of the pages, Chinese and English, by stable keys: `home.title` is `title` in home.yaml, a file a page."""

from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec
import yaml

from contracts.events import Text

Language = Literal["zh", "en"]
HERE = Path(__file__).parent


@cache
def texts() -> dict[str, Text]:
    """All of them; read once."""
    found = {}
    for file in sorted(HERE.glob("*.yaml")):
        for name, text in msgspec.convert(yaml.safe_load(file.read_text("utf-8")), dict[str, Text]).items():
            found[f"{file.stem}.{name}"] = text
    return found


def told(key: str, language: Language, **values: Any) -> str:
    """A text with its blanks filled in; KeyError for one that does not exist."""
    text = texts()[key]
    return (text.zh if language == "zh" else text.en).format(**values)

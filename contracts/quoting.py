"""Chinese quotation marks around a name that may carry some itself: “吴兴区‘共富工坊’”, never ““ twice. Pure."""

_INNER = str.maketrans({"“": "‘", "”": "’"})


def quoted(text: str) -> str:
    """The text in outer marks, its own turned into inner ones."""
    return f"“{text.translate(_INNER)}”"

"""What people and systems write where there is nobody."""

import re
import unicodedata


def words(*lines: str) -> frozenset[str]:
    """Return the words of `lines`."""
    return frozenset(word for line in lines for word in line.split())


NOBODY = words(
    "0 -1 - -- . ? * none null nil nan na n/a n.a. n.a unknown anonymous anonym test "
    "nobody undefined empty missing unbekannt inconnu desconocido (none) (null) "
    "[none] <none> <null> xxx",
) | {"not available", "not provided", "no name"}
"""What people and systems write where there is nothing."""

ERRORS = re.compile(r"#(n/a|name\?|ref!|value!|div/0!|null!|num!|error!?|#+)", re.I)
ZEROS = re.compile(r"[0.\- ]+")


def comparable(value: str) -> str:
    """Return a value without variants of the same letter and outer blanks."""
    return unicodedata.normalize("NFKC", value).strip()


def is_nobody(value: str) -> bool:
    """Tell whether a comparable, casefolded value stands for no one."""
    return (
        not value
        or value in NOBODY
        or bool(ZEROS.fullmatch(value) or ERRORS.fullmatch(value))
    )

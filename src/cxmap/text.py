"""Text that came from outside, made safe to show; and errors, made safe to print."""

import re
from collections.abc import Iterable

CONTROLS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ue000-\uf8ff\ufeff"
    "\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0000-\U0010ffff]"
)
"""What steers a terminal, hides text or forges a line: Cc, Cf, Cs, Co, Zl and Zp."""


NEAR = 70
"""How alike, of 100, two words must be for one to be a slip of the other."""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant; None where none is near."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(word, list(known), scorer=fuzz.ratio, score_cutoff=NEAR)

    return str(found[0]) if found else None


def safe(text: object) -> str:
    """Return `text` as one printable line: escapes are shown, never obeyed.

    Everything that came from an export, a file name or a configuration passes
    here before it reaches a terminal, a log or a message.
    """
    return CONTROLS.sub(lambda found: _shown(found.group()), str(text))


def _shown(character: str) -> str:
    if character == "\t":
        return " "
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{{{code:x}}}"

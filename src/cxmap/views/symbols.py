"""The signs a view draws with: one set for UTF-8, one for streams that are not."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Symbols:
    """Every sign that is more than a letter."""

    on: str = "✓"
    close: str = "≈"
    off: str = "✗"
    nothing: str = "–"
    up: str = "▲"
    down: str = "▼"
    at_least: str = "≥"
    at_most: str = "≤"
    minus: str = "−"
    dash: str = "–"
    dot: str = "·"
    times: str = "×"
    moved: str = "*"
    to: str = "→"


UNICODE = Symbols()

ASCII = Symbols(
    on="OK",
    close="~",
    off="X",
    nothing="-",
    up="^",
    down="v",
    at_least=">=",
    at_most="<=",
    minus="-",
    dash="-",
    dot="|",
    times="x",
    to="->",
)


def symbols(*, ascii_only: bool) -> Symbols:
    """Return the set that the stream can show."""
    return ASCII if ascii_only else UNICODE


def to_ascii(text: str) -> str:
    """Return text that any stream can carry; what it cannot show is escaped."""
    plain = text
    for name, sign in vars(UNICODE).items():
        plain = plain.replace(sign, getattr(ASCII, name))

    return plain.replace("…", "...").encode("ascii", "backslashreplace").decode("ascii")

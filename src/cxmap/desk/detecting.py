"""What a file is: how it is written, who wrote it, and how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxmap.errors import CxmapError
from cxmap.intake.choosing import bare_reason, exports_in
from cxmap.sources.detect import Detection, ambiguous, detect, near
from cxmap.sources.flat import json_fields, json_lists, read_options
from cxmap.sources.profile import parts, resolve, shipped_profiles
from cxmap.sources.read import Peek, RawExport, peek, read
from cxmap.sources.reading.archives import name_of


@dataclass(frozen=True)
class Look:
    """What the head of one export shows."""

    path: Path
    peek: Peek | None
    found: tuple[Detection, ...]
    trouble: str | None = None
    """Why it cannot be read, without its name."""

    @property
    def best(self) -> Detection | None:
        """The profile that fits; None where none does or several do alike."""
        if not self.found or ambiguous(list(self.found)):
            return None
        return self.found[0]

    @property
    def others(self) -> tuple[Detection, ...]:
        """What else the file may be: parts that fit too, else the nearest."""
        fit = tuple(one for one in self.found if one != self.best)
        if fit or self.best is not None or self.peek is None:
            return fit
        return tuple(near(self.peek, shipped_profiles()))

    @property
    def why(self) -> str | None:
        """What was recognised, or what is in the way of it."""
        if self.trouble is not None or self.best is not None:
            return self.best.why if self.best else self.trouble
        tied = ", ".join(found.profile for found in self.found)

        return f"fits {tied} alike" if tied else "no profile fits"


def look(path: Path) -> Look:
    """Return what the head of an export shows; never raises for a bad file."""
    try:
        head = peek(path)
    except CxmapError as error:
        return Look(path, None, (), bare_reason(error, path))

    return Look(path, head, tuple(detect(head, shipped_profiles())))


def files_in(paths: Sequence[Path]) -> list[Path]:
    """Return the files that paths name, those of archives and folders apart.

    A path that names nothing stays, for whoever looks at it to say so.
    """
    found: list[Path] = []
    for path in paths:
        try:
            found += exports_in([str(path)])
        except CxmapError:
            found.append(path)

    return found


def look_at(path: Path) -> dict[str, Any]:
    """Return one row for `cxmap sources detect`; the file is read to its end.

    Where it cannot be read, `format` is null and `why` tells the trouble. A data value
    is in no column.
    """
    one = look(path)
    best, head = one.best, one.peek
    whole, trouble = _whole(one)
    readable = head is not None and whole is not None

    return {
        "file": name_of(path),
        "profile": best.profile if best else None,
        "part": best.part if best else None,
        "confidence": best.confidence if best else None,
        "format": head.format if head and readable else None,
        "encoding": head.encoding if head else None,
        "delimiter": head.delimiter if head else None,
        "quote": head.quote if head else None,
        "line_ends": head.line_ends if head else None,
        "sheet": head.sheet if head else None,
        "preamble": whole.preamble if whole else None,
        "rows": whole.rows.height if whole else None,
        "rejected": whole.rejects.filter("whole_row").height if whole else None,
        "footer": whole.footer if whole else None,
        "why": trouble or one.why,
        "others": "; ".join(map(_named, one.others)) or None,
    }


def _whole(one: Look) -> tuple[RawExport | None, str | None]:
    """Return the whole file as its part reads it, or what is in the way."""
    if one.peek is None:
        return None, None
    try:
        if one.best is None:
            return read(one.path), None
        profile = resolve(shipped_profiles()[one.best.profile])
        part = parts(profile)[one.best.part]
        lists = json_lists(profile, one.best.part)
        fields = json_fields(part)
        return read(one.path, read_options(part), fields=fields, lists=lists), None
    except CxmapError as error:
        return None, bare_reason(error, one.path)


def _named(found: Detection) -> str:
    return f"{found.profile}/{found.part} {found.confidence:.0%}: {found.why}"

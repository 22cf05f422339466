"""What exports are, at a glance, and the configuration to begin with."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxmap.errors import CxmapError
from cxmap.intake.choosing import exports_in
from cxmap.sources.detect import Detection, ambiguous, detect
from cxmap.sources.profile import Profile, settings_of, shipped_profiles
from cxmap.sources.read import Peek, peek
from cxmap.text import safe

EDITS = """
# The five edits that matter most. Until they are made, cxmap works with what it has.

# 1. Topics: one tree for all sources, so that "refund" by mail and "RFND" by phone
#    are one need. `cxmap topics` lists the words your exports use.
# topics:
#   billing/refund:
#     {example}: [refund, Refund request]

# 2. Opening hours, for answers promised in business time (default: Mon-Fri 09-17).
# hours:
#   days: [mon, tue, wed, thu, fri]
#   opens: "08:00"
#   closes: "20:00"

# 3. What your wrap-up and status codes mean: copy a profile with
#    `cxmap sources show NAME > my-profile.yaml`, extend its `map:`, name it above.

# 4. Your own numbers and mailboxes, so that they are never taken for a customer's:
#    sources.NAME.settings.own_numbers: ["+49 30 1234567"]

# 5. Targets. Without them nothing is on or off.
# kpis:
#   first_contact_resolution: {{target: 0.70}}
#   abandonment_rate: {{target: 0.05}}
"""


@dataclass(frozen=True)
class Proposal:
    """A configuration to begin with."""

    text: str
    findings: tuple[str, ...]
    """What each export was taken for, one line each."""


@dataclass(frozen=True)
class Look:
    """What the head of one export shows."""

    path: Path
    peek: Peek | None
    found: tuple[Detection, ...]
    trouble: str | None = None

    @property
    def best(self) -> Detection | None:
        """The profile that fits; None where none does or several do alike."""
        if not self.found or ambiguous(list(self.found)):
            return None
        return self.found[0]


def look(path: Path) -> Look:
    """Return what the head of an export shows; never raises for a bad file."""
    try:
        head = peek(path)
    except CxmapError as error:
        return Look(path, None, (), str(error))

    return Look(path, head, tuple(detect(head, shipped_profiles())))


def look_at(path: Path) -> dict[str, Any]:
    """Return one row for `cxmap sources detect`.

    Raises ExportError where the file cannot be read at all.
    """
    head = peek(path)
    found = detect(head, shipped_profiles())
    best = None if not found or ambiguous(found) else found[0]
    tied = [one.profile for one in found] if found and best is None else []

    return {
        "file": path.name,
        "profile": best.profile if best else None,
        "part": best.part if best else None,
        "confidence": best.confidence if best else None,
        "format": head.format,
        "encoding": head.encoding,
        "delimiter": head.delimiter,
        "preamble": head.preamble,
        "why": best.why if best else f"fits {', '.join(tied)} alike" if tied else None,
    }


def propose(exports: Sequence[str], *, folder: Path) -> Proposal:
    """Return a configuration for the exports given; its paths are below `folder`.

    Raises ExportError for a path that names nothing.
    """
    looks = [look(path) for path in exports_in(exports)]
    sources: dict[str, tuple[Profile, list[str]]] = {}
    for one in looks:
        if one.best is None:
            continue
        profile = shipped_profiles()[one.best.profile]
        name = _name(one.path, profile)
        sources.setdefault(name, (profile, []))[1].append(_relative(one.path, folder))

    example = next(iter(sources), "zendesk")
    lines = [
        "# cxmap: which exports there are, and how to read them.",
        "# Every other setting has a default; `cxmap config show` prints them all.",
        "",
        "timezone: UTC  # the zone in which your days are cut, such as Europe/Berlin",
        "",
        *_sources(sources),
        *_unknown(looks),
        EDITS.format(example=example).rstrip(),
    ]

    return Proposal("\n".join(lines) + "\n", tuple(_finding(one) for one in looks))


def _sources(sources: Mapping[str, tuple[Profile, list[str]]]) -> list[str]:
    if not sources:
        return [
            "# sources:",
            "#   helpdesk:",
            "#     profile: zendesk_tickets   # `cxmap sources` lists them all",
            "#     files: exports/zendesk/*.json",
        ]
    lines = ["sources:"]
    for name, (profile, files) in sorted(sources.items()):
        lines += [f"  {name}:", f"    profile: {profile.profile}", "    files:"]
        lines += [f"      - {_quoted(file)}" for file in sorted(files)]
        wanted = [s for s, given in settings_of(profile).items() if given is None]
        declared = [s for s in wanted if s in profile.settings]
        if declared:
            lines.append(f"    # settings it takes: {', '.join(declared)}")

    return lines


def _unknown(looks: Sequence[Look]) -> list[str]:
    strangers = [one for one in looks if one.best is None]
    if not strangers:
        return []
    lines = ["", "# Not recognised: write a profile of about fifteen lines for each."]
    for one in strangers:
        names = ", ".join(one.peek.raw_names[:12]) if one.peek else "cannot be read"
        lines.append(f"#   {safe(one.path.name)}: {safe(names)}")

    return lines


def _finding(one: Look) -> str:
    file = safe(one.path.name)
    if one.trouble is not None:
        return f"? {one.trouble}"
    if one.best is None:
        fits = ", ".join(found.profile for found in one.found) or "no profile"
        return f"? {file}: fits {fits}"

    return f"  {file}: {one.best.profile} ({one.best.confidence:.0%}: {one.best.why})"


def _name(path: Path, profile: Profile) -> str:
    """Name a source by its system; a generic file by itself: it could be anything."""
    generic = profile.profile.startswith("generic_")
    named = path.stem if generic else profile.system
    return re.sub(r"[^a-z0-9]+", "_", named.casefold()).strip("_") or "source"


def _relative(path: Path, folder: Path) -> str:
    return os.path.relpath(path, folder)


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[\w./-]+", text)
    return text if plain else "'" + safe(text).replace("'", "''") + "'"

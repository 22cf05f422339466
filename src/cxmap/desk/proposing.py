"""What exports are, at a glance, and the configuration to begin with."""

import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cxmap.desk.grouping import Group, Recognised, grouped, patterns, without_copies
from cxmap.desk.heading import headings, is_table
from cxmap.errors import CxmapError
from cxmap.intake.choosing import bare_reason, exports_in
from cxmap.sources.detect import Detection, ambiguous, detect
from cxmap.sources.profile import settings_of, shipped_profiles
from cxmap.sources.read import Peek, peek
from cxmap.sources.reading.archives import name_of, show
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
    """Why it cannot be read, without its name."""

    @property
    def best(self) -> Detection | None:
        """The profile that fits; None where none does or several do alike."""
        if not self.found or ambiguous(list(self.found)):
            return None
        return self.found[0]

    @property
    def why(self) -> str | None:
        """What was recognised, or what is in the way of it."""
        if self.trouble is not None or self.best is not None:
            return self.best.why if self.best else self.trouble
        tied = ", ".join(found.profile for found in self.found)

        return f"fits {tied} alike" if tied else None


def look(path: Path) -> Look:
    """Return what the head of an export shows; never raises for a bad file."""
    try:
        head = peek(path)
    except CxmapError as error:
        return Look(path, None, (), bare_reason(error, path))

    return Look(path, head, tuple(detect(head, shipped_profiles())))


def look_at(path: Path) -> dict[str, Any]:
    """Return one row for `cxmap sources detect`.

    Where the file cannot be read, `format` is null and `why` tells the trouble.
    """
    one = look(path)
    best, head = one.best, one.peek

    return {
        "file": name_of(path),
        "profile": best.profile if best else None,
        "part": best.part if best else None,
        "confidence": best.confidence if best else None,
        "format": head.format if head else None,
        "encoding": head.encoding if head else None,
        "delimiter": head.delimiter if head else None,
        "preamble": head.preamble if head else None,
        "why": one.why,
    }


def propose(exports: Sequence[str], *, folder: Path) -> Proposal:
    """Return a configuration for the exports given; its paths are below `folder`.

    Raises ExportError for a path that names nothing.
    """
    paths, copies = without_copies(exports_in(exports))
    looks = [look(path) for path in paths]
    sources = grouped(
        [
            Recognised(one.path, one.best.profile, one.peek.raw_names)
            for one in looks
            if one.best and one.peek
        ]
    )

    example = next(iter(sources), "zendesk")
    lines = [
        "# cxmap: which exports there are, and how to read them.",
        "# Every other setting has a default; `cxmap config show` prints them all.",
        "",
        "timezone: UTC  # the zone in which your days are cut, such as Europe/Berlin",
        "",
        *_sources(sources, copies, folder),
        *_unknown(looks),
        EDITS.format(example=example).rstrip(),
    ]

    findings = [_finding(one) for one in looks] + [
        f"  {show(copy)}: the same content as {show(original)}; left out"
        for copy, original in copies.items()
    ]

    return Proposal("\n".join(lines) + "\n", tuple(findings))


def _sources(
    sources: Mapping[str, Group], copies: Iterable[Path], folder: Path
) -> list[str]:
    if not sources:
        return [
            "# sources:",
            "#   helpdesk:",
            "#     profile: zendesk_tickets   # `cxmap sources` lists them all",
            "#     files: exports/zendesk/*.json",
        ]
    lines = ["sources:"]
    for name, group in sorted(sources.items()):
        profile = group.profile
        files = sorted(
            os.path.relpath(p, folder) for p in patterns(group.files, copies)
        )
        lines += [f"  {name}:", f"    profile: {profile.profile}", "    files:"]
        lines += [f"      - {_quoted(file)}" for file in files]
        wanted = [s for s, given in settings_of(profile).items() if given is None]
        declared = [s for s in wanted if s in profile.settings]
        if declared:
            lines.append(f"    # settings it takes: {', '.join(declared)}")

    return lines


def _unknown(looks: Sequence[Look]) -> list[str]:
    strangers = [one for one in looks if one.best is None]
    if not strangers:
        return []

    return [
        "",
        "# Not recognised: write a profile of about fifteen lines for each.",
        *(f"#   {show(one.path)}: {_shown(one.peek)}" for one in strangers),
    ]


def _shown(head: Peek | None) -> str:
    """Say what columns a strange file has, unless they may be somebody's data."""
    if head is None:
        return "cannot be read"
    if not is_table(head):
        return "not a table"
    names = headings(head)

    return safe(", ".join(names[:12])) if names else "no header found"


def _finding(one: Look) -> str:
    file = show(one.path)
    if one.trouble is not None:
        return f"? {file}: {one.trouble}"
    if one.best is None:
        fits = ", ".join(found.profile for found in one.found) or "no profile"
        return f"? {file}: fits {fits}"

    return f"  {file}: {one.best.profile} ({one.best.confidence:.0%}: {one.best.why})"


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[\w./-]+", text)
    return text if plain else "'" + safe(text).replace("'", "''") + "'"

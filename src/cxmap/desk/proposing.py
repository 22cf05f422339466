"""What exports are, at a glance, and the configuration to begin with."""

import os
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cxmap.desk.detecting import Look, look
from cxmap.desk.drafting import Draft, draft
from cxmap.desk.grouping import (
    Group,
    Recognised,
    grouped,
    patterns,
    plain,
    stem,
    without_copies,
)
from cxmap.desk.heading import headings, is_table
from cxmap.intake.choosing import exports_in
from cxmap.sources.profile import settings_of
from cxmap.sources.read import Peek
from cxmap.sources.reading.archives import show
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
#   holidays: {{country: DE}}

# 3. What your wrap-up and status codes mean: copy a profile with
#    `cxmap sources show NAME -f yaml > my-profile.yaml`, extend its `map:`, and name
#    it above. `cxmap sources show NAME --unmapped` lists the codes that nothing maps.

# 4. Your own numbers, mailboxes and domains, so that they are never taken for a
#    customer's.
# identity:
#   never: ["+49 30 1234567", desk@example.com, "@example.com"]

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
    profiles: Mapping[str, str] = field(default_factory=dict)
    """Drafted profiles by the names of their files, which belong beside it."""


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

    drafts = _drafts([one for one in looks if one.best is None], sources)
    example = next(iter(sources), "zendesk")
    lines = [
        "# cxmap: which exports there are, and how to read them.",
        "# Every other setting has a default; `cxmap config show` prints them all.",
        "",
        "timezone: UTC  # the zone in which your days are cut, such as Europe/Berlin",
        "",
        *_sources(sources, drafts, copies, folder),
        *_unknown([one for one in looks if one.path not in _drafted(drafts)]),
        EDITS.format(example=example).rstrip(),
    ]

    findings = [_finding(one, drafts) for one in looks] + [
        f"  {show(copy)}: the same content as {show(original)}; left out"
        for copy, original in copies.items()
    ]

    profiles = {f"{name}.yaml": one.draft.text for name, one in drafts.items()}

    return Proposal("\n".join(lines) + "\n", tuple(findings), profiles)


@dataclass(frozen=True)
class _Drafted:
    """Files of one stem and header, and the profile drafted for them."""

    draft: Draft
    files: tuple[Path, ...]


def _drafts(strangers: Sequence[Look], taken: Container[str]) -> dict[str, _Drafted]:
    """Return what is drafted for files that no profile fits, by the source's name."""
    alike: dict[tuple[object, ...], list[Look]] = {}
    for one in strangers:
        if one.peek is not None and not one.found:
            key = (one.path.parent, stem(one.path).casefold(), one.peek.raw_names)
            alike.setdefault(key, []).append(one)
    found: dict[str, _Drafted] = {}
    for looks in alike.values():
        first = plain(stem(looks[0].path))
        again = (f"{first}_{number}" for number in range(2, len(alike) + 2))
        free = (n for n in (first, *again) if n not in found and n not in taken)
        name = next(free, None)
        made = draft(looks[0].peek, name) if name and looks[0].peek else None
        if name is not None and made is not None:
            found[name] = _Drafted(made, tuple(one.path for one in looks))

    return found


def _drafted(drafts: Mapping[str, _Drafted]) -> set[Path]:
    return {path for one in drafts.values() for path in one.files}


def _sources(
    sources: Mapping[str, Group],
    drafts: Mapping[str, _Drafted],
    copies: Iterable[Path],
    folder: Path,
) -> list[str]:
    if not sources and not drafts:
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
    for name, one in sorted(drafts.items()):
        files = sorted(os.path.relpath(p, folder) for p in patterns(one.files, copies))
        lines += [
            f"  {name}:",
            f"    profile: {name}.yaml  # ? drafted from its columns: look at it",
            "    files:",
            *(f"      - {_quoted(file)}" for file in files),
        ]

    return lines


def _unknown(looks: Sequence[Look]) -> list[str]:
    strangers = [one for one in looks if one.best is None]
    if not strangers:
        return []

    return [
        "",
        "# Not recognised. One that holds contacts or answers needs a profile of about",
        "# fifteen lines; lists of brands, tags or settings are nothing to cxmap.",
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


def _finding(one: Look, drafts: Mapping[str, _Drafted]) -> str:
    file = show(one.path)
    if one.trouble is not None:
        return f"? {file}: {one.trouble}"
    for name, made in drafts.items():
        if one.path in made.files:
            filled = ", ".join(made.draft.sure)
            return f"? {file}: no profile; drafted {name}.yaml ({filled})"
    if one.best is None:
        fits = ", ".join(found.profile for found in one.found) or "no profile"
        return f"? {file}: fits {fits}"

    return f"  {file}: {one.best.profile} ({one.best.confidence:.0%}: {one.best.why})"


def _quoted(text: str) -> str:
    plain = re.fullmatch(r"[\w./-]+", text)
    return text if plain else "'" + safe(text).replace("'", "''") + "'"

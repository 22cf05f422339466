"""What `ingest` found: where every row went, and what the data can bear."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

SCHEMA = "cxmap.import/1"

State = Literal["loaded", "known", "replaced", "refused", "unrecognised", "dry_run"]


@dataclass(frozen=True)
class Lost:
    """What could not be used of one column, for one reason."""

    column: str | None
    """None: the row as a whole."""
    reason: str
    """One of names.REJECT_REASONS."""
    rows: int
    """Rows rejected for it."""
    cells: int
    """Cells left empty for it; their rows are kept."""


@dataclass(frozen=True)
class FileReport:
    """One export: every row of it is accounted for."""

    file: str
    """Its name, without its folder."""
    source: str | None
    profile: str | None
    state: State
    """known: the same content was loaded before; replaced: with a corrected mapping."""
    records: int = 0
    """Rows met: the sum of the eight counts below."""
    kept: int = 0
    filtered: int = 0
    """Rows the profile leaves out on purpose."""
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0
    footer: int = 0
    """Totals and other rows below the last record."""
    forgotten: int = 0
    """Rows of people who were forgotten."""
    refused: int = 0
    """Usable rows of a file that was refused for its other rows."""
    cell_rejects: int = 0
    """Single cells that could not be read; their rows are kept."""
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Rejects by reason, rows and cells together."""
    lost: tuple[Lost, ...] = ()
    """The same by column, rows and cells apart."""
    notes: tuple[str, ...] = ()
    """Encoding, delimiter, zone assumed …: never a value."""

    @property
    def balanced(self) -> bool:
        """Whether every row met went somewhere."""
        gone = self.filtered + self.duplicates + self.rejected + self.refused
        return self.records == (
            self.kept + gone + self.blank + self.footer + self.forgotten
        )

    @property
    def taken_in(self) -> bool:
        """Whether the file is held now, or would be, and was not before."""
        return self.state in ("loaded", "replaced", "dry_run")

    @property
    def in_vain(self) -> bool:
        """Whether a file that holds rows was taken in and none of them was kept."""
        return self.taken_in and self.records > 0 and not self.kept


@dataclass(frozen=True)
class SourceReport:
    """One source, over everything the store holds of it."""

    source: str
    contacts: int
    identified: float | None
    """Share of contacts that belong to a known customer."""
    comparable_topic: float | None
    """Share of contacts whose topic compares with others."""
    since: datetime | None
    until: datetime | None
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """By column: rows whose value the profile or the topic tree does not know."""


@dataclass(frozen=True)
class ImportReport:
    """One run of `ingest`."""

    files: tuple[FileReport, ...]
    sources: tuple[SourceReport, ...] = ()
    can_bear: tuple[str, ...] = ()
    """What the data held cannot carry yet: `30 days held; it takes 45 for …`."""
    notes: tuple[str, ...] = ()
    dry_run: bool = False


HISTORY: Mapping[str, int] = {
    "first_contact_resolution": 45,
    "next_contact_avoidance": 45,
    "repeat_contact_rate": 45,
    "changes": 75,
}
"""Days of exports a figure needs: a month, and the windows around it."""


def what_it_bears(days: int, needs: Mapping[str, int] = HISTORY) -> tuple[str, ...]:
    """Return a sentence on the figures that need more than the `days` held, if any."""
    held = "1 day held" if days == 1 else f"{days} days held"
    lacking: dict[int, list[str]] = {}
    for figure, needed in needs.items():
        if days < needed:
            lacking.setdefault(needed, []).append(figure)
    wants = [f"{needed} for {', '.join(names)}" for needed, names in lacking.items()]

    return (f"{held}; it takes {', and '.join(wants)}",) if wants else ()

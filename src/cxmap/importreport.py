"""What `ingest` found: where every row went, and what the data can bear."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
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
    warnings: tuple[str, ...] = ()
    """Those of the notes that a run must say even if it is to be quiet."""
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
class Lack:
    """A KPI or friction that cannot be computed, and what it would need."""

    name: str
    needs: tuple[str, ...]
    """Columns that hold nothing at all; of `a|b` either would do."""


@dataclass(frozen=True)
class SourceReport:
    """One source, over everything the store holds of it."""

    source: str
    contacts: int
    """All that are held, outbound and internal ones too."""
    inbound: int = 0
    """Those that count: direction inbound or unknown. The shares are theirs."""
    answers: int = 0
    """Survey answers held."""
    identified: float | None = None
    """Share of contacts that belong to a known customer."""
    comparable_topic: float | None = None
    """Share of contacts whose topic compares with others."""
    ended: float | None = None
    """Share of contacts whose export says of a time after their start: an end, an
    answer, a message or a solve. The others are taken to end as they began."""
    agent: float | None = None
    """Share of contacts that name the person who handled them."""
    team: float | None = None
    """Share of contacts that name a team."""
    since: datetime | None = None
    """Start of the first contact held."""
    until: datetime | None = None
    """Start of the last contact held."""
    days: int | None = None
    """Days of exports that figures can rest on; None: no contacts are held."""
    zones: Mapping[str, int] = field(default_factory=dict)
    """Contacts by how the zone of their starts was known: offset (written with it),
    utc (by a Z or the form), profile, config, assumed; unknown: a computed start."""
    precision: Mapping[str, int] = field(default_factory=dict)
    """Contacts by the coarsest of their times, where coarser than a second."""
    limits: tuple[str, ...] = ()
    """What such exports can never say, as their profile declares."""
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """By column: rows of this run whose word the profile does not know; for topic,
    contacts held whose value the topic tree does not."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """Of names.LEFT_OUT: how many make no contact for that reason."""
    conflicts: int = 0
    """Contacts whose references lead to another customer: joined with nobody."""
    lacking: tuple[Lack, ...] = ()
    """What cannot be computed of this source for want of a column."""
    contact_ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The contacts left out, by reason, and those in `conflicts`."""


@dataclass(frozen=True)
class Restatement:
    """A figure of a past month that the records of this run changed."""

    kpi: str
    period: str
    """The month, as `2026-05`."""
    since: datetime
    until: datetime
    """Exclusive."""
    unit: str
    previous: float | None
    """What it was before; shares as fractions, durations in seconds."""
    value: float | None
    """What it is now; None: nobody is left to count."""
    previous_n: int
    n: int
    because: Mapping[str, int] = field(default_factory=dict)
    """What changed in the month that the KPI can see, of CAUSES, counted."""


CAUSES = MappingProxyType(
    {
        "late_repeats": ("late repeat", "late repeats"),
        "contacts_added": ("contact added", "contacts added"),
        "contacts_removed": ("contact removed", "contacts removed"),
        "contacts_changed": ("contact changed", "contacts changed"),
        "customers_merged": ("customer merged", "customers merged"),
        "customers_parted": ("customer parted", "customers parted"),
        "journeys_changed": ("journey changed", "journeys changed"),
        "answers_changed": ("answer changed", "answers changed"),
        "pending_again": ("row pending again", "rows pending again"),
        "judged_since": ("row judged since", "rows judged since"),
    }
)
"""Why a figure of the past changes: one and several of what is counted. A late repeat
is a contact that now repeats one before it, or that one, whichever the KPI judges."""


@dataclass(frozen=True)
class ImportReport:
    """One run of `ingest`."""

    files: tuple[FileReport, ...]
    sources: tuple[SourceReport, ...] = ()
    needed: Mapping[str, int] = field(default_factory=dict)
    """Days of exports that a month of each KPI with a window takes."""
    changes: int | None = None
    """Days of exports that comparing two months takes; None: nothing is held."""
    can_bear: tuple[str, ...] = ()
    """What the days held can carry: `30 days held: … needs 45, changes 75`."""
    lacking: tuple[Lack, ...] = ()
    """What no source has any rows for, such as surveys, and the columns it needs."""
    restated: tuple[Restatement, ...] = ()
    """Figures of past months that this run changed; none at the first load, or after
    a change of the config or of the version."""
    notes: tuple[str, ...] = ()
    dry_run: bool = False


MOST_NAMES = 2
"""A sentence names so many KPIs, and counts the others."""


def what_it_bears(
    days: Mapping[str, int], needed: Mapping[str, int], changes: int
) -> tuple[str, ...]:
    """Return what the `days` held of each source can carry, in sentences.

    One sentence where they suffice for every KPI in `needed` and for `changes`;
    else one for all sources that lack the same. Nothing held, nothing to say.
    """
    figures = {**needed, "changes": changes}
    short: dict[tuple[str, ...], list[str]] = {}
    for source, held in days.items():
        lacking = tuple(name for name, least in figures.items() if held < least)
        short.setdefault(lacking, []).append(source)
    if set(short) <= {()}:
        enough = "enough for every KPI and for changes"
        return (f"{_span(days.values())}: {enough}",) if days else ()

    return tuple(
        f"{_of(sources, days)}{_span(days[one] for one in sources)}: "
        + ", ".join(_wants({name: figures[name] for name in lacking}))
        for lacking, sources in short.items()
        if lacking
    )


def _of(sources: list[str], days: Mapping[str, int]) -> str:
    return "" if len(sources) == len(days) else f"{', '.join(sources)}: "


def _span(days: Iterable[int]) -> str:
    several = sorted(days)
    fewest, most = several[0], several[-1]
    if fewest != most:
        return f"{fewest} to {most} days held"

    return "1 day held" if most == 1 else f"{most} days held"


def _wants(lacking: Mapping[str, int]) -> Iterator[str]:
    """Yield `a and b need 51`, then `c 61`: the verb is said once."""
    by_days: dict[int, list[str]] = {}
    for name, least in lacking.items():
        by_days.setdefault(least, []).append(name)
    for place, (least, names) in enumerate(sorted(by_days.items())):
        named = names if len(names) <= MOST_NAMES else names[:1]
        rest = len(names) - len(named)
        words = " and ".join([*named, f"{rest} more"] if rest else named)
        one = len(names) == 1 and names != ["changes"]
        verb = "" if place else " needs" if one else " need"
        yield f"{words}{verb} {least}"

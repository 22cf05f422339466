"""A vendor's own figures beside ours, on the same cases: what agrees, and why not."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from cxmap.config import Config
from cxmap.desk.cases import cases
from cxmap.desk.disagreeing import why_differs, why_one_sided
from cxmap.desk.vendors import (
    COUNT,
    KEY,
    Column,
    VendorFile,
    read_figures,
    recognised,
)
from cxmap.errors import ExportError, UsageError
from cxmap.hours import in_words
from cxmap.sources.reading.archives import name_of
from cxmap.text import nearest, safe

Tables = Mapping[str, pl.DataFrame]

SCHEMA = "cxmap.reconciliation/1"

KINDS = ("exact", "within", "differs", "only_theirs", "only_ours", "neither")

OTHER = {
    "first_response": "first_response_business",
    "first_response_business": "first_response",
    "resolution": "resolution_business",
    "resolution_business": "resolution",
}
"""The same time by the other clock."""

THEIRS = "their_"
"""How the vendor's columns begin beside ours."""

PAIR = "other_clock_agrees"
"""Whether the same time by the other clock agrees."""

LISTED = ("metric", "case", "contact_id", "journey_id", "theirs", "ours", "kind", "why")


@dataclass(frozen=True)
class Metric:
    """One metric of the vendor, compared with ours case by case."""

    metric: str
    column: str
    ours: str
    unit: str
    """seconds or count."""
    note: str
    compared: int
    """Cases of which both say something: exact, within and differs together."""
    exact: int
    within: int
    differs: int
    share: float | None
    """Of those compared, what is exact or within the tolerance."""
    median_difference: int | None
    """Theirs less ours, over those compared."""
    only_theirs: int
    only_ours: int
    neither: int
    unreadable: int
    """Cells that hold no figure."""
    reasons: Mapping[str, int]
    """Why the rest does not agree; together those that differ or are one-sided."""


@dataclass(frozen=True)
class Reconciliation:
    """A file of a vendor's figures against the store."""

    file: str
    kind: str
    title: str
    sources: tuple[str, ...]
    cases: int
    """Cases the file names, each once."""
    matched: int
    """Those of them that the store holds."""
    tolerance_seconds: int
    metrics: tuple[Metric, ...]
    rows: pl.DataFrame
    """The cases that do not agree, by metric."""
    now: datetime
    notes: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the comparison as `reconcile -f json` prints it."""
        return {
            "schema": SCHEMA,
            "file": self.file,
            "kind": self.kind,
            "title": self.title,
            "sources": list(self.sources),
            "cases": self.cases,
            "matched": self.matched,
            "tolerance_seconds": self.tolerance_seconds,
            "now": self.now,
            "metrics": [asdict(one) for one in self.metrics],
            "notes": list(self.notes),
        }


def reconcile(
    tables: Tables,
    config: Config,
    path: Path,
    *,
    source: str | None,
    tolerance: timedelta,
    now: datetime,
) -> Reconciliation:
    """Return the vendor's figures of a file beside ours.

    The cases are those of the `source`, else of every source of that vendor. Raises
    ExportError for a file that holds no vendor's figures or where the store holds
    nothing of that vendor, UsageError for a source that does not exist.
    """
    kind = recognised(path)
    sources = _sources(tables, config, kind, source)
    figures, unreadable = read_figures(path, kind)
    own = _one_each(cases(tables, sources, config.hours), figures)
    named = figures.rename({m: f"{THEIRS}{m}" for m in unreadable})
    beside = named.join(own, left_on=KEY, right_on="key", how="left")
    within = int(tolerance.total_seconds())
    compared = {
        metric: _compared(beside, metric, column, within)
        for metric, column in kind.columns.items()
        if metric in figures.columns
    }
    told = {metric: _explained(metric, kind, compared, within) for metric in compared}

    return Reconciliation(
        file=name_of(path),
        kind=kind.name,
        title=kind.title,
        sources=tuple(sources),
        cases=figures.height,
        matched=beside["contact_id"].count(),
        tolerance_seconds=within,
        metrics=tuple(
            _metric(metric, kind.columns[metric], rows, unreadable[metric])
            for metric, rows in told.items()
        ),
        rows=_listed(told),
        now=now,
        notes=tuple(_notes(config, kind)),
    )


def _sources(
    tables: Tables, config: Config, kind: VendorFile, named: str | None
) -> list[str]:
    held = sorted(tables["contacts"]["source"].unique())
    if named is not None:
        if named not in held:
            near = nearest(named, held)
            hint = f"did you mean {near}? " if near else ""
            raise UsageError(
                f"--source {safe(named)}: {hint}the store holds {', '.join(held)}"
            )
        return [named]
    found = [name for name in held if _profile(name, config) in kind.profiles]
    if not found:
        raise ExportError(
            f"{kind.title}: the store holds no source read by "
            f"{', '.join(kind.profiles)}; ingest its exports first, or name the "
            "source with --source"
        )

    return found


def _profile(source: str, config: Config) -> str:
    """Return the profile a source is read by; undeclared, its name is that."""
    declared = config.sources.get(source)
    named = None if declared is None else declared.profile

    return source if named is None else str(named)


def _one_each(own: pl.DataFrame, figures: pl.DataFrame) -> pl.DataFrame:
    """The cases the file may name, one a number: of several sources the best match."""
    named = own.join(figures.select(key=KEY), on="key", how="semi")
    matched = named.group_by("source").agg(hits=pl.len())

    return (
        named.join(matched, on="source")
        .sort("key", "hits", "source", descending=[False, True, False])
        .unique("key", keep="first", maintain_order=True)
        .drop("hits")
    )


def _compared(
    beside: pl.DataFrame, metric: str, column: Column, within: int
) -> pl.DataFrame:
    """The cases with theirs, ours and in which of KINDS they fall."""
    theirs, ours = pl.col("theirs"), pl.col("ours")
    tolerance = 0 if column.unit == COUNT else within
    gap = (theirs - ours).abs()
    kind = (
        pl.when(theirs.is_null() & ours.is_null())
        .then(pl.lit("neither"))
        .when(ours.is_null())
        .then(pl.lit("only_theirs"))
        .when(theirs.is_null())
        .then(pl.lit("only_ours"))
        .when(gap == 0)
        .then(pl.lit("exact"))
        .when(gap <= tolerance)
        .then(pl.lit("within"))
        .otherwise(pl.lit("differs"))
    )
    other = OTHER.get(column.ours)

    return beside.with_columns(
        theirs=pl.col(f"{THEIRS}{metric}"),
        ours=pl.col(column.ours),
        other_clock=pl.lit(None, pl.Int64) if other is None else pl.col(other),
    ).with_columns(kind=kind)


def _explained(
    metric: str, kind: VendorFile, compared: Mapping[str, pl.DataFrame], within: int
) -> pl.DataFrame:
    """The cases with why they do not agree."""
    column, rows = kind.columns[metric], compared[metric]
    other = _other_clock(metric, kind, compared)
    if other is not None:
        agrees = other["kind"].is_in(["exact", "within"])
        rows = rows.with_columns(agrees.alias(PAIR))
    differs = why_differs(column, within, None if other is None else PAIR)
    why = (
        pl.when(pl.col("kind") == "differs")
        .then(differs)
        .when(pl.col("kind").is_in(["only_theirs", "only_ours"]))
        .then(why_one_sided())
    )

    return rows.with_columns(why=why)


def _other_clock(
    metric: str, kind: VendorFile, compared: Mapping[str, pl.DataFrame]
) -> pl.DataFrame | None:
    """Return the rows of the metric that is the same time by the other clock."""
    pair = kind.columns[metric].pair
    for other, rows in compared.items():
        if pair is not None and other != metric and kind.columns[other].pair == pair:
            return rows

    return None


def _metric(metric: str, column: Column, rows: pl.DataFrame, unreadable: int) -> Metric:
    counts: dict[str, int] = dict(
        rows.group_by("kind").agg(pl.len().cast(pl.Int64)).iter_rows()
    )
    exact, within, differs, theirs, ours, neither = (
        counts.get(kind, 0) for kind in KINDS
    )
    compared = exact + within + differs
    gaps = (rows["theirs"] - rows["ours"]).drop_nulls().sort()
    why = rows.drop_nulls("why").group_by("why").agg(rows=pl.len().cast(pl.Int64))

    return Metric(
        metric=metric,
        column=column.origin,
        ours=column.ours,
        unit=COUNT if column.unit == COUNT else "seconds",
        note=column.note,
        compared=compared,
        exact=exact,
        within=within,
        differs=differs,
        share=(exact + within) / compared if compared else None,
        median_difference=int(gaps[(gaps.len() - 1) // 2]) if compared else None,
        only_theirs=theirs,
        only_ours=ours,
        neither=neither,
        unreadable=unreadable,
        reasons=dict(why.sort("rows", "why", descending=[True, False]).iter_rows()),
    )


def _listed(told: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    text, number = pl.String(), pl.Int64()
    schema = {n: number if n in ("theirs", "ours") else text for n in LISTED}
    parts = [
        rows.drop_nulls("why")
        .with_columns(metric=pl.lit(metric), case=pl.col(KEY))
        .select(LISTED)
        .sort("why", "case")
        for metric, rows in told.items()
    ]

    return pl.concat([pl.DataFrame(schema=schema), *parts])


def _notes(config: Config, kind: VendorFile) -> list[str]:
    notes = [
        "where the store was fed with these very columns, agreement shows that they "
        "were read rightly, and nothing more"
    ]
    hours = config.hours
    if any(column.clock == "business" for column in kind.columns.values()):
        assumed = " (assumed; set hours: in the config)" if hours.assumed else ""
        notes.append(f"our business hours: {in_words(hours.usual)}{assumed}")

    return notes

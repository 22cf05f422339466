"""Files of a vendor's own figures: which kind one is, and what its columns say."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Literal

import polars as pl
from pydantic import Field

from cxmap.config.sections import Section
from cxmap.desk.detecting import look
from cxmap.errors import ExportError
from cxmap.sources.read import Peek, ReadOptions, peek, read
from cxmap.sources.reading.archives import name_of
from cxmap.sources.values import read_counts, read_durations
from cxmap.yamls.problems import check_yaml

FILE = "vendor_columns.yaml"

COUNT = "count"

KEY, UPDATED = "key", "their_updated_at"

LEAST = 1
"""Metric columns a file must hold to be one of vendor figures."""

ALIKE = 2
"""Columns a file must hold, the key among them, for a kind to be called near."""

NAMED = 4
"""How many missing columns a message names."""


class Column(Section):
    """One metric of a vendor, and what of ours it should equal."""

    origin: str = Field(alias="from")
    unit: Literal["s", "min", "h", "hms", "count"]
    ours: str
    clock: Literal["calendar", "business"] | None = None
    pair: str | None = None
    note: str = ""

    @property
    def step(self) -> int:
        """The smallest difference its unit can show, in seconds or as a count."""
        return {"min": 60, "h": 3600}.get(self.unit, 1)


class VendorFile(Section):
    """One kind of file."""

    name: str
    title: str
    format: Literal["json", "delimited"]
    profiles: tuple[str, ...]
    key: str
    updated: str | None = None
    marks: tuple[str, ...] = ()
    """Columns that tell it from a kind that is alike."""
    columns: dict[str, Column]


class VendorFiles(Section):
    """Every kind of file that is known."""

    files: tuple[VendorFile, ...]


@cache
def vendor_files() -> tuple[VendorFile, ...]:
    """Return the kinds of files that ship with the package."""
    text = files("cxmap.desk").joinpath(FILE).read_text("utf-8")

    return check_yaml(text, Path(FILE), VendorFiles).files


def recognised(path: Path) -> VendorFile:
    """Return the kind of a file: the one most of whose metrics it holds.

    Raises ExportError, with the nearest kind if one is near, where it is none.
    """
    head = peek(path)
    held = {one.name: _held(one, head) for one in vendor_files()}
    fit = [
        one
        for one in vendor_files()
        if all(_has(one, name, head) for name in (one.key, *one.marks))
        and len(held[one.name]) >= LEAST
    ]
    if not fit:
        raise ExportError(f"{name_of(path)}: {_unknown(path, head)}")

    def sure(one: VendorFile) -> tuple[float, int]:
        return len(held[one.name]) / len(one.columns), len(one.marks)

    return max(fit, key=sure)


def _has(kind: VendorFile, column: str, head: Peek) -> bool:
    if (kind.format == "json") != (head.format == "json"):
        return False
    if kind.format == "json":
        return column.split(".", maxsplit=1)[0] in head.keys

    return column.casefold() in {name.strip().casefold() for name in head.raw_names}


def _held(kind: VendorFile, head: Peek) -> list[str]:
    return [m for m, c in kind.columns.items() if _has(kind, c.origin, head)]


def _unknown(path: Path, head: Peek) -> str:
    """Say that a file holds no vendor's figures, and which kind is nearest, if any."""
    said = ["holds no figures of a vendor known here"]
    best = look(path).best
    if best is not None:
        said.append(f"it is an export as {best.profile} reads it")
    nearest = _nearest(head, best.profile if best else None)
    if nearest is not None:
        wanted = [nearest.key, *(column.origin for column in nearest.columns.values())]
        missing = [name for name in wanted if not _has(nearest, name, head)]
        also = f", which has also {', '.join(missing[:NAMED])}" if missing else ""
        said.append(f"nearest: {nearest.title}{also}")
    said.append(f"known: {', '.join(one.name for one in vendor_files())}")

    return "; ".join(said)


def _nearest(head: Peek, profile: str | None) -> VendorFile | None:
    """Return the kind of most columns held: of the vendor whose export it is.

    None where that vendor has no kind; where nobody's export it is, None unless it
    holds ALIKE of a kind's columns.
    """

    def alike(one: VendorFile) -> tuple[int, bool]:
        columns = len(_held(one, head)) + _has(one, one.key, head)
        return columns, (one.format == "json") == (head.format == "json")

    kinds = [one for one in vendor_files() if profile in (None, *one.profiles)]
    nearest = max(kinds, key=alike, default=None)
    if nearest is None or (profile is None and alike(nearest)[0] < ALIKE):
        return None

    return nearest


def read_figures(path: Path, kind: VendorFile) -> tuple[pl.DataFrame, dict[str, int]]:
    """Return the file's figures, and how many cells of each metric are unreadable.

    One row a case, the one changed last: KEY, UPDATED and every metric the file
    holds, times in whole seconds (cut, not rounded). Metrics that it does not hold
    are missing from both.
    """
    wanted = {metric: column.origin for metric, column in kind.columns.items()}
    paths = {KEY: kind.key, **({UPDATED: kind.updated} if kind.updated else {})}
    rows = _texts(path, kind, {**paths, **wanted})
    unreadable: dict[str, int] = {}
    typed = rows.select(KEY, updated_text=_text(rows, UPDATED))
    for metric, column in kind.columns.items():
        if metric not in rows.columns:
            continue
        read_as = read_counts if column.unit == COUNT else None
        values = (
            read_as(rows[metric])
            if read_as is not None
            else read_durations(rows[metric], column.unit, ".")
        )
        unreadable[metric] = values.reason.drop_nulls().len()
        typed = typed.with_columns(values.values.alias(metric))

    return _latest(typed), unreadable


def _texts(path: Path, kind: VendorFile, wanted: Mapping[str, str]) -> pl.DataFrame:
    """The columns wanted as text, under our names; those the file lacks left out."""
    if kind.format == "json":
        raw = read(path, ReadOptions(format="json"), fields=dict(wanted)).rows
        top = peek(path).keys
        held = [name for name, where in wanted.items() if where.split(".")[0] in top]
        return raw.select(held)

    raw = read(path, ReadOptions(format="delimited", encoding=("cp1252",))).rows
    found = {name.strip().casefold(): name for name in raw.columns}
    own = {
        name: found[header.casefold()]
        for name, header in wanted.items()
        if header.casefold() in found
    }
    cells = {name: pl.col(header).str.strip_chars() for name, header in own.items()}

    return raw.select(
        pl.when(~cell.is_in(["", "-"])).then(cell).alias(name)
        for name, cell in cells.items()
    )


def _text(rows: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name) if name in rows.columns else pl.lit(None, pl.String)


def _latest(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a case, the one changed last, with the time of it where it is one."""
    text = pl.col("updated_text")
    epoch = pl.when(text.str.contains(r"^\d{9,11}$")).then(text)
    moment = pl.coalesce(
        text.str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f%#z", time_zone="UTC", strict=False, exact=True
        ),
        text.str.replace("T", " ")
        .str.head(19)
        .str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
        .dt.replace_time_zone("UTC"),
        pl.from_epoch(epoch.cast(pl.Int64, strict=False)).dt.replace_time_zone("UTC"),
    ).cast(pl.Datetime("us", "UTC"))

    return (
        rows.with_columns(moment.alias(UPDATED))
        .drop("updated_text")
        .drop_nulls(KEY)
        .with_row_index("place")
        .sort(KEY, UPDATED, "place", nulls_last=False)
        .unique(KEY, keep="last", maintain_order=True)
        .drop("place")
    )

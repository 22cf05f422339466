"""Rows of an export as flat text: the columns a part reads, under its own names."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl
from rapidfuzz import fuzz, process

from cxmap.errors import ExportError
from cxmap.options import is_zone
from cxmap.sources import expressions
from cxmap.sources.part import Part, Profile
from cxmap.sources.profile import inside
from cxmap.sources.reading.shapes import ROW, Items, ReadOptions
from cxmap.text import safe

PATTERN = re.compile(r"/(.*)/")
"""How a profile writes a header that varies: a pattern between slashes."""

NEAR = 75

GAPS = re.compile(r"\s+")

UTC = "UTC"
NOTHING: Mapping[str, str] = MappingProxyType({})

PLACE = re.compile(r"\[\d+\]$")
"""What a reader adds to the second column of a name."""


@dataclass(frozen=True)
class Flat:
    """The rows that count, and those that do not."""

    rows: pl.DataFrame
    """Every column the part reads, as cleaned text, and ROW; null: nothing."""
    headers: Mapping[str, str]
    """What the export itself calls each column, or the path to it."""
    zones: Mapping[str, str]
    """Time zones that headers name, by column."""
    filtered: int
    """Rows for which `where` does not hold (or cannot be told), or of other kinds."""
    filtered_null: int
    """Of those: rows for which `where` cannot be told."""
    other_kind: int
    """Of those: rows of a kind that is not listed."""


def json_fields(part: Part) -> dict[str, str]:
    """Return what a reader must extract from JSON: column name → path."""
    return {name: part.let.get(name, name) for name in part.reads()}


def json_lists(profile: Profile, part: str) -> dict[str, Items]:
    """Return the lists a reader must open: those of the parts that are `of` this."""
    return {
        name: Items(
            path=inner.path,
            fields={n: inner.let.get(n, n) for n in inner.reads() if n not in inner.up},
            up=inner.up,
        )
        for name, inner in inside(profile, part).items()
    }


def listed(raw: pl.DataFrame, part: Part, *, file: str) -> pl.DataFrame:
    """Return the rows of a part whose list is columns of one name side by side.

    A row for each filled cell: ROW, `value`, and what the part takes from the row
    above under its short names, null where it is not there. Raises ExportError where
    one of those is there twice.
    """
    headers = [name for name in raw.columns if name != ROW]
    (wanted,) = part.path
    pattern = PATTERN.fullmatch(wanted)
    several = [
        header
        for header in headers
        if (pattern and re.search(pattern[1], header, re.IGNORECASE))
        or folded(PLACE.sub("", header)) == folded(wanted)
    ]
    above = {name: _only(header, headers, file) for name, header in part.up.items()}
    pieces = [
        raw.select(ROW, **above, value=header, place=pl.lit(place))
        for place, header in enumerate(several)
    ]
    nothing = raw.select(ROW, **above).clear().with_columns(value=pl.lit(""))
    if not pieces:
        return nothing

    return (
        pl.concat(pieces)
        .drop_nulls("value")
        .sort(ROW, "place")
        .select(ROW, "value", *above)
    )


def _only(wanted: str, headers: list[str], file: str) -> pl.Expr:
    found = [header for header in headers if folded(header) == folded(wanted)]
    if len(found) > 1:
        raise ExportError(
            f"{safe(file)}: column {safe(wanted)} is there {len(found)} times"
        )

    return pl.col(found[0]) if found else pl.lit(None, pl.String)


def read_options(part: Part) -> ReadOptions:
    """Return how a reader must read files of the part."""
    said = part.read.model_dump(exclude_none=True, exclude={"zone"})
    return ReadOptions(**said)


def flatten(
    raw: pl.DataFrame,
    part: Part,
    *,
    file: str,
    json: bool,
    under: Mapping[str, str] = NOTHING,
) -> Flat:
    """Return the rows of `raw` (text columns and ROW) under the part's names.

    Headers are matched without regard to case and surrounding blanks; `under` is
    what further header rows say below them. Raises
    ExportError naming every column that is missing or there twice.
    """
    found = _json_columns(raw, part) if json else _headers(raw, part, file)
    if not json:
        _refuse_missing(found, raw, part, file)
    nothing = ["", *part.null_if]
    text = {
        name: pl.col(column).str.strip_chars() if column else pl.lit(None, pl.String)
        for name, column in found.items()
    }
    cleaned = {
        name: pl.when(~expression.is_in(nothing)).then(expression)
        for name, expression in text.items()
    }
    rows = raw.select(ROW, **cleaned)
    rows, unknown = _where(rows, part)
    rows, other = _kinds(rows, part)
    zones = {
        name: _zone(part, name, column) or _zone_under(part, under.get(column or ""))
        for name, column in found.items()
    }

    spelt = {
        name: (None if json else column) or part.let.get(name, name)
        for name, column in found.items()
    }

    return Flat(
        rows,
        spelt,
        {name: zone for name, zone in zones.items() if zone},
        raw.height - rows.height,
        unknown,
        other,
    )


def _json_columns(raw: pl.DataFrame, part: Part) -> dict[str, str | None]:
    return {name: name if name in raw.columns else None for name in part.reads()}


def _headers(raw: pl.DataFrame, part: Part, file: str) -> dict[str, str | None]:
    headers = [name for name in raw.columns if name != ROW]
    alike: dict[str, list[str]] = {}
    for header in headers:
        alike.setdefault(folded(PLACE.sub("", header)), []).append(header)

    found: dict[str, str | None] = {}
    for name in part.reads():
        wanted = part.let.get(name, name)
        pattern = PATTERN.fullmatch(wanted)
        if pattern:
            fits = [h for h in headers if re.search(pattern[1], h, re.IGNORECASE)]
        elif PLACE.search(wanted):
            fits = [h for h in headers if folded(h) == folded(wanted)]
        else:
            fits = alike.get(folded(wanted), [])
        if len(fits) > 1:
            raise ExportError(
                f"{safe(file)}: column {safe(wanted)} is there {len(fits)} times; "
                f"name one by its place, such as {safe(fits[1])}"
            )
        found[name] = fits[0] if fits else None

    return found


def _refuse_missing(
    found: Mapping[str, str | None], raw: pl.DataFrame, part: Part, file: str
) -> None:
    wanted = part.required if part.required is not None else tuple(found)
    found = {**{part.let.get(name, name): c for name, c in found.items()}, **found}
    missing = []
    for column in wanted:
        names = (column,) if isinstance(column, str) else column
        if not any(found.get(name) for name in names):
            missing.append(_missing(names[0], part, raw))
    if missing:
        raise ExportError(f"{safe(file)}: " + "; ".join(missing))


def _missing(name: str, part: Part, raw: pl.DataFrame) -> str:
    wanted = part.let.get(name, name)
    headers = [header for header in raw.columns if header != ROW]
    near = process.extractOne(
        folded(wanted),
        [folded(header) for header in headers],
        scorer=fuzz.ratio,
        score_cutoff=NEAR,
    )
    cure = f"; the nearest is column {near[2] + 1}, {safe(near[0])}" if near else ""

    return f"no column {safe(wanted)}{cure}"


def folded(header: str) -> str:
    """Return a header as headers are compared: without case, BOM and extra blanks."""
    return GAPS.sub(" ", header.strip("\ufeff \t\u00a0")).casefold()


def _zone(part: Part, name: str, column: str | None) -> str | None:
    pattern = PATTERN.fullmatch(part.let.get(name, name))
    found = pattern and column and re.search(pattern[1], column, re.IGNORECASE)

    return found.groupdict().get("tz") if found else None


def _zone_under(part: Part, told: str | None) -> str | None:
    """Return the zone that a further header row names; None where none is known."""
    found = re.search(part.read.zone, told) if part.read.zone and told else None
    zone = found.groupdict().get("tz") if found else None
    if zone in (None, "Z"):
        return UTC if zone else None

    return zone if zone and is_zone(zone) else None


def _where(rows: pl.DataFrame, part: Part) -> tuple[pl.DataFrame, int]:
    if part.where is None:
        return rows, 0
    judged = rows.with_columns(_holds=expressions.parse(part.where).cast(pl.Boolean))
    unknown = judged["_holds"].null_count()

    return judged.filter("_holds").drop("_holds"), unknown


def _kinds(rows: pl.DataFrame, part: Part) -> tuple[pl.DataFrame, int]:
    by = part.kind_column
    if by is None:
        return rows, 0

    kinds = part.kind_names
    listed = rows.filter(pl.col(by).is_in(list(kinds)))
    named: dict[str, pl.Expr] = {}
    for name in dict.fromkeys(n for given in kinds.values() for n in given.values()):
        named[name] = pl.coalesce(
            [
                pl.when(pl.col(by) == kind).then(pl.col(position))
                for kind, given in kinds.items()
                for position, meant in given.items()
                if meant == name
            ]
        )

    return listed.with_columns(**named), rows.height - listed.height

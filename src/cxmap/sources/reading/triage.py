"""Which lines of a delimited file make which record, and which make none.

A *span* is a run of lines that is one record: good, or rejected for a reason. The
frame `spans` has the columns of `SPANS`; lines count from 0. Blank lines belong to
no span.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from cxmap.sources.reading.fields import Dialect, Split, escaped, joined, split

SPANS = pl.Schema(
    {
        "start": pl.Int64(),
        "lines": pl.Int64(),
        "reason": pl.String(),
        "text": pl.String(),
    }
)
"""First line, number of lines, why it is rejected, and its text where the lines
themselves would mislead a reader."""


@dataclass(frozen=True)
class Grid:
    """The shape every record should have."""

    dialect: Dialect
    width: int
    ragged: bool = False
    eol: str = "\n"

    def fits(self, cells: int) -> bool:
        """Tell whether a record may have so many cells."""
        return cells == self.width or (self.ragged and cells < self.width)


@dataclass(frozen=True)
class _Marks:
    """What can be told of each line by itself."""

    complete: pl.Series
    """It is a good record, if it begins one."""
    blank: pl.Series


def triage(lines: pl.Series, grid: Grid) -> pl.DataFrame:
    """Return the `spans` of the lines, in their order; every line is accounted for."""
    marks = _mark(lines, grid)
    if (marks.complete | marks.blank).all():
        return _singles(marks)
    tidy = _in_columns(lines, marks, grid)
    if tidy is not None:
        return tidy

    return _in_steps(lines, marks, grid)


def _mark(lines: pl.Series, grid: Grid) -> _Marks:
    delimiter, quote = grid.dialect.delimiter, grid.dialect.quote
    cuts = lines.str.count_matches(delimiter, literal=True)
    complete = cuts < grid.width if grid.ragged else cuts == grid.width - 1
    if quote is not None:
        quoted = lines.str.contains(quote, literal=True).arg_true()
        if quoted.len():
            good = lines.gather(quoted).str.contains(_record(grid))
            complete = complete.scatter(quoted, good)
    doubtful = (~complete).arg_true()
    hollow = lines.gather(doubtful).str.strip_chars().str.len_bytes() == 0
    blank = (lines.str.len_bytes() == 0).scatter(doubtful, hollow)

    return _Marks(complete & ~blank, blank)


def _record(grid: Grid) -> str:
    """Return the pattern of a well-formed record that has all its fields."""
    cut, sign = escaped(grid.dialect.delimiter), escaped(grid.dialect.quote or '"')
    plain = f"[^{sign}{cut}\\n]*"
    quoted = f"{sign}(?:[^{sign}]|{sign}{sign})*{sign}"
    one = f"(?:{plain}|{quoted})"
    more = f"0,{grid.width - 1}" if grid.ragged else f"{grid.width - 1}"

    return f"^(?:{one}{cut}){{{more}}}{one}\\r?$"


def _singles(marks: _Marks) -> pl.DataFrame:
    starts = marks.complete.arg_true().cast(pl.Int64)
    return _spans(starts.to_frame("start").with_columns(lines=pl.lit(1, pl.Int64)))


def _spans(found: pl.DataFrame) -> pl.DataFrame:
    absent = [
        pl.lit(None, pl.String).alias(column)
        for column in ("reason", "text")
        if column not in found.columns
    ]
    return found.with_columns(absent).select(SPANS.names()).sort("start")


def _in_columns(lines: pl.Series, marks: _Marks, grid: Grid) -> pl.DataFrame | None:
    """Return the spans of a file whose quotes are all in order; else None.

    A line begins a record when the quotes before it are even in number.
    """
    if grid.dialect.quote is None:
        return None
    quotes = lines.str.count_matches(grid.dialect.quote, literal=True).cast(pl.Int64)
    outside = (quotes.cum_sum() - quotes) % 2 == 0
    single = outside & (quotes % 2 == 0)
    if not (marks.complete | marks.blank | ~single).all():
        return None
    several = (
        pl.DataFrame({"line": lines, "record": outside.cum_sum()})
        .with_row_index("start")
        .filter(~single)
        .group_by("record", maintain_order=True)
        .agg(
            pl.col("start").first().cast(pl.Int64),
            pl.len().cast(pl.Int64).alias("lines"),
            pl.col("line").str.join(grid.eol),
        )
    )
    if not several["line"].str.contains(_record(grid)).all():
        return None
    whole = (single & marks.complete).arg_true().cast(pl.Int64).to_frame("start")

    return _spans(
        pl.concat(
            [
                whole.with_columns(lines=pl.lit(1, pl.Int64)),
                several.select("start", "lines"),
            ]
        )
    )


def _in_steps(lines: pl.Series, marks: _Marks, grid: Grid) -> pl.DataFrame:
    """Return the spans of a file with faults: doubtful lines one by one.

    After a record that cannot be made out, reading resumes at the very next line,
    so that an unclosed quote swallows nothing.
    """
    walk = _Walk(lines, marks, grid, _odd_lines(lines, grid))
    found: list[tuple[int, int, str | None, str | None]] = []
    doubtful = (~(marks.complete | marks.blank)).arg_true().to_list()
    done = 0
    for line in doubtful:
        if line >= done:
            found.append(walk.record(line))
            done = line + found[-1][1]
    odd = pl.DataFrame(found, schema=SPANS, orient="row")
    inner = (
        odd.filter(pl.col("lines") > 1)
        .select(pl.int_ranges("start", pl.col("start") + pl.col("lines")))
        .explode("start", empty_as_null=False)
        .to_series()
    )
    kept = marks.complete.scatter(inner, False)
    whole = _singles(_Marks(kept, marks.blank))

    return pl.concat([whole, odd]).sort("start")


def _odd_lines(lines: pl.Series, grid: Grid) -> Sequence[int]:
    """Return the lines with an odd number of quotes: those that open or close."""
    if grid.dialect.quote is None:
        return ()
    quotes = lines.str.count_matches(grid.dialect.quote, literal=True)
    odd: list[int] = (quotes % 2 == 1).arg_true().to_list()

    return odd


@dataclass(frozen=True)
class _Walk:
    lines: pl.Series
    marks: _Marks
    grid: Grid
    odd: Sequence[int]

    def record(self, start: int) -> tuple[int, int, str | None, str | None]:
        """Return the span that begins with the line `start`."""
        found, last = self._extend(start)
        length = last - start + 1
        if found.state == "open":
            return start, 1, "unclosed_quote", None
        cells = len(found.cells)
        if found.state == "closed" and self.grid.fits(cells):
            return start, length, None, joined(found.cells, self.grid.dialect)
        swallows = self.marks.complete.slice(start + 1, length - 1).any()
        if length > 1 and (found.state == "stray" or swallows):
            return start, 1, "unclosed_quote", None
        if found.state == "stray":
            return start, 1, "stray_quote", None
        reason = "too_few_fields" if cells < self.grid.width else "too_many_fields"

        return start, length, reason, None

    def _extend(self, start: int) -> tuple[Split, int]:
        """Return the record's fields and last line, adding lines while it is open."""
        text = self.lines[start]
        last = start
        found = self._split(text)
        while found.state == "open":
            place = bisect_right(self.odd, last)
            if place == len(self.odd):
                break
            more = self.lines.slice(last + 1, self.odd[place] - last).to_list()
            last = self.odd[place]
            text = self.grid.eol.join([text, *more])
            found = self._split(text)

        return found, last

    def _split(self, text: str) -> Split:
        return split(text.removesuffix("\r"), self.grid.dialect)

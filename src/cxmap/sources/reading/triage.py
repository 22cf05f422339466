"""Which lines of a delimited file make which record, and which make none.

A *span* is a run of lines that is one record: good, or rejected for a reason. The
frame `spans` has the columns of `SPANS`; lines count from 0, at the first below the
header. Blank lines outside quotes belong to no span.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

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

LINE = pl.col("line")


@dataclass(frozen=True)
class Body:
    """The lines below a header, and the shape every record should have."""

    data: bytes
    """The whole file, in UTF-8."""
    skip: int
    """Lines before the body."""
    dialect: Dialect
    width: int
    ragged: bool = False
    """Whether a record may have fewer cells than `width`."""

    @cached_property
    def eol(self) -> str | None:
        """What ends the lines; None where some end in CR LF and some in LF."""
        if b"\r\n" not in self.data:
            return "\n"
        same = self.data.count(b"\r\n") == self.data.count(b"\n")
        return "\r\n" if same else None

    @cached_property
    def lines(self) -> pl.Series:
        """The lines without their ends; with their `\\r` where the ends differ."""
        if self.eol is not None:
            return pl.read_lines(self.data).to_series().slice(self.skip)
        whole = pl.Series([self.data.removesuffix(b"\n").decode()])
        return whole.str.split("\n").explode().slice(self.skip)

    def fits(self, cells: int) -> bool:
        """Tell whether a record may have so many cells."""
        return cells == self.width or (self.ragged and cells < self.width)


@dataclass(frozen=True)
class Marks:
    """What can be told of each line by itself."""

    complete: pl.Series
    """It is a good record, if it begins one."""
    blank: pl.Series


def triage(body: Body) -> tuple[pl.DataFrame, int]:
    """Return the `spans` of the body in their order, and its number of lines.

    Each line is in one span or blank.
    """
    marks = _mark(body)
    height = marks.complete.len()
    if (marks.complete | marks.blank).all():
        return _singles(marks.complete), height
    spans = _in_columns(body, marks)

    return (_in_steps(body, marks) if spans is None else spans), height


def _mark(body: Body) -> Marks:
    """Judge every line, without holding the lines."""
    quote = body.dialect.quote
    if quote is not None and quote.encode() in body.data:
        complete = LINE.str.contains(_record(body))
    else:
        cuts = LINE.str.count_matches(body.dialect.delimiter, literal=True)
        complete = cuts < body.width if body.ragged else cuts == body.width - 1
    empty = LINE.str.len_bytes() == 0
    hollow = pl.when(complete).then(False).otherwise(LINE.str.strip_chars() == "")
    marks = (
        pl.scan_lines(body.data)
        .slice(body.skip)
        .select(complete=complete & ~empty, blank=empty | hollow)
        .collect(engine="streaming")
    )

    return Marks(marks["complete"], marks["blank"])


def _record(body: Body) -> str:
    """Return the pattern of a well-formed record that has all its fields."""
    cut, sign = escaped(body.dialect.delimiter), escaped(body.dialect.quote or '"')
    one = f"(?:[^{sign}{cut}\\n]*|{sign}(?:[^{sign}]|{sign}{sign})*{sign})"
    more = f"0,{body.width - 1}" if body.ragged else f"{body.width - 1}"

    return f"^(?:{one}{cut}){{{more}}}{one}\\r?$"


def _singles(complete: pl.Series) -> pl.DataFrame:
    starts = complete.arg_true().cast(pl.Int64).to_frame("start")
    return _spans(starts.with_columns(lines=pl.lit(1, pl.Int64)))


def _spans(found: pl.DataFrame) -> pl.DataFrame:
    nothing = pl.lit(None, pl.String)
    return found.select("start", "lines", reason=nothing, text=nothing)


def _in_columns(body: Body, marks: Marks) -> pl.DataFrame | None:
    """Return the spans of a file whose quotes are all in order; else None.

    A line begins a record when the quotes before it are even in number.
    """
    if body.dialect.quote is None:
        return None
    quotes = body.lines.str.count_matches(body.dialect.quote, literal=True)
    odd = quotes.cast(pl.Int64) % 2 == 1
    before = odd.cast(pl.Int64).cum_sum() - odd
    outside = before % 2 == 0
    single = outside & ~odd
    if not (marks.complete | marks.blank | ~single).all():
        return None
    several = (
        pl.DataFrame({"line": body.lines, "record": outside.cum_sum()})
        .with_row_index("start")
        .filter(~single)
        .group_by("record", maintain_order=True)
        .agg(
            pl.col("start").first().cast(pl.Int64),
            pl.len().cast(pl.Int64).alias("lines"),
            LINE.str.join(body.eol or "\n"),
        )
    )
    if not several["line"].str.contains(_record(body)).all():
        return None

    return pl.concat(
        [_singles(single & marks.complete), _spans(several)], how="vertical"
    ).sort("start")


def _in_steps(body: Body, marks: Marks) -> pl.DataFrame:
    """Return the spans of a file with faults: doubtful lines one by one.

    After a record that cannot be made out, reading resumes at the very next line,
    so that an unclosed quote swallows nothing.
    """
    walk = _Walk(body, marks, _odd_lines(body))
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
        .select(line=pl.int_ranges("start", pl.col("start") + pl.col("lines")))
        .explode("line", empty_as_null=False)["line"]
    )
    whole = _singles(marks.complete.scatter(inner, False))

    return pl.concat([whole, odd]).sort("start")


def _odd_lines(body: Body) -> Sequence[int]:
    """Return the lines with an odd number of quotes: those that open or close."""
    if body.dialect.quote is None:
        return ()
    quotes = body.lines.str.count_matches(body.dialect.quote, literal=True)
    odd: list[int] = (quotes % 2 == 1).arg_true().to_list()

    return odd


@dataclass(frozen=True)
class _Walk:
    body: Body
    marks: Marks
    odd: Sequence[int]

    def record(self, start: int) -> tuple[int, int, str | None, str | None]:
        """Return the span that begins with the line `start`."""
        found, last = self._extend(start)
        length = last - start + 1
        if found.state == "open":
            return start, 1, "unclosed_quote", None
        cells = len(found.cells)
        if found.state == "closed" and self.body.fits(cells):
            return start, length, None, joined(found.cells, self.body.dialect)
        swallows = self.marks.complete.slice(start + 1, length - 1).any()
        if length > 1 and (found.state == "stray" or swallows):
            return start, 1, "unclosed_quote", None
        if found.state == "stray":
            return start, 1, "stray_quote", None
        reason = "too_few_fields" if cells < self.body.width else "too_many_fields"

        return start, length, reason, None

    def _extend(self, start: int) -> tuple[Split, int]:
        """Return the record's fields and last line, adding lines while it is open."""
        text = self.body.lines[start]
        last = start
        found = self._split(text)
        while found.state == "open":
            place = bisect_right(self.odd, last)
            if place == len(self.odd):
                break
            more = self.body.lines.slice(last + 1, self.odd[place] - last).to_list()
            last = self.odd[place]
            text = (self.body.eol or "\n").join([text, *more])
            found = self._split(text)

        return found, last

    def _split(self, text: str) -> Split:
        return split(text.removesuffix("\r"), self.body.dialect)

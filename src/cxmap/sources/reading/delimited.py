"""Delimited text: lines to records to columns, and nothing lost on the way."""

import io
from dataclasses import dataclass

import polars as pl

from cxmap.errors import ConfigError, ExportError
from cxmap.sources.reading.dialect import Layout, lay_out
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.fields import escaped
from cxmap.sources.reading.shapes import ROW, Limits, ReadOptions, Table
from cxmap.sources.reading.tidy import guarded, tidy
from cxmap.sources.reading.triage import Grid, triage

HEAD_BYTES = 256 * 1024
HEAD_LINES = 200

TOTALS = r"(?i)^\W*(grand totals?|totals?|sum|summe|gesamt|gesamtsumme|totaux)\W*$"
"""A first cell that begins a footer, where a blank line stands before it."""


@dataclass(frozen=True)
class _Body:
    """The lines below the header."""

    text: Text
    layout: Layout
    lines: pl.Series
    grid: Grid


def read_delimited(
    text: Text, options: ReadOptions, limits: Limits, where: str
) -> Table:
    """Return the table a delimited text holds.

    Raises ExportError where there is no header or a limit is exceeded.
    """
    layout = lay_out(head_lines(text.data), options)
    if layout is None:
        raise ExportError(f"{where}: no header found; nothing but blank lines")
    if len(layout.names) > limits.columns:
        raise ExportError(f"{where}: more than {limits.columns} columns")
    body = _body(text, layout, options, where)
    spans = _judged(body, triage(body.lines, body.grid))
    blank = body.lines.len() - int(spans["lines"].sum())
    if options.header and options.header_rows > 1:
        spans = spans.slice(options.header_rows - 1)
    spans, footer = _without_footer(body, spans, options)
    if spans.height > limits.rows:
        raise ExportError(f"{where}: more than {limits.rows} rows; split it")

    return _table(body, spans, blank=blank, footer=footer, limits=limits, where=where)


def head_lines(data: bytes) -> list[str]:
    """Return the first lines, whole ones only."""
    head = data[:HEAD_BYTES]
    if len(data) > HEAD_BYTES:
        cut = head.rfind(b"\n")
        head = head[: cut + 1] if cut >= 0 else data[: HEAD_BYTES * 16]
    text = head.decode(errors="replace")
    lines = [line.removesuffix("\r") for line in text.split("\n")]

    return (lines[:-1] if lines[-1] == "" else lines)[:HEAD_LINES]


def _body(text: Text, layout: Layout, options: ReadOptions, where: str) -> _Body:
    data = text.data
    newlines = data.count(b"\n")
    returns = data.count(b"\r\n")
    with guarded(where):
        if returns in (0, newlines):
            lines = pl.read_lines(data).to_series()
        else:
            lines = _lines_as_they_are(data)
    eol = "\r\n" if returns and returns == newlines else "\n"
    grid = Grid(layout.dialect, len(layout.names), options.ragged, eol)

    return _Body(text, layout, lines.slice(layout.body), grid)


def _lines_as_they_are(data: bytes) -> pl.Series:
    """Return the lines of a file with both kinds of line ends, each with its own."""
    whole = pl.Series([data.removesuffix(b"\n").decode()])
    return whole.str.split("\n").explode()


def _judged(body: _Body, spans: pl.DataFrame) -> pl.DataFrame:
    """Return the spans with the reasons that lie in bytes and in the file's end."""
    tainted = _tainted(body)
    if tainted.height:
        hit = (
            tainted.join_asof(
                spans.select("start", "lines"), left_on="line", right_on="start"
            )
            .filter(pl.col("line") < pl.col("start") + pl.col("lines"))
            .group_by("start")
            .agg(pl.col("why").first())
        )
        spans = spans.join(hit, on="start", how="left", maintain_order="left")
        spans = spans.with_columns(reason=pl.coalesce("why", "reason")).drop("why")
    cut_short = not body.text.data.endswith(b"\n")
    last = pl.col("start") + pl.col("lines") == body.lines.len()
    unfinished = pl.col("reason").is_in(["too_few_fields", "unclosed_quote"])

    return spans.with_columns(
        reason=pl.when(cut_short & last & unfinished)
        .then(pl.lit("truncated"))
        .otherwise("reason")
    )


def _tainted(body: _Body) -> pl.DataFrame:
    """Return the lines (`line`, `why`) that hold bytes no text can hold."""
    why = {
        line - body.layout.body: "encoding"
        for line in body.text.undecodable
        if line >= body.layout.body
    }
    if b"\0" in body.text.data:
        last = body.lines.len() - 1
        for line in body.lines.str.contains("\0", literal=True).arg_true():
            torn = line == last and body.lines[line].endswith("\0")
            why[line] = "torn_tail" if torn else "nul_byte"

    return pl.DataFrame(
        sorted(why.items()),
        schema={"line": pl.Int64, "why": pl.String},
        orient="row",
    ).set_sorted("line")


def _without_footer(
    body: _Body, spans: pl.DataFrame, options: ReadOptions
) -> tuple[pl.DataFrame, int]:
    """Return the spans above the footer, and how many are in it."""
    first = _first_cells(body, spans)
    try:
        hits = first.str.contains(options.footer or TOTALS)
    except pl.exceptions.PolarsError:
        raise ConfigError("footer: not a regular expression") from None
    if options.footer is None:
        ends = (spans["start"] + spans["lines"]).shift(1)
        hits &= (spans["start"] > ends).fill_null(value=False)
    place = hits.arg_true()
    if not place.len():
        return spans, 0
    above = int(place[0])

    return spans.head(above), spans.height - above


def _first_cells(body: _Body, spans: pl.DataFrame) -> pl.Series:
    dialect = body.layout.dialect
    cut, sign = escaped(dialect.delimiter), escaped(dialect.quote or '"')
    lines = body.lines.gather(spans["start"])

    return lines.str.extract(f"^{sign}?([^{cut}{sign}\\r]*)").fill_null("")


def _table(
    body: _Body,
    spans: pl.DataFrame,
    *,
    blank: int,
    footer: int,
    limits: Limits,
    where: str,
) -> Table:
    good = spans.filter(pl.col("reason").is_null())
    parsed, long = tidy(_rows(body, good, where), limits)
    held = parsed.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
    rows = held if held.height < parsed.height else parsed
    lost = spans.filter(pl.col("reason").is_not_null()).select(
        row=pl.col("start") + body.layout.body + 1,
        column=pl.lit(None, pl.String),
        reason="reason",
        whole_row=pl.lit(value=True),
    )

    return Table(
        rows=rows,
        rejects=pl.concat([lost, long]).sort("row", "column"),
        records=spans.height + blank + footer,
        blank=blank + parsed.height - rows.height,
        footer=footer,
        delimiter=body.layout.dialect.delimiter,
        preamble=body.layout.preamble,
        notes=() if rows.height else ("no rows",),
        duplicate_headers=body.layout.duplicates,
    )


def _rows(body: _Body, good: pl.DataFrame, where: str) -> pl.DataFrame:
    """Return `_row` and the columns of the good spans, every cell as written."""
    schema = dict.fromkeys(body.layout.names, pl.String())
    numbers = good.select((pl.col("start") + body.layout.body + 1).alias(ROW))
    if good.is_empty():
        return numbers.with_columns(pl.Schema(schema).to_frame())
    data, skip = _source(body, good)
    with guarded(where):
        cells = pl.read_csv(
            data,
            skip_lines=skip,
            has_header=False,
            schema=schema,
            separator=body.layout.dialect.delimiter,
            quote_char=body.layout.dialect.quote,
        )
    if cells.height != numbers.height:
        raise ExportError(f"{where}: read to {cells.height} of {numbers.height} rows")
    if body.text.carriage_returns:
        cells = cells.with_columns(pl.all().str.replace_all("\n", "\r", literal=True))

    return numbers.hstack(cells)


def _source(body: _Body, good: pl.DataFrame) -> tuple[bytes, int]:
    """Return text that holds the good spans alone, and how many lines to skip.

    Where they reach without a gap to the end of the file, that is the file itself.
    """
    first = int(good["start"][0])
    unbroken = int(good["lines"].sum()) == body.lines.len() - first
    if unbroken and good["text"].null_count() == good.height:
        return body.text.data, body.layout.body + first
    length = pl.when(pl.col("text").is_null()).then("lines").otherwise(1)
    kept = good.select(
        "text", line=pl.int_ranges("start", pl.col("start") + length)
    ).explode("line", empty_as_null=False)
    lines = kept.select(pl.coalesce("text", body.lines.gather(kept["line"])))
    made = io.BytesIO()
    lines.write_csv(
        made, include_header=False, quote_style="never", line_terminator=body.grid.eol
    )

    return made.getvalue(), 0

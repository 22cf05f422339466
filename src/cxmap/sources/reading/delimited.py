"""Delimited text: lines to records to columns, and nothing lost on the way."""

import io
from dataclasses import dataclass, replace
from itertools import islice

import polars as pl

from cxmap.errors import ConfigError, ExportError
from cxmap.sources.reading.dialect import Layout, lay_out
from cxmap.sources.reading.encoding import Text
from cxmap.sources.reading.fields import escaped, records
from cxmap.sources.reading.shapes import ROW, Limits, ReadOptions, Table
from cxmap.sources.reading.tidy import guarded, tidy
from cxmap.sources.reading.triage import Body, triage

HEAD_BYTES = 256 * 1024
HEAD_LINES = 200

TOTALS = r"(?i)^\W*(grand totals?|totals?|sum|summe|gesamt|gesamtsumme|totaux)\W*$"
"""A first cell that begins a footer, where a blank line stands before it."""


@dataclass(frozen=True)
class _Account:
    """The spans that may be records, and what was counted beside them."""

    spans: pl.DataFrame
    lines: int
    blank: int
    footer: int


def read_delimited(
    text: Text, options: ReadOptions, limits: Limits, where: str
) -> Table:
    """Return the table a delimited text holds.

    Raises ExportError where there is no header or a limit is exceeded, ConfigError
    for a footer pattern that is none.
    """
    lines = head_lines(text.data)
    layout = lay_out(lines, options)
    if layout is None:
        raise ExportError(f"{where}: no header found; nothing but blank lines")
    if len(layout.names) > limits.columns:
        raise ExportError(f"{where}: more than {limits.columns} columns")
    body = Body(
        text.data, layout.body, layout.dialect, len(layout.names), options.ragged
    )
    with guarded(where):
        account = _account(text, body, options)
    if account.spans.height > limits.rows:
        raise ExportError(f"{where}: more than {limits.rows} rows; split it")

    table = _table(_cells(text, body, layout, account, where), account, layout, limits)

    return replace(table, under=_under(lines, layout, options.header_rows - 1))


def _under(lines: list[str], layout: Layout, rows: int) -> dict[str, str]:
    """Return, by column, what the header's further rows say."""
    below = records(lines[layout.body :], layout.dialect)
    cells = [found for _, _, found in islice(below, rows)]
    told = (row + [""] * (len(layout.names) - len(row)) for row in cells)

    return {
        name: "\n".join(column)
        for name, column in zip(layout.names, zip(*told, strict=False), strict=False)
    }


def head_lines(data: bytes) -> list[str]:
    """Return the first lines, whole ones only."""
    head = data[:HEAD_BYTES]
    if len(data) > HEAD_BYTES:
        cut = head.rfind(b"\n")
        head = head[: cut + 1] if cut >= 0 else data[: HEAD_BYTES * 16]
    text = head.decode(errors="replace")
    lines = [line.removesuffix("\r") for line in text.split("\n")]

    return (lines[:-1] if lines[-1] == "" else lines)[:HEAD_LINES]


def _account(text: Text, body: Body, options: ReadOptions) -> _Account:
    """Account for every line below the header."""
    spans, lines = triage(body)
    blank = lines - int(spans["lines"].sum())
    spans = _cut_short(_tainted(spans, text, body), text, lines)
    if options.header:
        spans = spans.slice(options.header_rows - 1)
    above = _above_footer(body, spans, options.footer)

    return _Account(spans.head(above), lines, blank, spans.height - above)


def _tainted(spans: pl.DataFrame, text: Text, body: Body) -> pl.DataFrame:
    """Reject the spans that hold bytes no text can hold."""
    why = {line - body.skip: "encoding" for line in text.undecodable}
    if b"\0" in body.data:
        last = body.lines.len() - 1
        for line in body.lines.str.contains("\0", literal=True).arg_true():
            torn = line == last and body.lines[line].endswith("\0")
            why[line] = "torn_tail" if torn else "nul_byte"
    if not why:
        return spans
    schema = {"line": pl.Int64, "why": pl.String}
    tainted = pl.DataFrame(sorted(why.items()), schema=schema, orient="row")
    hit = (
        tainted.set_sorted("line")
        .join_asof(spans.set_sorted("start"), left_on="line", right_on="start")
        .filter(pl.col("line") < pl.col("start") + pl.col("lines"))
        .group_by("start")
        .agg(pl.col("why").first())
    )
    told = spans.join(hit, on="start", how="left", maintain_order="left")

    return told.with_columns(reason=pl.coalesce("why", "reason")).drop("why")


def _cut_short(spans: pl.DataFrame, text: Text, lines: int) -> pl.DataFrame:
    """Call an unfinished last row truncated where the file ends in mid-line."""
    if text.data.endswith(b"\n"):
        return spans
    last = pl.col("start") + pl.col("lines") == lines
    unfinished = pl.col("reason").is_in(["too_few_fields", "unclosed_quote"])
    reason = pl.when(last & unfinished).then(pl.lit("truncated")).otherwise("reason")

    return spans.with_columns(reason=reason)


def _above_footer(body: Body, spans: pl.DataFrame, footer: str | None) -> int:
    """Return how many spans stand above the footer.

    Without a pattern, totals after a blank line are a footer.
    """
    candidates = spans.with_row_index("place")
    if footer is None:
        ends = (pl.col("start") + pl.col("lines")).shift(1)
        candidates = candidates.filter(pl.col("start") > ends)
    if candidates.is_empty():
        return spans.height
    cut, sign = escaped(body.dialect.delimiter), escaped(body.dialect.quote or '"')
    first = body.lines.gather(candidates["start"]).str.extract(
        f"^{sign}?([^{cut}{sign}\\r]*)"
    )
    try:
        hits = candidates.filter(first.str.contains(footer or TOTALS))
    except pl.exceptions.PolarsError:
        raise ConfigError(
            "footer: no regular expression; look-arounds are none"
        ) from None

    return int(hits["place"][0]) if hits.height else spans.height


def _cells(
    text: Text, body: Body, layout: Layout, account: _Account, where: str
) -> pl.DataFrame:
    """Return `_row` and the columns of the good spans, every cell as written."""
    good = account.spans.filter(pl.col("reason").is_null())
    schema = dict.fromkeys(layout.names, pl.String())
    numbers = good.select((pl.col("start") + body.skip + 1).alias(ROW))
    if good.is_empty():
        return numbers.hstack(pl.Schema(schema).to_frame())
    with guarded(where):
        data, skip = _source(body, good, account.lines)
        cells = pl.read_csv(
            data,
            skip_lines=skip,
            has_header=False,
            schema=schema,
            separator=body.dialect.delimiter,
            quote_char=body.dialect.quote,
        )
    cells = cells.slice(int(body.ragged))
    if cells.height != numbers.height:
        raise ExportError(
            f"{where}: {numbers.height} records read as {cells.height} rows"
        )
    if text.carriage_returns:
        cells = cells.with_columns(pl.all().str.replace_all("\n", "\r", literal=True))

    return numbers.hstack(cells)


def _source(body: Body, good: pl.DataFrame, lines: int) -> tuple[bytes, int]:
    """Return text that holds the good spans alone, and how many lines to skip.

    Where they reach without a gap to the end of the file, that is the file itself.
    Ragged rows follow a row of full width, from which polars takes its columns.
    """
    first = int(good["start"][0])
    unbroken = int(good["lines"].sum()) == lines - first
    if unbroken and good["text"].null_count() == good.height and not body.ragged:
        return body.data, body.skip + first
    length = pl.when(pl.col("text").is_null()).then("lines").otherwise(1)
    kept = good.select(
        "text", line=pl.int_ranges("start", pl.col("start") + length)
    ).explode("line", empty_as_null=False)
    eol = body.eol or "\n"
    widest = body.dialect.delimiter * (body.width - 1) + eol if body.ragged else ""
    made = io.BytesIO(widest.encode())
    made.seek(0, io.SEEK_END)
    kept.select(pl.coalesce("text", body.lines.gather(kept["line"]))).write_csv(
        made,
        include_header=False,
        quote_style="never",
        line_terminator=eol,
    )

    return made.getvalue(), 0


def _table(
    cells: pl.DataFrame, account: _Account, layout: Layout, limits: Limits
) -> Table:
    tidied, long = tidy(cells, limits)
    held = tidied.filter(pl.any_horizontal(pl.exclude(ROW).is_not_null()))
    rows = held if held.height < tidied.height else tidied
    lost = account.spans.filter(pl.col("reason").is_not_null()).select(
        row=pl.col("start") + layout.body + 1,
        column=pl.lit(None, pl.String),
        reason="reason",
        whole_row=pl.lit(value=True),
    )

    return Table(
        rows=rows,
        rejects=pl.concat([lost, long]).sort("row", "column"),
        records=account.spans.height + account.blank + account.footer,
        blank=account.blank + tidied.height - rows.height,
        footer=account.footer,
        delimiter=layout.dialect.delimiter,
        preamble=layout.preamble,
        notes=() if rows.height else ("no rows",),
        duplicate_headers=layout.duplicates,
    )

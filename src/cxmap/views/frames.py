"""Whole tables as CSV and JSON lines, column by column, however long they are."""

import polars as pl
import polars.selectors as cs

from cxmap.text import CONTROLS, safe
from cxmap.views.plain import FORMULA, csv_text, json_escaped, json_text

STEERING = CONTROLS.pattern.replace("\ud800-\udfff", "")
"""What `safe` shows, for an engine whose texts cannot hold half a character."""


def frame_csv(rows: pl.DataFrame) -> str:
    """Return the rows as CSV: instants in ISO 8601, formulas and controls disarmed.

    An empty table is its header.
    """
    if rows.is_empty():
        return csv_text(rows.columns, [])
    shown = _spelled(rows).with_columns(cs.nested().map_batches(_as_json))
    disarmed = shown.with_columns(
        _disarmed(shown[name]) for name in shown.select(cs.string()).columns
    )

    return disarmed.write_csv()


def frame_jsonl(rows: pl.DataFrame, *, ascii_only: bool = False) -> str:
    """Return one JSON object a row; instants in ISO 8601, NaN as null."""
    written = _spelled(rows).write_ndjson() if rows.width else ""

    return json_escaped(written, ascii_only=ascii_only)


def _spelled(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with instants, durations and floats as data spells them."""
    finite = pl.when(cs.float().is_finite()).then(cs.float())
    return rows.with_columns(
        cs.datetime().dt.to_string("%Y-%m-%dT%H:%M:%SZ"),
        cs.duration().dt.total_seconds(),
        finite,
    )


def _as_json(column: pl.Series) -> pl.Series:
    texts = [
        None if cell is None else json_text(cell, indent=None)
        for cell in column.to_list()
    ]
    return pl.Series(column.name, texts, dtype=pl.String())


def _disarmed(texts: pl.Series) -> pl.Series:
    """Return the texts with the few that would be obeyed shown instead."""
    hits = texts.str.contains(STEERING)
    for opening in FORMULA:
        hits = hits | texts.str.starts_with(opening)
    harmful = texts.filter(hits.fill_null(value=False)).unique().to_list()
    if not harmful:
        return texts
    shown = [f"'{safe(t)}" if t.startswith(FORMULA) else safe(t) for t in harmful]

    return texts.replace(harmful, shown)

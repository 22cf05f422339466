"""The rows of one part with everything they say, side by side."""

from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from cxmap.sources.columns import Evaluation
from cxmap.sources.contents import contents
from cxmap.sources.language import value_of
from cxmap.sources.part import Part
from cxmap.sources.reading.shapes import ROW
from cxmap.sources.statements import statements

FOLD_KEY = "source_contact_id"
OWN_ID = "source_customer_id"
START = "contact.started_at"


@dataclass(frozen=True)
class Wide:
    """The rows of a part that bring records, and those that fell away."""

    rows: pl.DataFrame
    """ROW, `record_key`, `version_at`, `order_at`, `seen_at`, `content`, and the
    columns of every table of the part under their prefixed names."""
    rejected: pl.DataFrame
    """`row`, `column`, `reason`, `whole_row` of the rows that cannot be used."""
    silent: int
    """Rows that bring no record of any table."""
    duplicates: int
    """Exact repeats of a row."""


def widen(evaluation: Evaluation, part: Part) -> Wide:
    """Return everything the rows say, each row named by its key and its content.

    Nothing in a row's content depends on other rows, so that the same row has the
    same content in whatever file it comes. A row without a key is its own key.
    """
    columns = dict(statements(evaluation, part))
    rows = evaluation.rows.select(ROW).with_columns(
        **{name: values.alias(name) for name, values in columns.items()}
    )
    judged = _judged(evaluation, part, rows)
    rejected = judged.filter(pl.col("reason").is_not_null())
    usable = rows.filter(judged["reason"].is_null()) if rejected.height else rows
    speaking = _speaking(usable, part)
    said = speaking.drop("version_at") if part.latest == "load" else speaking
    named = speaking.with_columns(content=contents(said.drop(ROW)))
    own = ["record_key"] if "record_key" in named.columns else []
    named = named.with_columns(record_key=pl.coalesce(*own, "content"))
    distinct = _distinct(named)

    return Wide(
        distinct,
        rejected,
        usable.height - speaking.height,
        named.height - distinct.height,
    )


def _judged(evaluation: Evaluation, part: Part, rows: pl.DataFrame) -> pl.DataFrame:
    """Return, row by row, why it cannot be used; null where it can."""
    nowhere = pl.lit(None, pl.String)
    reasons: list[pl.Expr] = [nowhere]
    blamed: list[pl.Expr] = [nowhere]
    for column in _needed(part):
        missing = pl.col(column).is_null()
        told: pl.Expr = pl.lit("missing_key")
        if column == START:
            told = pl.col("contact.started_reason").fill_null("bad_time")
        reasons.append(pl.when(missing).then(told))
        origin = pl.lit(_origin(evaluation, part, column))
        blamed.append(pl.when(missing).then(origin))

    return rows.select(
        row=ROW,
        column=pl.coalesce(blamed),
        reason=pl.coalesce(reasons),
        whole_row=pl.lit(True),
    )


def _needed(part: Part) -> Iterator[str]:
    """Yield the columns without which a row cannot be used."""
    # An answer without a number is its own key; a row of any other table is not.
    if part.key is not None and (
        part.fields or part.customers or part.orders or part.names
    ):
        yield "record_key"
    if part.fields:
        yield f"contact.{FOLD_KEY}"
    if part.customers:
        yield f"customer.{OWN_ID}"
    if part.names is not None:
        yield "name.key"
    if part.orders:
        yield "order.source_order_id"
    if part.touchpoints:
        yield "touchpoint.at"
    if part.needs_start:
        yield START


def _origin(evaluation: Evaluation, part: Part, column: str) -> str:
    table, _, name = column.partition(".")
    if column == "record_key":
        key = next(iter(part.keys), "key")
        return evaluation.headers.get(key, key)
    if table == "name" and part.names is not None:
        value = value_of(part.names.key)
    elif table == "customer":
        value = value_of(part.customers[name])
    elif table == "order":
        value = value_of(part.orders[name])
    elif table == "touchpoint":
        value = value_of(part.touchpoints[name])
    else:
        value = part.fields[name]

    return evaluation.blamed(name, value)


def _speaking(rows: pl.DataFrame, part: Part) -> pl.DataFrame:
    records = (part.fields, part.customers, part.orders, part.touchpoints, part.names)
    if any(records):
        return rows
    shown = [name for name in rows.columns if name.endswith(".shown")]

    return rows.filter(pl.any_horizontal(shown)) if shown else rows


def _distinct(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows without exact repeats; of these the first stays."""
    if rows["content"].n_unique() == rows.height:
        return rows

    return rows.unique(
        subset=["record_key", "content"], keep="first", maintain_order=True
    )

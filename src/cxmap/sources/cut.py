"""Wide rows cut into the tables of records."""

from collections.abc import Iterator

import polars as pl

from cxmap.sources.columns import Context
from cxmap.sources.language import Value, value_of
from cxmap.sources.part import Part
from cxmap.sources.reading.shapes import ROW
from cxmap.sources.statements import namespace
from cxmap.sources.wide import Wide
from cxmap.tables import RECORD_TABLES, conform, empty

NAMESPACED = ("source_customer_id", "social_handle")
"""Kinds whose values mean something only within their source."""

OF_ROW = (
    "source",
    "part",
    "record_key",
    "version_at",
    "version_no",
    "content",
    "load_id",
    "row",
    "order_at",
    "seen_at",
)
"""What the tables of one row share."""


def cut(wide: Wide, part: Part, name: str, context: Context) -> dict[str, pl.DataFrame]:
    """Return the record tables that the rows of the part `name` fill.

    Every table of tables.RECORD_TABLES but `rejects`; those the part says nothing
    of are empty.
    """
    rows = wide.rows.with_columns(
        source=pl.lit(context.source),
        part=pl.lit(name),
        load_id=pl.lit(context.load_id),
        row=pl.col(ROW),
    )
    pieces = {
        "contact_records": _contacts(rows, part),
        "event_records": _events(rows, part),
        "survey_records": _surveys(rows, part),
        "customer_records": _customers(rows, part),
        "order_records": _orders(rows, part),
        "touchpoint_records": _touchpoints(rows, part),
        "name_records": _names(rows, part),
        "identifier_records": _identifiers(rows, part, context),
        "reference_records": _references(rows, part),
        "identity_link_records": _links(rows, part, context),
    }
    tables = {table: empty(table) for table in RECORD_TABLES if table != "rejects"}
    for table, found in pieces.items():
        frames = [conform(frame, table) for frame in found]
        if frames:
            tables[table] = pl.concat(frames)

    return tables


def _contacts(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.fields:
        yield _table(rows, "contact.")


def _events(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    for place in range(len(part.events)):
        contact = pl.col("contact.source_contact_id")
        shown = rows.filter(f"event.{place}.shown").with_columns(
            contact.alias(f"event.{place}.source_contact_id")
        )
        yield _table(shown, f"event.{place}.")


def _surveys(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.surveys is not None:
        answers = _table(rows.filter("survey.shown"), "survey.")
        own = [c for c in ("source_survey_id",) if c in answers.columns]
        yield answers.with_columns(source_survey_id=pl.coalesce(*own, "record_key"))


def _customers(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.customers:
        yield _table(rows, "customer.")


def _orders(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.orders:
        yield _table(rows, "order.")


def _touchpoints(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.touchpoints:
        visited = _table(rows, "touchpoint.")
        own = [c for c in ("source_touchpoint_id",) if c in visited.columns]
        yield visited.with_columns(
            source_touchpoint_id=pl.coalesce(*own, "record_key")
        ).filter(pl.col("at").is_not_null())


def _names(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    if part.names is not None:
        named = _table(rows, "name.").with_columns(kind=pl.lit(part.names.kind))
        yield named.filter(pl.col("name").is_not_null())


def _identifiers(
    rows: pl.DataFrame, part: Part, context: Context
) -> Iterator[pl.DataFrame]:
    owner, owner_id = _owner(rows, part)
    for place, identifier in enumerate(part.identifiers):
        owned = _table(rows, f"identifier.{place}.").with_columns(
            kind=pl.lit(identifier.kind),
            namespace=pl.lit(_namespace(context, identifier.kind, identifier)),
            owner=pl.lit(owner),
            owner_id=owner_id,
        )
        yield owned.filter(
            pl.col("pseudonym").is_not_null() & pl.col("owner_id").is_not_null()
        )


def _namespace(context: Context, kind: str, value: Value) -> str:
    return namespace(context, value, context.source if kind in NAMESPACED else "")


def _owner(rows: pl.DataFrame, part: Part) -> tuple[str, pl.Series]:
    """Return whose identifiers a row holds, and the number of that."""
    if part.fields:
        return "contact", rows["contact.source_contact_id"]
    if part.surveys is not None:
        own = [c for c in ("survey.source_survey_id",) if c in rows.columns]
        number = pl.when("survey.shown").then(pl.coalesce(*own, "record_key"))
        return "survey", rows.select(number).to_series()
    if part.orders:
        return "order", rows["order.source_order_id"]
    if part.touchpoints:
        own = [c for c in ("touchpoint.source_touchpoint_id",) if c in rows.columns]
        return "touchpoint", rows.select(pl.coalesce(*own, "record_key")).to_series()

    return "customer", rows["record_key"]


def _references(rows: pl.DataFrame, part: Part) -> Iterator[pl.DataFrame]:
    for place, reference in enumerate(part.references):
        pointing = _table(rows, f"reference.{place}.").with_columns(
            kind=pl.lit(reference.kind),
            to_source=pl.coalesce(pl.lit(reference.to_source), "source"),
            source_contact_id=rows["contact.source_contact_id"],
        )
        to_itself = (pl.col("to_id") == pl.col("source_contact_id")) & (
            pl.col("to_source") == pl.col("source")
        )
        groups = reference.kind in ("chain", "same_case")
        yield pointing.filter(
            pl.col("to_id").is_not_null() & (pl.lit(groups) | ~to_itself)
        )


def _links(rows: pl.DataFrame, part: Part, context: Context) -> Iterator[pl.DataFrame]:
    for place, link in enumerate(part.identity_links):
        linked = _table(rows, f"link.{place}.").with_columns(
            kind=pl.lit(link.kind),
            namespace=pl.lit(_namespace(context, link.kind, value_of(link.to))),
        )
        yield linked.filter(
            pl.col("pseudonym").is_not_null()
            & pl.col("to_pseudonym").is_not_null()
            & (pl.col("pseudonym") != pl.col("to_pseudonym"))
        )


def _table(rows: pl.DataFrame, prefix: str) -> pl.DataFrame:
    own = {
        name.removeprefix(prefix): pl.col(name)
        for name in rows.columns
        if name.startswith(prefix)
    }
    shared = [name for name in OF_ROW if name in rows.columns and name not in own]

    return rows.select(*shared, **own)

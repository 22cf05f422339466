"""Loads: what an export brought, and the count of it when rows have to go."""

from collections.abc import Mapping
from typing import Any

import polars as pl

from cxmap import tables
from cxmap.errors import StoreError
from cxmap.store.manifest import Load, Part
from cxmap.text import safe


def labelled(frame: pl.DataFrame, table: str, load_id: str) -> pl.DataFrame:
    """Return a record table in its schema, its rows named after their load.

    StoreError for a table that is none of records.
    """
    if table not in tables.RECORD_TABLES:
        raise StoreError(f"{safe(table)}: is no table of records")
    rows = tables.conform(frame, table)
    if "load_id" not in rows.columns:
        return rows

    return rows.with_columns(pl.lit(load_id).alias("load_id"))


def new_load(parts: Mapping[str, Part], **known: Any) -> Load:
    """Return a load that holds these parts, and from when to when they reach."""
    return Load(**known, **content(parts))


def content(parts: Mapping[str, Part]) -> dict[str, Any]:
    """Return the fields of a load that follow from its parts."""
    since = [part.since for part in parts.values() if part.since]
    until = [part.until for part in parts.values() if part.until]

    return {
        "parts": parts,
        "since": min(since, default=None),
        "until": max(until, default=None),
    }


def accounted(rows: Mapping[str, int], forgotten: int) -> dict[str, int]:
    """Return the accounting with rows counted as `forgotten` instead of `kept`."""
    counted = dict(rows)
    counted["forgotten"] = counted.get("forgotten", 0) + forgotten
    if "kept" in counted:
        counted["kept"] -= forgotten

    return counted

"""Parts: a table's rows as one immutable Parquet file, written and read."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import polars as pl

from cxmap import tables
from cxmap.durable import publish, write_partial
from cxmap.store.manifest import Part
from cxmap.store.refusing import refusing

TIMES = MappingProxyType(
    {
        "contact_records": "started_at",
        "event_records": "at",
        "survey_records": "responded_at",
        "contacts": "started_at",
        "events": "at",
        "journeys": "started_at",
        "points": "at",
        "surveys": "at",
    }
)
"""By which column the rows of a table take place."""

STATISTICS = MappingProxyType(
    {"min": False, "max": False, "distinct_count": False, "null_count": True}
)
"""No smallest and greatest values: they would repeat pseudonyms outside the rows."""


def write_part(folder: Path, prefix: str, table: str, rows: pl.DataFrame) -> Part:
    """Write the rows of a table as a part and return its entry for a manifest.

    The file is on the disk; its name lasts once its folder is synced. The name
    holds the digest of the bytes, so no other content ever takes it. StoreError
    where the disk refuses.
    """
    with refusing(folder):
        partial = write_partial(
            folder,
            lambda file: rows.write_parquet(
                file,
                compression="zstd",
                compression_level=1,
                statistics=dict(STATISTICS),
            ),
        )
        digest = digest_of(partial)
        size = partial.stat().st_size
        name = f"{prefix}-{table}-{digest[:16]}.parquet"
        publish(partial, folder / name)
    since, until = _span(table, rows)

    return Part(name, table, rows.height, digest, size, since, until)


def _span(table: str, rows: pl.DataFrame) -> tuple[datetime | None, datetime | None]:
    if table not in TIMES:
        return None, None
    first, last = rows.select(
        pl.col(TIMES[table]).min().alias("first"),
        pl.col(TIMES[table]).max().alias("last"),
    ).row(0)

    return first and first.astimezone(UTC), last and last.astimezone(UTC)


def scan_parts(folder: Path, table: str, parts: list[Part]) -> pl.LazyFrame:
    """Return the rows of all parts of a table, in the columns of today's schema.

    Columns that an older part lacks are null; columns no longer known are left out.
    """
    if not parts:
        return tables.empty(table).lazy()

    return pl.scan_parquet(
        [folder / part.name for part in parts],
        glob=False,
        schema=dict(tables.schema(table)),
        missing_columns="insert",
        extra_columns="ignore",
    )


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

"""`ingest`, whole: exports become records, and one commit keeps them and the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import polars as pl

from cxmap.config import Config
from cxmap.importreport import FileReport, ImportReport, SourceReport, what_it_bears
from cxmap.intake.choosing import Chosen, profiles_of
from cxmap.intake.taking import Limits, keep, take
from cxmap.keys import Key
from cxmap.pipeline import Tables, derive, settled, tables_of
from cxmap.store import Snapshot, Store, Writer
from cxmap.tables import conform, empty


@dataclass(frozen=True)
class Intake:
    """Which exports to take in, and how strictly."""

    chosen: tuple[Chosen, ...]
    unmatched: tuple[str, ...] = ()
    """Patterns of the config that match no file."""
    limits: Limits = field(default_factory=Limits)
    wait: timedelta = timedelta()


@dataclass(frozen=True)
class Ingested:
    """What a run of `ingest` did."""

    report: ImportReport
    rejects: tuple[tuple[Chosen, pl.DataFrame], ...]
    """By export: its rejects, for a file of the originals."""


def ingest(
    store: Store, key: Key, config: Config, intake: Intake, *, now: datetime
) -> Ingested:
    """Bring exports into the store and derive its tables, in one commit.

    A file that cannot be used changes nothing and does not stop the others. Raises
    BusyError where another run holds the store or a file still grows.
    """
    with store.write(wait=intake.wait) as writer:
        before = writer.snapshot
        files, rejects, unmapped = _take_all(writer, key, config, intake, now)
        if writer.uncommitted or before.derived("contacts", config.hash) is None:
            pending = writer.pending()
            profiles = profiles_of(pending, config)
            tables = derive(pending, profiles, config, now=now)
            writer.alias(_superseded(before, config, tables))
            if settled(pending, config, now=now):
                writer.put_derived(config.hash, tables)
        else:
            tables = tables_of(before, profiles_of(before, config), config, now=now)
        writer.commit()

    return Ingested(
        ImportReport(
            files=tuple(files),
            sources=tuple(sources_held(tables, unmapped)),
            can_bear=what_it_bears(_days_held(tables["contacts"]))
            if any(one.taken_in for one in files)
            else (),
            notes=tuple(f"matches no file: {one}" for one in intake.unmatched),
        ),
        tuple(rejects),
    )


def _take_all(
    writer: Writer, key: Key, config: Config, intake: Intake, now: datetime
) -> tuple[
    list[FileReport], list[tuple[Chosen, pl.DataFrame]], dict[str, dict[str, int]]
]:
    files, rejects = [], []
    unmapped: dict[str, dict[str, int]] = {}
    for chosen in intake.chosen:
        taken = take(
            chosen, config, key=key, now=now, limits=intake.limits, known=writer.known
        )
        files.append(keep(writer, chosen, taken, now=now))
        if taken.rejects is not None:
            rejects.append((chosen, taken.rejects))
        if taken.extracted is not None and chosen.source is not None:
            words = unmapped.setdefault(chosen.source.name, {})
            for column, rows in taken.extracted.unmapped.items():
                words[column] = words.get(column, 0) + rows

    return files, rejects, unmapped


def _superseded(before: Snapshot, config: Config, tables: Tables) -> pl.DataFrame:
    """Return `aliases` of the customers and journeys that later data renamed."""
    renamed = []
    for kind, table, keys, column in (
        ("customer", "identifiers", ("kind", "namespace", "pseudonym"), "customer_id"),
        ("journey", "contacts", ("contact_id",), "journey_id"),
    ):
        earlier = before.derived(table, config.hash)
        if earlier is None:
            continue
        old = earlier.select(*keys, old_id=column).drop_nulls("old_id")
        new = tables[table].select(*keys, new_id=column).drop_nulls("new_id")
        gone = old.join(new.select(old_id="new_id"), on="old_id", how="anti")
        pairs = gone.join(new, on=list(keys)).select("old_id", "new_id").unique()
        renamed.append(pairs.select("old_id", "new_id", kind=pl.lit(kind)))

    return pl.concat([empty("aliases"), *(conform(one, "aliases") for one in renamed)])


def sources_held(
    tables: Tables, unmapped: Mapping[str, Mapping[str, int]]
) -> list[SourceReport]:
    """Return what is held of each source, and which words nothing maps."""
    contacts = tables["contacts"].filter("inbound")
    strange = contacts.filter(
        pl.col("topic_raw").is_not_null() & pl.col("topic").is_null()
    )
    topics = dict(strange.group_by("source").len().iter_rows())
    held = contacts.group_by("source").agg(
        contacts=pl.len(),
        identified=pl.col("customer_id").is_not_null().mean(),
        comparable=pl.col("topic").is_not_null().mean(),
        since=pl.col("started_at").min(),
        until=pl.col("started_at").max(),
    )

    return [
        SourceReport(
            source=row["source"],
            contacts=row["contacts"],
            identified=row["identified"],
            comparable_topic=row["comparable"],
            since=row["since"],
            until=row["until"],
            unmapped={
                **unmapped.get(row["source"], {}),
                **({"topic": topics[row["source"]]} if row["source"] in topics else {}),
            },
        )
        for row in held.sort("source").iter_rows(named=True)
    ]


def _days_held(contacts: pl.DataFrame) -> int:
    starts = contacts["started_at"]
    first, last = starts.min(), starts.max()
    if not isinstance(first, datetime) or not isinstance(last, datetime):
        return 0

    return (last - first).days

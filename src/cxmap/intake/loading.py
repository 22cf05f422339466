"""`ingest`, whole: exports become records, and one commit keeps them and the tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.config import Config
from cxmap.importreport import (
    FileReport,
    ImportReport,
    Restatement,
    what_it_bears,
)
from cxmap.intake.bearing import history, history_of_changes
from cxmap.intake.choosing import Chosen, profiles_of
from cxmap.intake.costs import costs
from cxmap.intake.held import sources_held
from cxmap.intake.identity import about_identity
from cxmap.intake.taking import Limits, keep, take
from cxmap.keys import Key
from cxmap.pipeline import (
    Tables,
    bound_kpis,
    derive,
    settled,
    stored_tables,
    tables_of,
)
from cxmap.restating import restated
from cxmap.sources.profile import Profile
from cxmap.store import Snapshot, Store, Writer
from cxmap.tables import RECORD_TABLES, conform, empty


@dataclass(frozen=True)
class Intake:
    """Which exports to take in, and how strictly."""

    chosen: tuple[Chosen, ...]
    unmatched: tuple[str, ...] = ()
    """Patterns of the config that match no file."""
    limits: Limits = field(default_factory=Limits)
    wait: timedelta = timedelta()
    restate: bool = True
    """Whether to look for past figures that change: nobody need if nobody is told."""


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
        pending = writer.pending()
        restated_figures: tuple[Restatement, ...] = ()
        profiles = profiles_of(pending, config)
        if writer.uncommitted or before.derived("contacts", config.hash) is None:
            earlier = stored_tables(before, config, now=now)
            tables = derive(pending, profiles, config, now=now, earlier=earlier)
            if intake.restate:
                restated_figures = _restated(earlier, tables, config)
            writer.alias(_superseded(before, earlier, config, tables))
            if settled(pending, config, now=now):
                writer.put_derived(config.hash, tables)
        else:
            tables = tables_of(before, profiles, config, now=now)
        limits = _limits(pending, profiles)
        writer.commit()

    return Ingested(
        replace(
            _reported(tables, limits, unmapped, config, now),
            files=tuple(files),
            restated=restated_figures,
            notes=(
                *(f"matches no file: {one}" for one in intake.unmatched),
                *about_identity(tables, config),
            ),
        ),
        tuple(rejects),
    )


def _restated(
    earlier: Tables | None, tables: Tables, config: Config
) -> tuple[Restatement, ...]:
    """Return the past figures that changed since `earlier`, if anything is known."""
    if earlier is None:
        return ()

    return restated(earlier, tables, bound_kpis(config), zone=ZoneInfo(config.timezone))


def _reported(
    tables: Tables,
    limits: Mapping[str, tuple[str, ...]],
    unmapped: Mapping[str, Mapping[str, int]],
    config: Config,
    now: datetime,
) -> ImportReport:
    """Return what the tables hold and can bear, of the sources in `limits`."""
    contacts = tables["contacts"]
    lacking = costs(tables, config)
    sources = sources_held(
        tables,
        limits,
        config,
        strange=unmapped,
        limits=limits,
        lacking=lacking,
        now=now,
    )
    days = {one.source: one.days for one in sources if one.days is not None}
    if not days:
        return ImportReport((), sources)
    needed = history(contacts, bound_kpis(config), config)
    changes = history_of_changes(needed)

    return ImportReport(
        (),
        sources,
        needed=needed,
        changes=changes,
        can_bear=what_it_bears(days, needed, changes),
        lacking=lacking.everywhere,
    )


def _limits(
    snapshot: Snapshot, profiles: Mapping[str, Profile]
) -> dict[str, tuple[str, ...]]:
    """Return, by source held, what its exports can never say."""
    pairs = pl.concat(
        [
            snapshot.records(table).select("source", "part").unique()
            for table, columns in RECORD_TABLES.items()
            if {"source", "part"} <= columns.keys()
        ]
    )
    parts: dict[str, set[str]] = {}
    for source, part in snapshot.collect(pairs).iter_rows():
        parts.setdefault(source, set()).add(part)

    return {
        source: profile.limits_of(parts.get(source, ()))
        for source, profile in profiles.items()
    }


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


def _superseded(
    before: Snapshot, held: Tables | None, config: Config, tables: Tables
) -> pl.DataFrame:
    """Return `aliases` of the customers and journeys that later data renamed."""
    renamed = []
    for kind, table, keys, column in (
        ("customer", "identifiers", ("kind", "namespace", "pseudonym"), "customer_id"),
        ("journey", "contacts", ("contact_id",), "journey_id"),
    ):
        earlier = held[table] if held else before.derived(table, config.hash)
        if earlier is None:
            continue
        old = earlier.select(*keys, old_id=column).drop_nulls("old_id")
        new = tables[table].select(*keys, new_id=column).drop_nulls("new_id")
        gone = old.join(new.select(old_id="new_id"), on="old_id", how="anti")
        pairs = gone.join(new, on=list(keys)).select("old_id", "new_id").unique()
        renamed.append(pairs.select("old_id", "new_id", kind=pl.lit(kind)))

    return pl.concat([empty("aliases"), *(conform(one, "aliases") for one in renamed)])

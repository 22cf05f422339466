"""What each missing column costs: KPIs and frictions that cannot be computed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from cxmap.accounting import bound_frictions
from cxmap.config import Config
from cxmap.definitions import Definition, Measure
from cxmap.importreport import Lack
from cxmap.pipeline import Tables, bound_kpis
from cxmap.tables import CONTACT_RECORDS, SURVEY_RECORDS

TOLD_BY_EXPORTS = frozenset({*CONTACT_RECORDS, *SURVEY_RECORDS, "customer_id"})
"""Columns that a profile can fill, with the customer whom identifiers prove; what
follows from them need not be named beside them."""

EVERYBODY = pl.lit(value=True)


@dataclass(frozen=True)
class Costs:
    """What cannot be computed, by source and of all of them."""

    by_source: Mapping[str, tuple[Lack, ...]]
    everywhere: tuple[Lack, ...]
    """What is judged on rows of a kind that no source has, such as surveys."""


@dataclass(frozen=True)
class _Asked:
    """A definition, and the rows that it would judge if its inputs were there."""

    definition: Definition
    rows: pl.Expr


def costs(tables: Tables, config: Config) -> Costs:
    """Return what the inputs that hold nothing cost, of the definitions that are on.

    Of a source a KPI lacks an input that is null in all its rows, and a friction
    likewise; nothing is lacking where the source has no row that the definition
    would judge anyhow: no calls, no speed of answer. Reads contacts, links,
    journeys and surveys; inputs over steps must be columns of contacts or of links.
    """
    tables = {**tables, "steps": _steps(tables)}
    asked = list(_asked(tables, config))
    found = _found(tables, asked)
    by_source: dict[str, list[Lack]] = {}
    everywhere = []
    for place, one in enumerate(asked):
        inputs = one.definition.inputs
        held = found.get(one.definition.over, {})
        reached = [s for s, said in held.items() if said[f"{place}"]]
        for source in reached:
            lacking = [i for i in inputs if not held[source][f"{place} {i}"]]
            if lacking:
                lack = Lack(one.definition.name, _named(lacking))
                by_source.setdefault(source, []).append(lack)
        if not held:
            everywhere.append(Lack(one.definition.name, _named(inputs)))

    return Costs({s: tuple(said) for s, said in by_source.items()}, tuple(everywhere))


def _named(lacking: Sequence[str]) -> tuple[str, ...]:
    """Return the inputs that an export could give; of none, all of them."""
    given = [i for i in lacking if not TOLD_BY_EXPORTS.isdisjoint(i.split("|"))]

    return tuple(given or lacking)


def _steps(tables: Tables) -> pl.DataFrame:
    """Return the inbound contacts of journeys with the hops that lead to them."""
    inbound = pl.col("inbound") & pl.col("journey_id").is_not_null()
    hops = tables["links"].drop("journey_id", "from_contact_id")

    return (
        tables["contacts"]
        .filter(inbound)
        .join(hops, left_on="contact_id", right_on="to_contact_id", how="left")
    )


def _asked(tables: Tables, config: Config) -> Iterator[_Asked]:
    """Yield the definitions whose inputs stand in their table.

    What is judged over several tables at once lacks no column of one source.
    """
    for kpi, measure in bound_kpis(config).values():
        known = set(tables[kpi.over].columns) if kpi.over in tables else set()
        if _inputs(kpi) and _inputs(kpi) <= known:
            yield _Asked(kpi, _population(kpi, measure, known))
    for friction, _ in bound_frictions(config).values():
        known = set(tables[friction.over].columns)
        groups = list(friction.groups)
        if _inputs(friction) and _inputs(friction) <= known:
            shown = pl.col("channel_group").is_in(groups) if groups else EVERYBODY
            yield _Asked(friction, shown)


def _inputs(definition: Definition) -> set[str]:
    return {name for one in definition.inputs for name in one.split("|")}


def _population(kpi: Definition, measure: Measure, known: set[str]) -> pl.Expr:
    """Return the KPI's population, but for conditions on nothing but its inputs.

    "Calls with a queue time" are calls where no queue time is given. What is not a
    column of the table, such as the period's ends, restricts nothing either.
    """
    kept = EVERYBODY
    for condition in _conjuncts(measure.among):
        read = set(condition.meta.root_names())
        if read and read <= known and not read <= _inputs(kpi):
            kept = kept & condition

    return kept


def _conjuncts(condition: pl.Expr) -> Iterator[pl.Expr]:
    """Yield the conditions that `condition` joins by and."""
    pair = condition.meta.pop()
    if len(pair) == 2 and condition.meta.eq(pair[1] & pair[0]):
        yield from _conjuncts(pair[1])
        yield from _conjuncts(pair[0])
    else:
        yield condition


def _found(
    tables: Tables, asked: list[_Asked]
) -> dict[str, dict[str, dict[str, bool]]]:
    """Return by table and source: whether rows are there, and what they hold."""
    found: dict[str, dict[str, dict[str, bool]]] = {}
    for over, columns in _by_table(asked):
        said = tables[over].group_by("source").agg(columns)
        for row in said.sort("source").iter_rows(named=True):
            found.setdefault(over, {})[row.pop("source")] = row

    return found


def _by_table(asked: Iterable[_Asked]) -> Iterator[tuple[str, list[pl.Expr]]]:
    columns: dict[str, list[pl.Expr]] = {}
    for place, one in enumerate(asked):
        over = columns.setdefault(one.definition.over, [])
        over.append(one.rows.fill_null(value=False).any().alias(f"{place}"))
        for wanted in one.definition.inputs:
            held = pl.any_horizontal(pl.col(wanted.split("|")).is_not_null())
            over.append(held.any().alias(f"{place} {wanted}"))

    yield from columns.items()

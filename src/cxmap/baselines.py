"""Baselines: numbers over everything, counted before what needs them is judged."""

import json
from collections.abc import Iterable, Mapping

import polars as pl

from cxmap.definitions import Baseline, Definition
from cxmap.errors import ConfigError
from cxmap.measures import (
    Partials,
    Result,
    finish,
    merge,
    numbered,
    partial,
    stack,
)
from cxmap.tables import TEXT, schema
from cxmap.text import nearest

EVER = "ever"
"""The one period of a baseline."""

Baselines = Mapping[str, pl.DataFrame]
"""By name: the columns a baseline is cut by, and last `baseline_<name>`, its value."""


def column(name: str) -> str:
    """Return the column in which a baseline stands beside what is judged by it."""
    return f"baseline_{name}"


def needed(
    definitions: Iterable[Definition], known: Mapping[str, Baseline]
) -> dict[str, Baseline]:
    """Return the baselines that the definitions need, in order of their names.

    Raises ConfigError naming every definition whose need is not `known`, or is not
    cut by text columns that its own and the definition's table both have.
    """
    pairs = [(one, name) for one in definitions for name in one.needs]
    problems = [problem for pair in pairs if (problem := _problem(*pair, known))]
    if problems:
        raise ConfigError("\n".join(problems))

    return {name: known[name] for name in sorted({name for _, name in pairs})}


def count(
    tables: Mapping[str, pl.DataFrame], needs: Mapping[str, Baseline]
) -> Partials:
    """Count baselines on the tables of one bucket: integers that add up."""
    rows = {
        over: tables[over].with_columns(numbered(tables[over]["customer_id"]))
        for over in {one.over for one in needs.values()}
    }
    return stack(
        partial(rows[one.over], one, one.bind({}), period=EVER, by=one.by)
        for _, one in sorted(needs.items())
    )


def settle(parts: Iterable[Partials], needs: Mapping[str, Baseline]) -> Baselines:
    """Add up what the buckets counted, and divide: return each baseline's values.

    A share is a fraction, a duration seconds; null where nobody counts.
    """
    bound = {name: (one, one.bind({})) for name, one in needs.items()}
    results = finish(merge(parts), bound)

    return {
        name: _values(one, [result for result in results if result.kpi == name])
        for name, one in needs.items()
    }


def read_of_steps(needs: Mapping[str, Baseline]) -> set[str]:
    """Return the columns of steps that counting the baselines reads."""
    over_steps = [one for one in needs.values() if one.over == "steps"]

    return {"customer_id"}.union(
        *(one.bind({}).columns.union(one.by) for one in over_steps)
    )


def beside(
    rows: pl.DataFrame, names: Iterable[str], baselines: Baselines
) -> pl.DataFrame:
    """Return `rows`, in their order, with `baseline_<name>` of each of the names."""
    for name in names:
        values = baselines[name]
        by = values.columns[:-1]
        if by:
            rows = rows.join(
                values, on=by, how="left", nulls_equal=True, maintain_order="left"
            )
        else:
            only = pl.lit(values.item(), values.dtypes[0])
            rows = rows.with_columns(only.alias(column(name)))

    return rows


def _problem(
    definition: Definition, name: str, known: Mapping[str, Baseline]
) -> str | None:
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near}?" if near else "declare it with @baseline"
        return f"{definition.name}: needs {name}: no baseline of that name; {hint}"

    over = [known[name].over, definition.over]
    apart = [
        one
        for one in known[name].by
        if any(schema(table).get(one) != TEXT for table in over)
    ]
    if apart:
        return (
            f"{definition.name}: needs {name}, which is cut by {', '.join(apart)}; "
            f"cut it by text columns of both {' and '.join(over)}"
        )

    return None


def _values(baseline: Baseline, results: list[Result]) -> pl.DataFrame:
    by = sorted(baseline.by)
    cells = [(json.loads(result.cell), result.value) for result in results]
    rows = [
        (*(cell[one] for one in by), value)
        for cell, value in cells
        if bool(cell) == bool(by)
    ]
    columns = {**dict.fromkeys(by, TEXT), column(baseline.name): pl.Float64()}

    return pl.DataFrame(rows, schema=columns, orient="row")

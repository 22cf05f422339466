"""A measure in words: what is counted over what, who is pending, who is left out."""

from collections.abc import Iterable, Iterator, Mapping

import polars as pl

from cxmap.definitions import Definition, Friction, Kpi, Measure
from cxmap.measures.adding import NOT_KNOWN

ROWS = {
    "journeys": "journeys",
    "steps": "steps (inbound contacts of a journey)",
    "contacts": "contacts",
    "surveys": "survey answers",
}
"""The rows of each table, in words."""

INTERVALS = {
    "clustered": "from the spread between customers, whose rows hang together",
    "wilson": "Wilson, since each customer counts once",
    "order_statistics": "between two ranks, from the binomial distribution",
    "greenwood": "where Greenwood's band around the curve crosses the level",
}
"""How an interval was found, in words."""

POSSIBLE_INTERVALS = {
    "share": ("clustered", "wilson"),
    "mean": ("clustered",),
    "ratio": ("clustered",),
    "balance": ("clustered", "wilson"),
    "quantile": ("order_statistics",),
    "survival": ("greenwood",),
    "gap": ("greenwood",),
}
"""By form of measure; a count is no sample and has none."""

SIDES = {
    "higher": "more is better",
    "lower": "less is better",
    "neither": "neither side is better by itself",
}

Facts = list[tuple[str, str]]


def formula(kpi: Kpi, measure: Measure, reasons: Mapping[str, str]) -> Facts:
    """Return what a KPI counts, as pairs of a heading and a sentence.

    Names of columns stand in backticks; `reasons` says in words why a row is left out.
    """
    rows = ROWS.get(kpi.over, kpi.over)
    facts = [("form", _form(measure, rows)), *_parts(measure, rows)]
    facts.append(("population", _population(measure, rows)))
    facts.append(("period", _membership(kpi, rows)))
    if measure.pending is not None:
        facts.append(
            ("pending", f"what cannot be judged yet, by {_read(measure.pending)}")
        )
    if measure.confirmed is not None:
        facts.append(
            (
                "confirmed",
                f"the part of the numerator that {_read(measure.confirmed)} "
                "proves; the rest is presumed",
            )
        )
    facts.append(("left out", "; ".join(_left_out(measure, reasons))))
    facts.append(("interval", _intervals(measure)))

    return facts


def condition(friction: Friction, bound: pl.Expr) -> Facts:
    """Return where a friction shows, as pairs of a heading and a sentence."""
    rows = ROWS.get(friction.over, friction.over)
    groups = ", ".join(friction.groups) or "any channel group"

    return [
        (
            "point",
            f"one for each of the {rows} that meets the condition, by "
            f"{_read(bound)}; what cannot be told is no friction",
        ),
        ("shows in", groups.replace("_", " ")),
        ("because", friction.because),
        ("severity", f"{friction.severity}, unless the config says otherwise"),
        ("share", "journeys with a point ÷ all journeys that began in the period"),
    ]


def judged_by(definition: Definition) -> list[str]:
    """Return the columns that a definition reads under its default options."""
    bound = definition.bind({})
    read = bound.columns if isinstance(bound, Measure) else bound.meta.root_names()

    return sorted({*read, *_inputs(definition)})


def _inputs(definition: Definition) -> Iterator[str]:
    for one in definition.inputs:
        yield from one.split("|")


def _form(measure: Measure, rows: str) -> str:
    part, whole = measure.quantile
    rank = (
        "median" if (part, whole) == (1, 2) else f"{100 * part // whole}th percentile"
    )
    forms = {
        "share": f"a share of {rows}: numerator ÷ denominator",
        "mean": f"a mean over {rows}: numerator ÷ denominator",
        "ratio": f"a ratio over {rows}: numerator ÷ denominator",
        "balance": f"a balance of {rows} in points: 100 × numerator ÷ denominator",
        "quantile": f"the {rank} of a time over {rows}: the value at the nearest rank",
        "survival": f"the {rank} of a time over {rows}, by Kaplan–Meier: times that "
        "still run count for as long as they have run",
        "count": f"a number of {rows}",
        "gap": f"the highest median of a group of {rows} ÷ the lowest",
    }

    return forms.get(measure.form, f"a {measure.form} over {rows}")


def _parts(measure: Measure, rows: str) -> Iterator[tuple[str, str]]:
    of = _read(measure.of)
    counted = f"the {rows} that are counted"
    if measure.once:
        counted = f"the customers with {rows} that are counted, each once"
    scaled = f", in parts of {measure.scale}" if measure.scale > 1 else ""
    above = {
        "share": f"{counted} and meet the condition, by {of}",
        "mean": f"the sum, over {counted}, of what follows from {of}{scaled}",
        "ratio": f"the sum, over {counted}, of what follows from {of}{scaled}",
        "gap": f"the median time of the slowest group, by {_read(measure.group)}",
        "balance": f"of {counted}, those at the good end less those at the bad end, "
        f"by {of}",
        "survival": f"{counted} and whose time has ended, by {_read(measure.ended)}",
        "count": f"{counted} and meet the condition, by {of}",
    }
    if measure.form in ("quantile", "survival", "gap"):
        yield "time", f"whole seconds, from {of}"
    if measure.form in above:
        yield "numerator", above[measure.form]
    below = {
        "count": "",
        "ratio": f"the sum, over the same, of what follows from {_read(measure.per)}",
        "gap": "the median time of the fastest group",
    }
    if denominator := below.get(
        measure.form, f"{counted}: neither pending nor left out"
    ):
        yield "denominator", denominator


def _population(measure: Measure, rows: str) -> str:
    read = _read(measure.among)

    return f"the {rows} that are meant, by {read}" if read else f"all {rows}"


def _membership(kpi: Kpi, rows: str) -> str:
    if kpi.membership == "stock":
        return f"the {rows} whose `{kpi.at}` lies before its end, as they stood then"

    return f"the {rows} whose `{kpi.at}` falls into it"


def _left_out(measure: Measure, reasons: Mapping[str, str]) -> Iterator[str]:
    """Yield each reason, in the order in which they are judged; the last is for all."""
    for reason in (*measure.excluded, NOT_KNOWN):
        yield f"`{reason}`: {reasons.get(reason, reason.replace('_', ' '))}"


def _intervals(measure: Measure) -> str:
    possible = POSSIBLE_INTERVALS.get(measure.form, ())
    if not possible:
        return "none: a count is exact"

    return f"95 %, {'; or '.join(INTERVALS[one] for one in possible)}"


def _read(expression: pl.Expr | None) -> str:
    names = [] if expression is None else expression.meta.root_names()

    return listed(f"`{name}`" for name in sorted(set(names)))


def listed(words: Iterable[str]) -> str:
    """Return words as a list in a sentence: `a, b and c`."""
    *front, last = list(words) or [""]

    return f"{', '.join(front)} and {last}" if front else last

"""How the number of an explanation came about: figures beside their words."""

from collections.abc import Mapping

import polars as pl
from rich.text import Text

from cxmap.definitions import Friction, Kpi, Measure
from cxmap.desk.cells import Segment
from cxmap.desk.explaining import Explanation
from cxmap.names import DIMENSIONS
from cxmap.scorecard import FrictionLine, Score
from cxmap.views.formulas import Facts, condition, formula
from cxmap.views.markdown import escaped, table_lines
from cxmap.views.paper import Paper
from cxmap.views.wording import Wording, counted, percent, segment, title

NUMBERS = ("Value", "Numerator", "Denominator", "Pending", "Left out")
TOO_EARLY = "too early to tell"
ADDED = ("mean", "ratio", "balance", "count")
"""Forms whose numerator is the sum of what the counted rows are worth."""


def formula_facts(told: Explanation, reasons: Mapping[str, str]) -> Facts:
    """Return what the definition counts, in words; nothing where it is not known."""
    if isinstance(told.definition, Kpi) and isinstance(told.bound, Measure):
        return formula(told.definition, told.bound, reasons)
    if isinstance(told.definition, Friction) and isinstance(told.bound, pl.Expr):
        return condition(told.definition, told.bound)

    return []


def number_facts(told: Explanation) -> Facts:
    """Return numerator, denominator and population of a KPI, each with its words."""
    words = dict(formula_facts(told, {}))
    if not words or not isinstance(told.score, Score):
        return []
    score = told.score
    facts = []
    if "numerator" in words:
        facts.append(
            ("numerator", f"{_numerator(told, score):,}: {words['numerator']}")
        )
    if "denominator" in words:
        facts.append(("denominator", f"{score.n:,}: {words['denominator']}"))
    left_out = sum(score.excluded.values())
    rows = told.rows.group_by("counted_as").len()
    among = rows.filter(pl.col("counted_as") == "counted")["len"].sum()
    waiting = rows.filter(pl.col("counted_as") == "pending")["len"].sum()
    parts = f"{among:,} counted + {waiting:,} pending + {left_out:,} left out"
    facts.append(
        ("population", f"{told.rows.height:,} = {parts}: {words['population']}")
    )

    return facts


def _numerator(told: Explanation, score: Score) -> int:
    if score.numerator is not None:
        return score.numerator
    among = told.rows.filter(pl.col("counted_as") == "counted")

    return int(among["value"].sum())


def condition_facts(told: Explanation) -> Facts:
    """Return numerator, denominator and condition of a friction, with their words."""
    if not isinstance(told.score, FrictionLine) or told.definition is None:
        return []
    words = dict(formula_facts(told, {}))

    return [
        ("numerator", f"{told.score.journeys:,}: journeys with a point"),
        ("denominator", f"{told.began:,}: journeys that began in the period"),
        ("point", words["point"]),
    ]


def pending_words(told: Explanation) -> str:
    """Return by what it is decided that it is too early to tell."""
    words = dict(formula_facts(told, {})).get("pending")

    return words or TOO_EARLY


def cell_facts(told: Explanation) -> Facts:
    """Return of which segment the number is; nothing for the whole."""
    if not told.cell:
        return []
    cut = ", ".join(name.replace("_", " ") for name in told.cell)

    return [("segment", f"{cut}: {segment(told.cell.values())}")]


def with_origin(text: str, name: str, told: Explanation) -> str:
    """Return a setting with the line of the config that says so, or that none does."""
    origin = told.origins.get(name)

    return f"{text} ({origin})" if origin else text


def behind(told: Explanation) -> str:
    """Return how many rows are behind the number, and how to see more of it."""
    more = f"{counted(told.rows.height, 'row')}; --contacts lists their ids"
    if told.definition is None:
        return more
    further = [
        f"--by {DIMENSIONS[1]} its segments, --where channel=VALUE one of them",
        "--previous the period before",
    ]

    return ", ".join([more, *further])


def told_openly(told: Explanation) -> bool:
    """Tell whether enough customers make up the number for it to be passed on."""
    return not (isinstance(told.score, Score) and told.cell and told.score.suppressed)


def segments_on(paper: Paper, told: Explanation) -> None:
    """Show the number cut further, a line each segment."""
    paper.gap()
    table = paper.table(_heading(told))
    for name in NUMBERS:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for one in told.segments:
        cells = (Text(paper.shown(text)) for text in _cells(one, told))
        table.add_row(Text(paper.shown(segment(_rest(one, told)))), *cells)
    paper.add(table)


def segments_markdown(told: Explanation, min_cell: int) -> list[str]:
    """Return the number cut further as Markdown, small segments hidden."""
    rows = []
    for one in told.segments:
        cells = [f"<{min_cell}", *[""] * 4] if one.suppressed else _cells(one, told)
        rows.append([escaped(text) for text in (segment(_rest(one, told)), *cells)])

    return [
        "",
        *table_lines((_heading(told), *NUMBERS), ":--|--:|--:|--:|--:|--:", rows),
    ]


def _heading(told: Explanation) -> str:
    names = [name for name in told.segments[0].by if name not in told.cell]
    cut = ", ".join(name.replace("_", " ") for name in names)

    return f"{title(told.name)} by {cut}"


def _rest(one: Segment, told: Explanation) -> list[str | None]:
    return [value for name, value in one.by.items() if name not in told.cell]


def _cells(one: Segment, told: Explanation) -> list[str]:
    nothing = Wording().signs.nothing
    value = nothing if one.value is None else percent(one.value)
    if isinstance(told.score, Score):
        value = Wording().number(one.value, told.score)
    above = nothing if one.numerator is None else f"{one.numerator:,}"

    return [value, above, f"{one.n:,}", f"{one.pending:,}", f"{one.left_out:,}"]

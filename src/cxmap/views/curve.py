"""How soon customers come back, as tables for people and objects for programs."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text

from cxmap.desk.returning import DAYS, Curve, Point
from cxmap.options import write_duration
from cxmap.views.fitting import fitting, least_width
from cxmap.views.markdown import escaped, table_lines
from cxmap.views.paper import Paper
from cxmap.views.wording import percent

HEADING = "How soon they come back"

MEANING = (
    "Of the contacts counted, the share whose customer was back on the same or an "
    "unknown topic by then, whatever the window: the product-limit estimate "
    "(Kaplan-Meier), in which a contact is watched up to the horizon."
)
BENT = (
    "Knee: after day {day}. There the curve stands farthest above the straight line "
    "between its ends (Kneedle): waiting longer finds ever fewer who come back."
)
STRAIGHT = (
    "Knee: none. The curve bends no more than its 95 % interval leaves open, or too "
    "few were watched."
)

SPARED = ("Window", "n", "Still watched", "day 3", "day 14")
"""Columns that a narrow terminal is shown without, the first of it first."""

Row = tuple[str, ...]
Table = tuple[Row, list[Row]]


def curves_on(paper: Paper, curves: Sequence[Curve]) -> None:
    """Write the curves, day by day for the whole and one row a channel group."""
    paper.gap()
    paper.line(Text(HEADING, style="bold"))
    paper.words(Text(paper.shown(MEANING), style="dim"))
    for header, rows in _tables(curves):
        paper.gap()
        _written(paper, header, rows)
    paper.gap()
    paper.words(Text(paper.shown(_knee(curves[0]))))


def curves_markdown(curves: Sequence[Curve]) -> list[str]:
    """Return the curves as lines of Markdown."""
    lines = ["", f"### {HEADING}", "", escaped(MEANING), ""]
    for header, rows in _tables(curves):
        aligned = ":--" + "|--:" * (len(header) - 1)
        cells = [[escaped(cell) for cell in row] for row in rows]
        lines += [*table_lines(header, aligned, cells), ""]

    return [*lines, escaped(_knee(curves[0]))]


def curve_object(curve: Curve) -> dict[str, Any]:
    """Return a curve for programs: shares as fractions, windows in seconds."""
    return {
        "channel_group": curve.channel_group,
        "contacts": curve.contacts,
        "repeats": curve.repeats,
        "window_seconds": curve.window,
        "knee_day": curve.knee,
        "points": [
            {
                "day": point.day,
                "share": point.share,
                "low": point.low,
                "high": point.high,
                "at_risk": point.at_risk,
            }
            for point in curve.points
        ],
    }


def _written(paper: Paper, header: Row, rows: Sequence[Row]) -> None:
    """Write a table, without the columns that do not fit."""
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    least = [
        (name, least_width(name, cells, firm=True)) for name, cells in columns.items()
    ]
    kept = fitting(least, SPARED, paper.width)
    table = paper.table(kept[0])
    for name in kept[1:]:
        table.add_column(Text(name), justify="right", no_wrap=True)
    for row in zip(*(columns[name] for name in kept), strict=True):
        table.add_row(*(Text(paper.shown(cell)) for cell in row))
    paper.add(table)


def _tables(curves: Sequence[Curve]) -> list[Table]:
    whole, groups = curves[0], curves[1:]
    days: list[Row] = [
        (str(one.day), _share(one), _interval(one), f"{one.at_risk:,}")
        for one in whole.points
    ]
    tables: list[Table] = [
        (("By day", "Back", "95 % interval", "Still watched"), days),
    ]
    if groups:
        header = ("After", "n", *(f"day {day}" for day in DAYS), "Knee", "Window")
        tables.append((header, [_row(curve) for curve in curves]))

    return tables


def _row(curve: Curve) -> Row:
    return (
        curve.channel_group or "all",
        f"{curve.contacts:,}",
        *(_share(point) for point in curve.points),
        "–" if curve.knee is None else f"day {curve.knee}",
        "off" if curve.window is None else write_duration(curve.window),
    )


def _share(point: Point) -> str:
    return "–" if point.share is None else percent(point.share)


def _interval(point: Point) -> str:
    if point.low is None or point.high is None:
        return ""

    return f"{100 * point.low:.1f} – {percent(point.high)}"


def _knee(curve: Curve) -> str:
    if curve.knee is None:
        return STRAIGHT

    return BENT.format(day=curve.knee)

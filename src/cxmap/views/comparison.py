"""A comparison as a page, one object, JSON lines, or one CSV table."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, fields
from typing import Any

import polars as pl

from cxmap.comparison import SCHEMA, Comparison, Figure, Movement, Part
from cxmap.scorecard import Finding
from cxmap.views.findings import sentences
from cxmap.views.plain import json_text
from cxmap.views.shapes import published_shape
from cxmap.views.sheets import Page, Sheet
from cxmap.views.symbols import Symbols, symbols
from cxmap.views.wording import counted, percent, segment, sized, span, spelled, title

KPI_SPARE = ("Counted A", "Counted B", "95 % interval")
CELL_SPARE = ("Weight A", "Weight B", "95 % interval")
"""Columns that a narrow terminal is shown without, the first of it first."""


def comparison_page(
    told: Comparison, *, every: bool, min_cell: int, ascii: bool = False
) -> tuple[Page, list[Sheet]]:
    """Return what stands above the tables of a comparison, and the tables.

    `every`: people are shown the cells of every KPI, not only of those that moved.
    """
    signs = symbols(ascii_only=ascii)
    between = told.kind == "segments"
    found = sentences(told.findings, signs, between=between)
    moved = [m.kpi for m in told.movements if every or m.marked or m.simpson]
    page = Page(
        schema=SCHEMA,
        heading=_heading(told),
        facts=told.facts,
        notes=(*_notes(told, signs), *_left_out(told, moved, min_cell)),
        opening=found,
    )
    shown = [p for p in told.parts if p.kpi in moved and not p.suppressed]

    return page, [
        Sheet("findings", "", _rows(told.findings, Finding), pl.DataFrame()),
        Sheet(
            "kpis",
            "KPIs",
            _rows(told.movements, Movement),
            _kpis(told, signs, min_cell),
            spare=KPI_SPARE,
            numbers=(
                "A",
                "B",
                "Counted A",
                "Counted B",
                "Change",
                "95 % interval",
                "Mix",
                "Rate",
            ),
        ),
        Sheet(
            "cells",
            f"Cells: what of a change is whose, by {_by(told)}",
            _rows(told.parts, Part),
            _cells(shown, signs),
            spare=CELL_SPARE,
            numbers=(
                "A",
                "B",
                "Weight A",
                "Weight B",
                "Mix",
                "Rate",
                "Carries",
                "95 % interval",
                "Of the change",
            ),
        ),
    ]


def comparison_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `compare -f json` prints."""
    return published_shape("comparison")


def _rows(things: Iterable[Any], kind: type) -> pl.DataFrame:
    """Return things as programs get them in a table: what is nested is flat or JSON."""
    rows = [dict(_flat(asdict(thing))) for thing in things]
    if not rows:
        return pl.DataFrame(schema=dict.fromkeys(_columns(kind), pl.Null()))

    return pl.DataFrame(rows, infer_schema_length=None)


def _columns(kind: type) -> Iterator[str]:
    """Yield the columns of things of which there are none."""
    for one in fields(kind):
        if one.type is Figure:
            yield from (f"{one.name}_{name}" for name in _columns(Figure))
        else:
            yield one.name


def _flat(thing: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in thing.items():
        if name == "by":
            yield name, json_text(value, indent=None)
        elif isinstance(value, dict):
            yield from ((f"{name}_{key}", one) for key, one in value.items())
        elif isinstance(value, tuple):
            yield name, " ".join(value)
        else:
            yield name, value


def _heading(told: Comparison) -> str:
    a, b = told.a, told.b
    if told.kind == "segments":
        return f"Compared: {a.label} (A) with {b.label} (B), {a.words}"
    if told.kind == "before_after":
        return f"Compared: before (A), {a.words}, with after (B), {b.words}"

    return f"Compared: {a.words} (A) with {b.words} (B)"


def _by(told: Comparison) -> str:
    return ", ".join(name.replace("_", " ") for name in told.by)


def _kpis(told: Comparison, signs: Symbols, min_cell: int) -> pl.DataFrame:
    rows = []
    for one in told.movements:
        hidden = f"<{min_cell}" if one.suppressed else None
        rows.append(
            {
                "KPI": title(one.kpi),
                "A": hidden or spelled(one.a.value, one.unit, signs),
                "B": hidden or spelled(one.b.value, one.unit, signs),
                "Counted A": hidden or _counted(one.a, one),
                "Counted B": hidden or _counted(one.b, one),
                "Change": _change(one, signs),
                "95 % interval": _interval(one, signs),
                "Mix": _signed(one.mix, one, signs),
                "Rate": _signed(one.rate, one, signs),
            }
        )

    return pl.DataFrame(rows)


def _counted(figure: Figure, one: Movement) -> str:
    if one.counted == "seconds" and figure.n:
        return span(figure.n)

    return f"{figure.n:,}"


def _cells(parts: Sequence[Part], signs: Symbols) -> pl.DataFrame:
    rows = [
        {
            "KPI": title(one.kpi),
            "Cell": segment(one.by.values()),
            "Weight A": percent(one.weight_a),
            "Weight B": percent(one.weight_b),
            "A": spelled(one.value_a, one.unit, signs),
            "B": spelled(one.value_b, one.unit, signs),
            "Mix": _signed(one.mix, one, signs),
            "Rate": _signed(one.rate, one, signs),
            "Carries": _signed(one.contribution, one, signs),
            "95 % interval": _band(one.low, one.high, one, signs),
            "Of the change": ""
            if one.share is None
            else _with_sign(f"{100 * one.share:.0f} %", signs),
        }
        for one in parts
    ]

    return pl.DataFrame(rows)


def _change(one: Movement, signs: Symbols) -> str:
    if one.missing_inputs:
        return f"needs {', '.join(one.missing_inputs)}"
    amount = _signed(one.change, one, signs)
    if not one.marked or one.change is None:
        return amount

    return f"{signs.up if one.change > 0 else signs.down} {amount}"


def _interval(one: Movement, signs: Symbols) -> str:
    return _band(one.change_low, one.change_high, one, signs)


def _band(
    low: float | None, high: float | None, one: Movement | Part, signs: Symbols
) -> str:
    if low is None or high is None:
        return ""

    return f"{_signed(low, one, signs, like=high)} … {_signed(high, one, signs)}"


def _signed(
    amount: float | None,
    one: Movement | Part,
    signs: Symbols,
    *,
    like: float | None = None,
) -> str:
    if amount is None:
        return ""
    if one.unit == "points":
        return _with_sign(f"{amount:.1f}", signs, always=True)

    return _with_sign(sized(amount, one.unit, like=like), signs, always=True)


def _with_sign(text: str, signs: Symbols, *, always: bool = False) -> str:
    nought = not any(digit in text for digit in "123456789")
    if text.startswith("-"):
        return text[1:] if nought else f"{signs.minus}{text[1:]}"

    return f"+{text}" if always and not nought else text


def _notes(told: Comparison, signs: Symbols) -> Iterator[str]:
    """Yield what must be read below the tables."""
    yield from told.nobody
    yield from (_simpson(one, told) for one in told.movements if one.simpson)
    yield from told.notes
    if any(one.mix is not None for one in told.movements):
        yield (
            f"Mix: parts weigh otherwise; rate: parts do otherwise; by {_by(told)}; "
            "together they are the change."
        )
    for why in dict.fromkeys(one.unsplit for one in told.movements if one.unsplit):
        names = [
            title(one.kpi)
            for one in told.movements
            if one.unsplit == why and not one.missing_inputs
        ]
        if names:
            yield f"Not split, since {why}: {', '.join(names)}."
    if any(one.marked for one in told.movements):
        yield (
            f"{signs.up} and {signs.down}: a change outside noise that is large enough "
            "to matter."
        )


def _left_out(told: Comparison, moved: Sequence[str], min_cell: int) -> Iterator[str]:
    """Say how many cells are hidden."""
    hidden = sum(part.suppressed for part in told.parts if part.kpi in moved)
    if hidden:
        yield (
            f"{counted(hidden, 'cell')} not shown: fewer than {min_cell} customers on "
            "a side, or to be reckoned from the others."
        )


def _simpson(one: Movement, told: Comparison) -> str:
    rises = (one.change or 0.0) > 0
    verbs = ("is higher", "is lower") if told.kind == "segments" else ("rises", "falls")
    whole, within = verbs if rises else verbs[::-1]
    cells = (
        f"within every {_by(told)}"
        if one.simpson == "every"
        else f"within the {_by(told)} cells together"
    )

    return (
        f"Simpson: {title(one.kpi)} {whole} as a whole, but {within} {cells}; "
        "read the rate, not the change."
    )

"""A vendor's figures against ours, in every form."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import UTC, timedelta
from typing import Any

import polars as pl

from cxmap.desk.reconciling import Metric, Reconciliation
from cxmap.options import write_duration
from cxmap.text import safe
from cxmap.views.forms import as_data
from cxmap.views.plain import csv_text
from cxmap.views.render import SHARED
from cxmap.views.shapes import published_shape
from cxmap.views.sheets import Page, Sheet, render_sheets
from cxmap.views.symbols import Symbols, symbols
from cxmap.views.wording import percent, span, title

WHY = {
    "bot_or_auto_reply": "they count a bot's or automatic message as the answer",
    "business_time": "theirs is business time, ours calendar time",
    "calendar_time": "theirs is calendar time, ours business time",
    "changed_after_our_data": "they changed it after our data end",
    "not_in_our_store": "the store does not hold it",
    "not_told_by_our_exports": "our exports do not tell it",
    "not_told_by_the_vendor": "their column is empty",
    "other_hours": "the time is alike, the business hours are not",
    "reopened": "it was reopened",
    "rounding": "their unit is coarser",
    "several_contacts": "we cut it into several contacts",
    "transferred": "it was handed on, and theirs is one leg of it",
    "unexplained": "unexplained",
    "updated_later": "they changed it after the version we hold",
}
"""Why a figure does not agree, in words."""

NUMBERS = (
    "compared",
    "exact",
    "within",
    "agree",
    "median difference",
    "only theirs",
    "only ours",
)

SPARE = ("only ours", "only theirs", "within", "exact")

COLUMNS = (
    "metric",
    "column",
    "ours",
    "unit",
    "compared",
    "exact",
    "within",
    "differs",
    "share",
    "median_difference",
    "only_theirs",
    "only_ours",
    "neither",
    "unreadable",
    "reasons",
    "note",
)


def render_reconciliation(
    told: Reconciliation,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return the comparison as a table, Markdown, CSV, JSON or JSON lines.

    `share`: leave out reasons of fewer cases than `min_cell`; Markdown always does.
    Raises UsageError for a form that does not exist.
    """
    shown = _large(told, min_cell) if share or form in SHARED else told
    data = as_data(
        form,
        whole=shown.as_json,
        lines=lambda: _lines(shown),
        csv=lambda: _csv(shown),
        ascii=ascii,
    )
    if data is not None:
        return data

    return render_sheets(
        _page(shown),
        _sheets(shown, symbols(ascii_only=ascii)),
        form,
        zone=UTC,
        width=width,
        color=color,
        ascii=ascii,
    )


def _lines(told: Reconciliation) -> Iterator[dict[str, Any]]:
    return ({"file": told.file, **asdict(one)} for one in told.metrics)


def _csv(told: Reconciliation) -> str:
    rows = [[getattr(one, name) for name in COLUMNS] for one in told.metrics]

    return csv_text(COLUMNS, rows)


def reconciliation_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `reconcile -f json` prints."""
    return published_shape("reconciliation")


def _large(told: Reconciliation, least: int) -> Reconciliation:
    metrics = tuple(
        replace(one, reasons={w: n for w, n in one.reasons.items() if n >= least})
        for one in told.metrics
    )

    return replace(told, metrics=metrics)


def _page(told: Reconciliation) -> Page:
    return Page(
        schema="",
        heading=f"{told.title}: {told.matched:,} of {told.cases:,} cases in "
        f"{told.file} are held here ({', '.join(told.sources)})",
        facts={},
        notes=[
            "within: no further apart than "
            f"{write_duration(timedelta(seconds=told.tolerance_seconds))} "
            "(--tolerance); counts must be equal.",
            "Median difference: theirs less ours, of those compared.",
            *(f"{title(m.metric)}: {m.note}." for m in told.metrics if m.note),
            *told.notes,
        ],
    )


def _sheets(told: Reconciliation, signs: Symbols) -> list[Sheet]:
    metrics = pl.DataFrame([_in_words(one, signs) for one in told.metrics])
    reasons = pl.DataFrame(
        list(_reasons(told)),
        schema={"metric": pl.String(), "cases": pl.Int64(), "why": pl.String()},
    )

    return [
        Sheet("metrics", "", metrics, metrics, numbers=NUMBERS, spare=SPARE),
        Sheet(
            "reasons",
            "Why the rest does not agree",
            reasons,
            reasons,
            empty="Every figure that was compared agrees."
            if any(one.compared for one in told.metrics)
            else "There is nothing to compare.",
        ),
    ]


def _in_words(one: Metric, signs: Symbols) -> dict[str, str]:
    return {
        "metric": title(one.metric),
        "ours": one.ours.replace("_", " "),
        "compared": f"{one.compared:,}",
        "exact": f"{one.exact:,}",
        "within": f"{one.within:,}",
        "agree": signs.nothing if one.share is None else percent(one.share),
        "median difference": _sized(one, signs),
        "only theirs": f"{one.only_theirs:,}",
        "only ours": f"{one.only_ours:,}",
    }


def _sized(one: Metric, signs: Symbols) -> str:
    apart = one.median_difference
    if apart is None:
        return signs.nothing
    size = span(abs(apart)) if one.unit == "seconds" else f"{abs(apart):,}"
    sign = "" if not apart else "+" if apart > 0 else signs.minus

    return f"{sign}{size}"


def _reasons(told: Reconciliation) -> Iterator[dict[str, Any]]:
    for one in told.metrics:
        for why, cases in one.reasons.items():
            yield {
                "metric": title(one.metric),
                "cases": cases,
                "why": WHY.get(why, safe(why)),
            }

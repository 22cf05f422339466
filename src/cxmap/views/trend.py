"""One KPI by period, in every form."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.desk.trend import Place, Trend
from cxmap.scorecard import Score
from cxmap.views.data import FACTS
from cxmap.views.discreet import scores_with_companions
from cxmap.views.forms import as_data
from cxmap.views.listing import render_table
from cxmap.views.plain import csv_text
from cxmap.views.render import SHARED, seen
from cxmap.views.shapes import published_shape
from cxmap.views.symbols import symbols
from cxmap.views.wording import Wording, moment, segment, title

WHEN = ("period", "since", "until", "state")
"""What names a period in the data forms."""

NUMBERS = ("value", "95 % interval", "target", "n", "pending", "change")

SPARE = ("target", "95 % interval", "change", "pending")


def render_trend(
    trend: Trend,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return the KPI by period as a table, Markdown, CSV, JSON or JSON lines.

    `share`: hide small cells in any form; Markdown always does. Raises UsageError
    for a form that does not exist.
    """
    shown = _shown(trend, hide=share or form in SHARED)
    data = as_data(
        form,
        whole=shown.as_json,
        lines=lambda: _lines(shown),
        csv=lambda: _csv(shown),
        ascii=ascii,
    )
    if data is not None:
        return data
    zone = ZoneInfo(trend.zone)

    return render_table(
        _in_words(shown, Wording(symbols(ascii_only=ascii), min_cell)),
        form,
        heading=title(trend.kpi.name),
        notes=[*_explained(shown), *shown.notes],
        numbers=NUMBERS,
        spare=SPARE,
        zone=zone,
        width=width,
        color=color,
        ascii=ascii,
    )


def trend_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `kpi -f json` prints."""
    return published_shape("kpi")


def _shown(trend: Trend, *, hide: bool) -> Trend:
    """Return the trend as its reader may see it: small cells hidden, or none."""
    places = []
    for place in trend.places:
        scores = scores_with_companions(place.scores) if hide else place.scores
        told = tuple(seen(one, hide=hide) for one in scores)
        places.append(replace(place, scores=told))

    return replace(trend, places=tuple(places))


def _lines(trend: Trend) -> Iterator[dict[str, Any]]:
    for place in trend.places:
        for score in place.scores:
            yield {**_when(place), **asdict(score)}


def _when(place: Place) -> dict[str, Any]:
    period = place.period
    return dict(
        zip(WHEN, (period.words, period.since, period.until, place.state), strict=True)
    )


def _csv(trend: Trend) -> str:
    header = ("kpi", *trend.by, *WHEN, *FACTS)
    rows = [
        [
            score.kpi,
            *(score.by.get(name) for name in trend.by),
            *_when(place).values(),
            *(_flat(getattr(score, name)) for name in FACTS),
        ]
        for place in trend.places
        for score in place.scores
    ]

    return csv_text(header, rows)


def _flat(fact: Any) -> Any:
    return " ".join(fact) if isinstance(fact, tuple) else fact


def _in_words(trend: Trend, wording: Wording) -> pl.DataFrame:
    rows = [
        {
            "period": place.period.words,
            **({"segment": _segment(score)} if trend.by else {}),
            "value": wording.value(score),
            "95 % interval": wording.interval(score),
            "n": f"{score.n:,}" if score.value is not None else wording.signs.nothing,
            "pending": f"{score.pending:,}" if score.pending else "",
            "target": wording.target(score),
            "status": wording.status(score),
            "change": wording.change(score),
            "state": place.state,
        }
        for place in trend.places
        for score in place.scores
    ]
    targeted = any(score.target for place in trend.places for score in place.scores)
    unneeded = [] if targeted else ["target", "status"]
    schema = dict.fromkeys(rows[0], pl.String()) if rows else {}

    return pl.DataFrame(rows, schema=schema).drop(unneeded, strict=False)


def _segment(score: Score) -> str:
    return segment(score.by.values()) if score.by else "all"


def _explained(trend: Trend) -> list[str]:
    """Return what the words of the table mean, those that it uses."""
    states = {place.state for place in trend.places}
    notes = [trend.kpi.sentence]
    if trend.horizon is not None:
        zone = ZoneInfo(trend.zone)
        notes.append(f"Data reach {moment(trend.horizon, zone)} ({trend.zone}).")
    if "pending" in states:
        notes.append("pending: some of the period cannot be judged yet.")
    if "incomplete" in states:
        notes.append("incomplete: the data held begin or end within the period.")

    return notes

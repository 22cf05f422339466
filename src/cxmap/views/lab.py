"""The definition lab in every form: definitions side by side, and why they differ."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.desk.differing import Reason
from cxmap.desk.lab import Lab, Tried
from cxmap.scorecard import Score
from cxmap.text import safe
from cxmap.views.explanation import REASONS
from cxmap.views.forms import as_data
from cxmap.views.plain import csv_text
from cxmap.views.render import SHARED, seen
from cxmap.views.shapes import published_shape
from cxmap.views.sheets import Page, Sheet, render_sheets
from cxmap.views.symbols import symbols
from cxmap.views.wording import Wording, counted, moment, span, title

SCORED = (
    "value",
    "numerator",
    "n",
    "low",
    "high",
    "pending",
    "excluded",
    "confirmed",
    "presumed",
    "unit",
    "interval",
    "variant",
    "missing_inputs",
    "suppressed",
)
"""What the CSV says of each score."""

COMPARED = ("units", "alike", "differ", "gained", "lost", "median_change", "reasons")
"""What the CSV says of each difference."""

KINDS_OF = {
    "channel_group_": "no {} contacts are counted",
    "disposition_": "no {} contacts are counted",
    "status_": "no {} cases are counted",
}
"""How a reason begins that says what kind of contact is not looked at."""

WHY = {
    "disposition_missing": "the export does not say how it ended",
    "status_missing": "the export tells no status of it",
    "another_contact": "another contact of the journey is judged",
    "came_back_same_channel": "came back on the same channel",
    "came_back_other_channel": "came back on another channel",
    "customer_wrote_again": "the customer wrote again",
    "later": "closed later",
    "less": "less",
    "more": "more",
    "reopened": "reopened",
    "several_answers": "several answers",
    "several_contacts": "several contacts",
    "several_people": "several people",
    "unmet": "the need was not met",
    "unresolved": "status or survey say not resolved",
}
"""Why a row failed or was left out, where the scorecard does not say it, in words."""

ASKED = {"yes": "met", "no": "failed"}
HAPPENED = {"yes": "happened", "no": "did not happen"}
"""What yes and no mean: of a number that should be high, and of any other."""

ELSE = {"left_out": "left out", "outside": "not looked at"}

NUMBERS = ("value", "counted", "95 % interval", "pending", "left out", "differs on")

SPARE = ("pending", "left out", "95 % interval")

FEW = 6
"""Reasons that people are shown of each definition."""


def render_lab(
    lab: Lab,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return the lab as a table, Markdown, CSV, JSON or JSON lines.

    `share`: hide small cells in any form; Markdown always does. Raises UsageError
    for a form that does not exist.
    """
    hide = share or form in SHARED
    shown = _shown(lab, hide=hide, min_cell=min_cell)
    data = as_data(
        form,
        whole=shown.as_json,
        lines=lambda: _lines(shown),
        csv=lambda: _csv(shown),
        ascii=ascii,
    )
    if data is not None:
        return data
    wording = Wording(symbols(ascii_only=ascii), min_cell)

    return render_sheets(
        _page(shown),
        _sheets(shown, wording),
        form,
        zone=ZoneInfo(lab.zone),
        width=width,
        color=color,
        ascii=ascii,
    )


def lab_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `kpi --lab -f json` prints."""
    return published_shape("lab")


def _shown(lab: Lab, *, hide: bool, min_cell: int) -> Lab:
    """Return the lab as its reader may see it: small cells hidden, or none."""
    tried = tuple(_seen(one, hide=hide, least=min_cell) for one in lab.tried)
    note = f"differences on fewer than {min_cell} are not shown"

    return replace(lab, tried=tried, notes=(*lab.notes, *([note] if hide else ())))


def _seen(one: Tried, *, hide: bool, least: int) -> Tried:
    shown, apart = replace(one, score=seen(one.score, hide=hide)), one.difference
    if not hide or apart is None:
        return shown
    if one.score.suppressed:
        return replace(shown, difference=None)
    if 0 < apart.differ < least:
        return replace(one, difference=None)
    large = tuple(reason for reason in apart.reasons if reason.rows >= least)

    return replace(one, difference=replace(apart, reasons=large))


def _lines(lab: Lab) -> Iterator[dict[str, Any]]:
    whole = lab.as_json()
    period = {"since": lab.period.since, "until": lab.period.until}
    for way in whole["ways"]:
        yield {"family": lab.family, **period, **way}


def _csv(lab: Lab) -> str:
    header = ("family", "label", "kpi", "over", "since", "until", "options")
    rows = []
    for way in lab.as_json()["ways"]:
        apart = way["difference"] or {}
        said = {"family": lab.family, "since": lab.period.since}
        said |= {"until": lab.period.until, **way}
        rows.append(
            [
                *(said[name] for name in (*header, "settings", *SCORED)),
                *(apart.get(name) for name in COMPARED),
            ]
        )

    return csv_text((*header, "settings", *SCORED, *COMPARED), rows)


def _page(lab: Lab) -> Page:
    zone = ZoneInfo(lab.zone)
    notes = []
    if lab.horizon is not None:
        notes.append(f"Data reach {moment(lab.horizon, zone)} ({lab.zone}).")
    first = lab.tried[0]
    notes.append(
        f"Compared with {title(first.score.kpi)} {first.label}; `cxmap explain KPI` "
        "prints a definition, --contacts lists the ids on which they differ."
    )

    return Page(
        schema="",
        heading=f"{title(lab.family)} by every definition: {lab.period.words}",
        facts={},
        notes=[*notes, *lab.notes],
    )


def _sheets(lab: Lab, wording: Wording) -> list[Sheet]:
    ways = pl.DataFrame([_in_words(one, wording) for one in lab.tried])
    reasons = pl.DataFrame(
        list(_reasons(lab, wording)),
        schema={"definition": pl.String(), "rows": pl.Int64(), "why": pl.String()},
    )

    return [
        Sheet("ways", "", ways, ways, numbers=NUMBERS, spare=SPARE),
        Sheet(
            "reasons",
            "Why they differ (there: ours; here: the definition named)",
            reasons,
            reasons,
            empty="No definition judges anything else than ours.",
        ),
    ]


def _in_words(one: Tried, wording: Wording) -> dict[str, str]:
    score, apart = one.score, one.difference
    left_out = sum(score.excluded.values())

    return {
        "definition": one.label,
        "value": _no_value(one) or wording.value(score),
        "counted": _counted(score, wording),
        "95 % interval": wording.interval(score),
        "pending": f"{score.pending:,}" if score.pending else "",
        "left out": f"{left_out:,}" if left_out else "",
        "differs on": "" if apart is None else counted(apart.differ, apart.units[:-1]),
    }


def _no_value(one: Tried) -> str:
    """Return why there is nobody to count; nothing where there is, or it is hidden."""
    score = one.score
    if score.missing_inputs:
        return f"needs {', '.join(score.missing_inputs)}"
    if score.n or score.value is not None or score.suppressed:
        return ""
    if score.pending:
        return "all pending"
    if score.excluded:
        return "all left out"

    return "no such answers" if one.over == "surveys" else "nobody to count"


def _counted(score: Score, wording: Wording) -> str:
    if score.value is None:
        return wording.signs.nothing
    if score.numerator is None or score.unit != "share":
        return f"{score.n:,}"

    return f"{score.numerator:,} of {score.n:,}"


def _reasons(lab: Lab, wording: Wording) -> Iterator[dict[str, Any]]:
    usual = lab.tried[0].score
    for one in lab.tried[1:]:
        if one.difference is None:
            continue
        shown = FEW if len(one.difference.reasons) > FEW + 1 else FEW + 1
        for reason in one.difference.reasons[:shown]:
            yield {
                "definition": one.label,
                "rows": reason.rows,
                "why": reason_in_words(reason, usual.better, one.score.better),
            }
        rest = one.difference.reasons[shown:]
        if rest:
            rows = sum(reason.rows for reason in rest)
            why = f"{len(rest)} rarer reasons"
            yield {"definition": one.label, "rows": rows, "why": why}
        if one.difference.median_change:
            change = _sized(one.difference.median_change, one.score, wording)
            why = f"by {change} at the median, of those counted by both"
            yield {"definition": one.label, "rows": None, "why": why}


def _sized(change: float, score: Score, wording: Wording) -> str:
    sign = "+" if change > 0 else wording.signs.minus
    if score.unit == "seconds":
        return f"{sign}{span(abs(change))}"

    return f"{sign}{abs(change):,.0f}"


def reason_in_words(reason: Reason, better_there: str, better_here: str) -> str:
    """Return why rows are judged differently, both sides of it."""
    there = _side(reason.there, reason.there_why, better_there)
    here = _side(reason.here, reason.here_why, better_here)
    if reason.there == reason.here == "counted":
        return f"{WHY.get(reason.here_why or '', 'other')} here than there"
    why = f"{there[0]} there, {here[0]} here"
    because = "; ".join(text for text in (there[1], here[1]) if text)

    return f"{why}: {because}" if because else why


def _side(kind: str, why: str | None, better: str) -> tuple[str, str]:
    meant = ASKED if better == "higher" else HAPPENED
    word = {**meant, **ELSE}.get(kind, kind)

    return word, "" if why is None else _because(why)


def _because(why: str) -> str:
    """Return a reason in words."""
    for opening, words in KINDS_OF.items():
        if why.startswith(opening) and why not in WHY:
            return words.format(safe(why.removeprefix(opening)).replace("_", " "))

    return WHY.get(why) or REASONS.get(why) or safe(why).replace("_", " ")

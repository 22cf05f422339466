"""Survey bias in every form: who answers, and what that does to the number."""

from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from cxmap.desk.bias import Bias
from cxmap.discretion import companion
from cxmap.insights.responding import FRICTION, STRATA, Response
from cxmap.insights.reweighting import Reweighted
from cxmap.views.forms import as_data
from cxmap.views.plain import csv_text
from cxmap.views.render import SHARED
from cxmap.views.shapes import published_shape
from cxmap.views.sheets import Page, Sheet, render_sheets
from cxmap.views.symbols import Symbols, symbols
from cxmap.views.wording import counted, moment, percent, sized, spelled, title

FACTS = tuple(field.name for field in fields(Response))
"""What the data forms say of each class."""

HEADER = ("kpi", "since", "until", *FACTS)

NUMBERS = (
    "journeys",
    "answered",
    "response",
    "95 % interval",
    "against others",
    "of journeys",
    "of answers",
    "value",
)

SPARE = ("of journeys", "of answers", "95 % interval", "answered")

EXPLAINED = (
    "The last answer of each journey that began in the period counts, once; the "
    "scorecard counts every answer.",
    "Against others: response less that of all other journeys; an arrow where chance "
    "hardly brings it, beside all classes looked at.",
    "Re-weighted: as if each class by channel, contacts and frictions had answered as "
    "often as it occurs. Only what these classes tell is corrected.",
)


def render_bias(
    bias: Bias,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    min_cell: int = 10,
) -> str:
    """Return who answered as a table, Markdown, CSV, JSON or JSON lines.

    `share`: hide small classes in any form; Markdown always does. CSV and JSON lines
    hold the classes alone. Raises UsageError for a form that does not exist.
    """
    shown = _shareable(bias, min_cell) if share or form in SHARED else bias
    data = as_data(
        form,
        whole=shown.as_json,
        lines=lambda: _lines(shown),
        csv=lambda: csv_text(HEADER, map(_cells, _lines(shown))),
        ascii=ascii,
    )
    if data is not None:
        return data

    signs = symbols(ascii_only=ascii)
    return render_sheets(
        Page(
            schema="",
            heading=f"Survey bias of {title(bias.kpi.name)}: {bias.period.words}",
            facts={},
            notes=[*(EXPLAINED if shown.answered else ()), *_reach(bias), *shown.notes],
            opening=list(_found(shown, signs)),
        ),
        [_sheet(shown, signs)],
        form,
        zone=ZoneInfo(bias.zone),
        width=width,
        color=color,
        ascii=ascii,
    )


def _sheet(bias: Bias, signs: Symbols) -> Sheet:
    """Return the classes in words; none where nobody answered."""
    told = bias.classes if bias.answered else ()
    rows = pl.DataFrame(
        [_in_words(one, bias.kpi.unit, signs) for one in told],
        schema=dict.fromkeys(("journeys that", *NUMBERS), pl.String()),
    )

    return Sheet("classes", "", rows, rows, numbers=NUMBERS, spare=SPARE)


def bias_schema() -> dict[str, Any]:
    """Return the JSON Schema of what `kpi --bias -f json` prints."""
    return published_shape("bias")


def _lines(bias: Bias) -> Iterator[dict[str, Any]]:
    period = {"since": bias.period.since, "until": bias.period.until}
    for one in bias.classes:
        yield {"kpi": bias.kpi.name, **period, **asdict(one)}


def _cells(line: dict[str, Any]) -> list[Any]:
    return list(line.values())


def _shareable(bias: Bias, least: int) -> Bias:
    """Return the bias without classes of few customers or few answers.

    One class that is hidden alone could be had by subtraction, so the smallest other
    one goes with it; of a friction, those who did not meet it must be many, too.
    """
    if bias.answered < least or bias.customers < least:
        gone = replace(bias, journeys=0, answered=0, customers=0, whole=None)
        return replace(gone, classes=(), notes=(f"fewer than {least}: not shown",))
    small = {one for one in bias.classes if _is_small(one, bias, least)}
    for by in STRATA:
        sizes = {one: one.journeys for one in bias.classes if one.by == by}
        small |= companion(sizes, small & sizes.keys())
    classes = tuple(one for one in bias.classes if one not in small)
    note = f"classes of fewer than {least} customers or answers are not shown"

    return replace(
        bias, classes=classes, notes=(*bias.notes, *([note] if small else ()))
    )


def _is_small(one: Response, bias: Bias, least: int) -> bool:
    few = min(one.customers, one.answered) < least
    others = min(bias.journeys - one.journeys, bias.answered - one.answered)

    return few or (one.by == FRICTION and others < least)


def _found(bias: Bias, signs: Symbols) -> Iterator[str]:
    """Yield what the table comes to, in sentences."""
    if not bias.answered:
        yield "No journey has an answer."
        return
    share = percent(bias.answered / bias.journeys)
    yield (
        f"{bias.answered:,} of {counted(bias.journeys, 'journey')} have an answer "
        f"({share})."
    )
    if bias.whole is None:
        yield "Fewer than ten answers: nothing is re-weighted."
    else:
        yield from _changed(bias, bias.whole, signs)
    apart = [one for one in bias.classes if one.believed and one.difference]
    if not apart:
        yield "No class of journeys answers more or less than the others beyond chance."
        return
    least = min(apart, key=lambda one: one.response)
    most = max(apart, key=lambda one: one.response)
    yield f"Fewest answer of those that {_label(least)}: {percent(least.response)}."
    if most is not least:
        yield f"Most answer of those that {_label(most)}: {percent(most.response)}."


def _changed(bias: Bias, whole: Reweighted, signs: Symbols) -> Iterator[str]:
    unit = bias.kpi.unit
    raw, value = (spelled(one, unit, signs) for one in (whole.raw, whole.value))
    low, high = (spelled(one, unit, signs) for one in (whole.low, whole.high))
    band = "" if whole.low is None else f" ({low} {signs.dash} {high})"
    yield (
        f"{title(bias.kpi.name)} is {raw} of those who answered; had every class of "
        f"journeys answered alike, {value}{band}."
    )
    yield (
        f"The {whole.answers:,} answers are worth {whole.effective:,.0f} of equal "
        "weight."
    )
    if whole.covered < 1:
        yield (
            f"{percent(1 - whole.covered)} of journeys began in channels with too few "
            "answers to speak for them."
        )
    if whole.by != STRATA:
        alike = " and ".join(whole.by)
        yield f"Not all classes could be made alike at once; only {alike} were."


def _reach(bias: Bias) -> list[str]:
    if bias.horizon is None:
        return []

    return [f"Data reach {moment(bias.horizon, ZoneInfo(bias.zone))} ({bias.zone})."]


def _in_words(one: Response, unit: str, signs: Symbols) -> dict[str, str]:
    return {
        "journeys that": _label(one),
        "journeys": f"{one.journeys:,}",
        "answered": f"{one.answered:,}",
        "response": percent(one.response),
        "95 % interval": _band(one, signs),
        "against others": _against(one, signs),
        "of journeys": percent(one.of_journeys),
        "of answers": "" if one.of_answers is None else percent(one.of_answers),
        "value": spelled(one.value, unit, signs),
    }


def _label(one: Response) -> str:
    """Return the class in words that follow `journeys that`."""
    if one.by == FRICTION:
        return f"met {title(one.kind).lower()}"
    if one.kind == "unknown":
        missing = "customer" if one.by == "contacts" else "channel"
        return f"have no known {missing}"
    if one.by == "channel_group":
        return f"began by {one.kind}"
    thing = one.by.removesuffix("s") if one.kind == "1" else one.by

    return f"had {one.kind} {thing}" if one.kind != "0" else f"had no {thing}"


def _band(one: Response, signs: Symbols) -> str:
    if one.low is None or one.high is None:
        return ""

    return f"{100 * one.low:.1f} {signs.dash} {percent(one.high)}"


def _against(one: Response, signs: Symbols) -> str:
    if one.difference is None:
        return signs.nothing
    size = sized(abs(one.difference), "share")
    sign = signs.minus if one.difference < 0 else "+"
    arrow = signs.down if one.difference < 0 else signs.up

    return f"{arrow} {sign}{size}" if one.believed else f"{sign}{size}"

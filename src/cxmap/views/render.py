"""A scorecard in the form that was asked for."""

from collections.abc import Mapping
from dataclasses import replace
from zoneinfo import ZoneInfo

from cxmap.definitions import Definition, collect
from cxmap.errors import UsageError
from cxmap.scorecard import Score, Scorecard, Variation
from cxmap.text import safe
from cxmap.views.benchmarks import benchmarks_markdown
from cxmap.views.data import scorecard_csv, scorecard_json, scorecard_jsonl
from cxmap.views.markdown import scorecard_markdown
from cxmap.views.paper import Paper
from cxmap.views.sections import headlines
from cxmap.views.sensitivity import sensitivity_markdown
from cxmap.views.symbols import symbols
from cxmap.views.terminal import scorecard_table
from cxmap.views.wording import Wording, moment

FORMS = ("table", "md", "csv", "json", "jsonl")
SHARED = ("md",)
"""Forms meant to be passed on: small cells are hidden in them."""


def render(
    scorecard: Scorecard,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    share: bool = False,
    every: bool = False,
    min_cell: int = 10,
    kpis: Mapping[str, Definition] | None = None,
) -> str:
    """Return the scorecard as a table, Markdown, CSV, JSON or JSON lines.

    `width` None: no terminal, so nothing wraps. `ascii`: the stream is not UTF-8.
    `share`: hide small cells (those the scorecard marks) in any form. `every`: people,
    too, are shown the segments of every KPI.
    Raises UsageError for a form that does not exist.
    """
    if form not in FORMS:
        raise UsageError(f"-f {safe(form)}: write one of {', '.join(FORMS)}")
    hide = share or form in SHARED
    shown = shareable(scorecard) if hide else unhidden(scorecard)
    if form == "json":
        return scorecard_json(shown, ascii_only=ascii)
    if form == "jsonl":
        return scorecard_jsonl(shown, ascii_only=ascii)
    if form == "csv":
        return scorecard_csv(shown)
    known = collect("kpis") if kpis is None else kpis
    shown = shown if every else headlines(shown)
    shown = shown if shown.horizon is not None else _of_nothing(shown)
    if form == "md":
        wording = Wording(symbols(ascii_only=ascii), min_cell)
        return scorecard_markdown(
            shown,
            known,
            min_cell=min_cell,
            ascii_only=ascii,
            further=[
                *sensitivity_markdown(shown, wording),
                *benchmarks_markdown(shown.benchmarks),
            ],
        )

    paper = Paper(width=width, color=color, ascii_only=ascii)
    return scorecard_table(shown, paper, known, min_cell=min_cell)


def _of_nothing(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard of an empty store for people: one note, no complaints."""
    zone = ZoneInfo(scorecard.zone)
    note = f"No contacts held as of {moment(scorecard.now, zone)} ({scorecard.zone})."

    return replace(
        scorecard,
        scores=tuple(replace(s, missing_inputs=()) for s in scorecard.scores),
        frictions=(),
        notes=(note, *scorecard.notes),
    )


def shareable(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard without any figure of the cells marked as too small."""
    scores = tuple(_hidden(s) if s.suppressed else s for s in scorecard.scores)
    small = {s.kpi for s in scorecard.scores if s.suppressed and not s.by}
    variations = tuple(
        _hidden_variation(one) if one.suppressed or one.kpi in small else one
        for one in scorecard.sensitivity
    )

    return replace(scorecard, scores=scores, sensitivity=variations)


def unhidden(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard as its analyst sees it: small cells are no secret there."""
    scores = tuple(
        replace(s, suppressed=s.suppressed and s.value is None)
        for s in scorecard.scores
    )
    variations = tuple(
        replace(one, suppressed=one.suppressed and one.value is None)
        for one in scorecard.sensitivity
    )

    return replace(scorecard, scores=scores, sensitivity=variations)


def _hidden(score: Score) -> Score:
    return replace(
        score,
        value=None,
        numerator=None,
        n=0,
        low=None,
        high=None,
        pending=0,
        excluded={},
        confirmed=None,
        presumed=None,
        status="–",
        previous=None,
        change=None,
        change_low=None,
        change_high=None,
        marked=False,
        customers=0,
        earlier=None,
        worse=None,
    )


def _hidden_variation(one: Variation) -> Variation:
    return replace(
        one,
        value=None,
        n=0,
        low=None,
        high=None,
        pending=0,
        change=None,
        moved=None,
        suppressed=True,
    )

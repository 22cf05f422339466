"""A scorecard in the form that was asked for."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from cxmap.definitions import Definition, collect
from cxmap.errors import UsageError
from cxmap.scorecard import Published, Score, Scorecard, Variation
from cxmap.text import safe
from cxmap.views.benchmarks import benchmarks_markdown
from cxmap.views.data import scorecard_csv, scorecard_json, scorecard_jsonl
from cxmap.views.discreet import scores_with_companions
from cxmap.views.ledger import ledger_markdown
from cxmap.views.lines import hidden_line, in_brief, unhidden_line
from cxmap.views.markdown import scorecard_markdown
from cxmap.views.paper import Paper
from cxmap.views.published import published_markdown
from cxmap.views.sections import headlines, on_card, showing
from cxmap.views.sensitivity import sensitivity_markdown
from cxmap.views.symbols import Symbols, symbols
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
    too, are shown every KPI and all segments.
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
    shown = shown if every else headlines(on_card(showing(shown), known))
    shown = shown if shown.horizon is not None else _of_nothing(shown)
    if form == "md":
        signs = symbols(ascii_only=ascii)
        wording = Wording(signs, min_cell)
        lines, notes = _ledger(shown, signs, min_cell)
        return scorecard_markdown(
            shown,
            known,
            min_cell=min_cell,
            ascii_only=ascii,
            ledger=lines,
            further=[
                *published_markdown(shown, wording.signs),
                *sensitivity_markdown(shown, wording),
                *benchmarks_markdown(shown.benchmarks),
            ],
            notes=notes,
        )

    paper = Paper(width=width, color=color, ascii_only=ascii)
    return scorecard_table(shown, paper, known, min_cell=min_cell)


def _ledger(
    scorecard: Scorecard, signs: Symbols, min_cell: int
) -> tuple[list[str], list[str]]:
    """Return the ledger as lines of Markdown, and what must be read beneath it."""
    told = scorecard.frictions
    if not told:
        return [], []
    table = ledger_markdown(told, signs, "Friction", min_cell)

    return [*table, ""], in_brief(scorecard.assumptions, told, signs)


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
    marked = scores_with_companions(scorecard.scores)
    scores = tuple(seen(s, hide=True) for s in marked)
    small = {s.kpi for s in scorecard.scores if s.suppressed and not s.by}
    variations = tuple(
        _hidden_variation(one) if one.suppressed or one.kpi in small else one
        for one in scorecard.sensitivity
    )

    frictions = tuple(hidden_line(line) for line in scorecard.frictions)

    return replace(
        scorecard,
        scores=scores,
        sensitivity=variations,
        frictions=frictions,
        published=_without(scorecard.published, marked),
    )


def _without(told: Published | None, scores: Sequence[Score]) -> Published | None:
    """Return what was published without the figures of cells that are hidden."""
    if told is None:
        return None
    small = [(s.kpi, dict(s.by)) for s in scores if s.suppressed]
    kept = tuple(r for r in told.restated if (r.kpi, dict(r.by)) not in small)

    return replace(told, restated=kept)


def unhidden(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard as its analyst sees it: small cells are no secret there."""
    scores = tuple(seen(s, hide=False) for s in scorecard.scores)
    variations = tuple(
        replace(one, suppressed=one.suppressed and one.value is None)
        for one in scorecard.sensitivity
    )

    frictions = tuple(unhidden_line(line) for line in scorecard.frictions)

    return replace(
        scorecard, scores=scores, sensitivity=variations, frictions=frictions
    )


def seen(score: Score, *, hide: bool) -> Score:
    """Return a score as its reader may see it: to its analyst small cells are open."""
    if hide:
        return hidden(score) if score.suppressed else score

    return replace(score, suppressed=score.suppressed and score.value is None)


def hidden(score: Score) -> Score:
    """Return a score without any figure: a cell of too few customers."""
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

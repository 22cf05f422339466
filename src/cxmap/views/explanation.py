"""An explanation, as a page for people or an object for programs."""

import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import timedelta
from typing import Any

from rich.text import Text

from cxmap.definitions import Measure
from cxmap.desk.explaining import Explanation
from cxmap.options import write_duration
from cxmap.scorecard import FrictionLine, Score
from cxmap.text import safe
from cxmap.views.benchmarks import benchmarks_markdown, benchmarks_on
from cxmap.views.counting import (
    behind,
    cell_facts,
    condition_facts,
    formula_facts,
    number_facts,
    pending_words,
    segments_markdown,
    segments_on,
    told_openly,
    with_origin,
)
from cxmap.views.curve import curve_object, curves_markdown, curves_on
from cxmap.views.formulas import INTERVALS
from cxmap.views.markdown import escaped
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.wording import Wording, percent, span, title

REASONS = {
    "abandoned": "the customer gave up",
    "answers_only": "the source holds answers alone, not what was sent",
    "contained_unknown": "a bot or a menu ended it, and then silence",
    "history_too_short": "what came before is not held",
    "merged": "merged into another",
    "merged_or_spam": "merged into another, or spam",
    "neither_good_nor_bad": "neither good nor bad",
    "no_answer_yet": "no answer yet",
    "nobody_in_it": "no person took part in it",
    "not_known": "the export does not say",
    "not_served": "nobody answered",
    "served_otherwise": "served by calling back, or in a contact that was merged",
    "other_scale": "answered on another scale",
    "outbound_not_held": "no export holds contacts of the company's own accord",
    "outcome_unknown": "cannot tell how it ended",
    "served_unknown": "cannot tell whether anybody answered",
    "short_abandoned": "hung up too soon to have waited",
    "status_unknown": "the export does not say whether it is done",
    "time_unknown": "done, but nobody says when",
    "topic_unknown": "nobody knows what it was about",
    "unanswered": "nobody answered",
    "unidentified": "no customer is known",
    "unproven": "the exports cannot prove it either way",
    "unreplied": "nobody replied to what the customer wrote after",
    "unresolved": "closed without a solution",
    "zero_touch": "closed without an answer",
}
"""Why a row was left out, in words."""

SCHEMA = "cxmap.explanation/1"


def render_explanation(
    told: Explanation,
    form: str,
    *,
    width: int | None = None,
    color: bool = False,
    ascii: bool = False,
    min_cell: int = 10,
) -> str:
    """Return the explanation as a table (a page), Markdown or JSON.

    Markdown is meant to be passed on: what fewer than `min_cell` customers make up is
    hidden in it.
    """
    if form == "json":
        return json_text(explained_object(told), indent=2, ascii_only=ascii) + "\n"
    if form == "md":
        facts = _facts(told) if told_openly(told) else _hidden(told, min_cell)
        lines = [f"## {escaped(title(told.name))}", "", told.doc, ""]
        lines += [f"- **{escaped(name)}**: {escaped(text)}" for name, text in facts]
        lines += curves_markdown(told.curves) if told.curves else []
        lines += segments_markdown(told, min_cell) if told.segments else []
        lines += ["", *benchmarks_markdown(told.benchmarks)] if told.benchmarks else []
        return "\n".join(lines).rstrip() + "\n"

    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(title(told.name), style="bold"))
    paper.gap()
    for paragraph in paragraphs(told.doc):
        paper.words(Text(paper.shown(paragraph)))
        paper.gap()
    table = paper.table("What")
    table.add_column(Text("How it stands"), overflow="fold")
    for name, text in _facts(told):
        table.add_row(Text(paper.shown(name)), Text(paper.shown(text)))
    paper.add(table)
    if told.segments:
        segments_on(paper, told)
    if told.curves:
        curves_on(paper, told.curves)
    benchmarks_on(paper, told.benchmarks)

    return paper.text()


def paragraphs(doc: str) -> list[str]:
    """Return a docstring's paragraphs, each as one line to be wrapped once."""
    blocks = re.split(r"\n\s*\n", doc.strip())

    return [" ".join(block.split()) for block in blocks]


def _facts(told: Explanation) -> list[tuple[str, str]]:
    facts = [("period", told.period.words), *cell_facts(told)]
    facts += _of_score(told) if isinstance(told.score, Score) else []
    facts += _of_line(told, told.score) if isinstance(told.score, FrictionLine) else []
    facts += condition_facts(told)
    facts += settings_facts(told)
    facts.append(("behind it", behind(told)))

    return [(safe(name), safe(text)) for name, text in facts]


def settings_facts(told: Explanation) -> list[tuple[str, str]]:
    """Return options and settings of a definition with the values in force."""
    options = [
        (f"option {name}", with_origin(_written(value), name, told))
        for name, value in told.options.items()
    ]
    settings = [(n, with_origin(text, n, told)) for n, text in told.settings.items()]

    return [*options, *settings]


def _hidden(told: Explanation, min_cell: int) -> list[tuple[str, str]]:
    few = f"<{min_cell} customers: hidden where it is passed on"

    return [("period", safe(told.period.words)), *cell_facts(told), ("value", few)]


def _counted(told: Explanation, score: Score) -> str:
    """Return numerator and n; of a ratio of times they are times."""
    timed = isinstance(told.bound, Measure) and told.bound.timed and score.n
    both = [n for n in (score.numerator, score.n) if n is not None]

    return " of ".join(span(n) if timed else f"{n:,}" for n in both)


def _of_score(told: Explanation) -> list[tuple[str, str]]:
    wording, score = Wording(), told.score
    if not isinstance(score, Score):
        return []
    if score.missing_inputs:
        return [("value", f"needs {', '.join(score.missing_inputs)}")]
    facts = [
        ("value", wording.value(score)),
        ("counted", _counted(told, score)),
        *number_facts(told),
        ("95 % interval", _interval(score, wording)),
        ("target", _target(told, wording.target(score))),
        ("status", score.status),
        ("previous", wording.number(score.previous, score)),
        ("change", wording.change(score) or "–"),
        ("pending", f"{score.pending:,}: {pending_words(told)}"),
    ]
    facts += [
        (f"left out: {why}", f"{n:,}: {REASONS[why]}" if why in REASONS else f"{n:,}")
        for why, n in score.excluded.items()
    ]
    if score.confirmed is not None:
        facts.append(("confirmed", f"{score.confirmed:,}"))
        facts.append(("presumed", f"{score.presumed or 0:,}"))

    return facts


def _interval(score: Score, wording: Wording) -> str:
    """Return the interval and how it was found, or why there is none."""
    if interval := wording.interval(score):
        method = score.interval or ""
        known = f": {INTERVALS[method]}" if method in INTERVALS else ""
        return f"{interval} ({method.replace('_', ' ')}{known})" if method else interval
    if not score.n:
        return "none: nobody was counted"
    if score.unit == "count" and score.value == score.numerator:
        return "none: a whole count is no sample"

    return "none: too few were counted"


def _target(told: Explanation, target: str) -> str:
    return with_origin(target, "target", told) if target else "none set"


def _of_line(told: Explanation, line: FrictionLine) -> list[tuple[str, str]]:
    share = "–" if line.share is None else percent(line.share)
    return [
        ("points", f"{line.points:,}"),
        ("journeys", f"{line.journeys:,} ({share} of those that began)"),
        ("contacts after", f"{line.contacts_after:,}"),
        ("severity", with_origin(line.severity, "severity", told)),
    ]


def _written(value: Any) -> str:
    return write_duration(value) if isinstance(value, timedelta) else str(value)


def _origins(told: Explanation) -> dict[str, str]:
    """Where each option, setting and policy that is told was set."""
    named = {*told.options, *told.settings}
    named |= {"target"} if told.kind == "KPI" else {"severity"}

    return {name: at for name, at in told.origins.items() if name in named}


def _unhidden(score: Score | FrictionLine) -> Score | FrictionLine:
    """The score as its analyst sees it: small cells are no secret there."""
    return replace(score, suppressed=False) if isinstance(score, Score) else score


def explained_object(told: Explanation) -> Mapping[str, Any]:
    """Return an explanation as `explain -f json` prints it."""
    return {
        "schema": SCHEMA,
        "name": told.name,
        "kind": told.kind,
        "definition": told.doc,
        "options": {name: _written(value) for name, value in told.options.items()},
        "settings": dict(told.settings),
        "period": {"since": told.period.since, "until": told.period.until},
        "score": asdict(_unhidden(told.score)),
        "rows": told.rows.height,
        "curves": [curve_object(curve) for curve in told.curves],
        "cell": dict(told.cell),
        "segments": [asdict(replace(o, suppressed=False)) for o in told.segments],
        "origins": _origins(told),
        "formula": dict(formula_facts(told, REASONS)),
        "benchmarks": [asdict(one) for one in told.benchmarks],
    }

"""An explanation, as a page for people or an object for programs."""

import re
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.text import Text

from cxmap.desk.explaining import Explanation
from cxmap.options import write_duration
from cxmap.scorecard import FrictionLine, Score
from cxmap.text import safe
from cxmap.views.benchmarks import benchmarks_markdown, benchmarks_on
from cxmap.views.curve import curve_object, curves_markdown, curves_on
from cxmap.views.markdown import escaped
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.wording import Wording, counted, percent, title

REASONS = {
    "abandoned": "the customer gave up",
    "history_too_short": "what came before is not held",
    "merged": "merged into another",
    "merged_or_spam": "merged into another, or spam",
    "not_served": "nobody answered",
    "served_otherwise": "served by calling back, or in a contact that was merged",
    "other_scale": "answered on another scale",
    "outcome_unknown": "cannot tell how it ended",
    "served_unknown": "cannot tell whether anybody answered",
    "short_abandoned": "hung up too soon to have waited",
    "status_unknown": "the export does not say whether it is done",
    "time_unknown": "done, but nobody says when",
    "unanswered": "nobody answered",
    "unidentified": "no customer is known",
    "unproven": "the exports cannot prove it either way",
    "unresolved": "closed without a solution",
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
) -> str:
    """Return the explanation as a table (a page), Markdown or JSON."""
    if form == "json":
        return json_text(_as_object(told), indent=2, ascii_only=ascii) + "\n"
    facts = _facts(told)
    if form == "md":
        lines = [f"## {escaped(title(told.name))}", "", told.doc, ""]
        lines += [f"- **{escaped(name)}**: {escaped(text)}" for name, text in facts]
        lines += curves_markdown(told.curves) if told.curves else []
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
    for name, text in facts:
        table.add_row(Text(paper.shown(name)), Text(paper.shown(text)))
    paper.add(table)
    if told.curves:
        curves_on(paper, told.curves)
    benchmarks_on(paper, told.benchmarks)

    return paper.text()


def paragraphs(doc: str) -> list[str]:
    """Return a docstring's paragraphs, each as one line to be wrapped once."""
    blocks = re.split(r"\n\s*\n", doc.strip())

    return [" ".join(block.split()) for block in blocks]


def _facts(told: Explanation) -> list[tuple[str, str]]:
    facts = [("period", told.period.words)]
    facts += _of_score(told.score) if isinstance(told.score, Score) else []
    facts += _of_line(told.score) if isinstance(told.score, FrictionLine) else []
    facts += [(f"option {name}", _written(v)) for name, v in told.options.items()]
    facts += [(name, text) for name, text in told.settings.items()]
    facts.append(
        ("behind it", f"{counted(told.rows.height, 'row')}; --contacts lists their ids")
    )

    return [(safe(name), safe(text)) for name, text in facts]


def _of_score(score: Score) -> list[tuple[str, str]]:
    wording = Wording()
    if score.missing_inputs:
        return [("value", f"needs {', '.join(score.missing_inputs)}")]
    numerator = "" if score.numerator is None else f"{score.numerator:,} of "
    facts = [
        ("value", wording.value(score)),
        ("counted", f"{numerator}{score.n:,}"),
        ("95 % interval", _interval(score, wording)),
        ("target", wording.target(score) or "none set"),
        ("status", score.status),
        ("previous", wording.number(score.previous, score)),
        ("change", wording.change(score) or "–"),
        ("pending", f"{score.pending:,}: too early to tell"),
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
        method = (score.interval or "").replace("_", " ")
        return f"{interval} ({method})" if method else interval
    if not score.n:
        return "none: nobody was counted"
    if score.unit == "count" and score.value == score.numerator:
        return "none: a whole count is no sample"

    return "none: too few were counted"


def _of_line(line: FrictionLine) -> list[tuple[str, str]]:
    share = "–" if line.share is None else percent(line.share)
    return [
        ("points", f"{line.points:,}"),
        ("journeys", f"{line.journeys:,} ({share} of those that began)"),
        ("contacts after", f"{line.contacts_after:,}"),
        ("severity", line.severity),
    ]


def _written(value: Any) -> str:
    return write_duration(value) if isinstance(value, timedelta) else str(value)


def _as_object(told: Explanation) -> Mapping[str, Any]:
    return {
        "schema": SCHEMA,
        "name": told.name,
        "kind": told.kind,
        "definition": told.doc,
        "options": {name: _written(value) for name, value in told.options.items()},
        "settings": dict(told.settings),
        "period": {"since": told.period.since, "until": told.period.until},
        "score": asdict(told.score),
        "rows": told.rows.height,
        "curves": [curve_object(curve) for curve in told.curves],
        "benchmarks": [asdict(one) for one in told.benchmarks],
    }

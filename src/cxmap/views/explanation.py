"""An explanation, as a page for people or an object for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from rich.text import Text

from cxmap.desk.explaining import Explanation
from cxmap.options import write_duration
from cxmap.scorecard import FrictionLine, Score
from cxmap.text import safe
from cxmap.views.markdown import escaped
from cxmap.views.paper import Paper
from cxmap.views.plain import json_text
from cxmap.views.wording import Wording, title

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
        return "\n".join(lines) + "\n"

    paper = Paper(width=width, color=color, ascii_only=ascii)
    paper.line(Text(title(told.name), style="bold"))
    paper.gap()
    for line in told.doc.splitlines():
        paper.line(Text(paper.shown(line)))
    paper.gap()
    table = paper.table("What")
    table.add_column(Text("How it stands"), overflow="fold")
    for name, text in facts:
        table.add_row(Text(paper.shown(name)), Text(paper.shown(text)))
    paper.add(table)

    return paper.text()


def _facts(told: Explanation) -> list[tuple[str, str]]:
    facts = [("period", told.period.words)]
    facts += _of_score(told.score) if isinstance(told.score, Score) else []
    facts += _of_line(told.score) if isinstance(told.score, FrictionLine) else []
    facts += [(f"option {name}", _written(v)) for name, v in told.options.items()]
    facts += [(name, text) for name, text in told.settings.items()]
    facts.append(
        ("behind it", f"{told.rows.height:,} rows; --contacts lists their ids")
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
        ("95 % interval", f"{wording.interval(score)} ({score.interval or 'none'})"),
        ("pending", f"{score.pending:,}: too early to tell"),
    ]
    facts += [(f"left out: {why}", f"{n:,}") for why, n in score.excluded.items()]
    if score.confirmed is not None:
        facts.append(("confirmed", f"{score.confirmed:,}"))
        facts.append(("presumed", f"{score.presumed or 0:,}"))

    return facts


def _of_line(line: FrictionLine) -> list[tuple[str, str]]:
    share = "–" if line.share is None else f"{line.share:.1%}"
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
    }

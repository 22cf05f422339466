"""The scorecard's order: sections, then segments, then what to read below."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from cxmap.definitions import Definition, Kpi
from cxmap.names import DIMENSIONS
from cxmap.periods import words
from cxmap.scorecard import Score, Scorecard
from cxmap.text import safe
from cxmap.views.symbols import Symbols
from cxmap.views.wording import counted, moment, segment, title

SECTIONS = ("resolution", "speed", "routing", "perception", "coverage", "other")


MIDNIGHT = time()
INSTANT = "%Y-%m-%dT%H:%M:%SZ"

HEADLINES = (
    "first_contact_resolution",
    "repeat_contact_rate",
    "abandonment_rate",
    "csat",
)
"""KPIs whose segments are shown unasked, beside those that have a target."""


def by_section(
    scorecard: Scorecard, kpis: Mapping[str, Definition]
) -> Iterator[tuple[str, list[Score]]]:
    """Yield each section that has scores of the whole, in the scorecard's order."""
    whole = [score for score in scorecard.scores if not score.by]
    for section in SECTIONS:
        scores = [s for s in whole if _section(s, kpis) == section]
        if scores:
            yield section, scores


def by_segment(
    scorecard: Scorecard, kpis: Mapping[str, Definition]
) -> Iterator[tuple[str, list[tuple[str, Score]]]]:
    """Yield a heading for each KPI that is cut, and its segments with their labels.

    The KPIs stand in the scorecard's order.
    """
    blocks: dict[tuple[str, tuple[str, ...]], list[tuple[str, Score]]] = {}
    for score in scorecard.scores:
        if score.by:
            names = tuple(score.by)
            label = segment(score.by.values())
            blocks.setdefault((score.kpi, names), []).append((label, score))
    whole = [s.kpi for _, scores in by_section(scorecard, kpis) for s in scores]
    places = {kpi: place for place, kpi in enumerate(dict.fromkeys(whole))}
    in_order = sorted(
        blocks.items(), key=lambda one: places.get(one[0][0], len(places))
    )
    for (kpi, names), cells in in_order:
        cut = ", ".join(safe(name).replace("_", " ") for name in names)
        yield f"{title(kpi)} by {cut}", cells


def headlines(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard with the segments of its headline KPIs alone.

    Those are the KPIs that have a target, and a few that everybody asks for; a note
    says how many were left out.
    """
    aimed = {score.kpi for score in scorecard.scores if score.target is not None}
    cut = {score.kpi for score in scorecard.scores if score.by}
    hidden = cut - aimed - set(HEADLINES)
    if not hidden or hidden == cut:
        return scorecard
    more = counted(len(hidden), "more KPI")
    note = f"Not shown: segments of {more}; name them with --kpi, or use -f csv."
    kept = [s for s in scorecard.scores if not s.by or s.kpi not in hidden]

    return replace(scorecard, scores=tuple(kept), notes=(*scorecard.notes, note))


def on_card(scorecard: Scorecard, kpis: Mapping[str, Definition]) -> Scorecard:
    """Return the scorecard with the KPIs that stand on every one, and those aimed at.

    A note says how many were left out and how to see them.
    """
    further = {
        score.kpi
        for score in scorecard.scores
        if score.target is None and _shown(score, kpis) != "card"
    } - {score.kpi for score in scorecard.scores if score.target is not None}
    if not further:
        return scorecard
    note = f"{counted(len(further), 'more KPI')}: cxmap report --all"
    kept = [score for score in scorecard.scores if score.kpi not in further]

    return replace(scorecard, scores=tuple(kept), notes=(*scorecard.notes, note))


def showing(scorecard: Scorecard) -> Scorecard:
    """Return the scorecard with the frictions that showed in the period.

    A note says how many were looked for in vain.
    """
    met = tuple(one for one in scorecard.frictions if one.points or one.suppressed)
    silent = len(scorecard.frictions) - len(met)
    if not silent:
        return scorecard
    note = f"{counted(silent, 'friction')} looked for did not show: cxmap report --all"

    return replace(scorecard, frictions=met, notes=(*scorecard.notes, note))


def dimensions(scorecard: Scorecard) -> tuple[str, ...]:
    """Return what the scorecard is cut by, known dimensions first."""
    used = {name for score in scorecard.scores for name in score.by}
    known = [name for name in DIMENSIONS if name in used]

    return (*known, *sorted(used - set(known)))


def standing(scorecard: Scorecard, signs: Symbols) -> str:
    """Return the line that says as of when, and compared with what."""
    zone = ZoneInfo(scorecard.zone)
    parts = []
    if scorecard.compared_with is not None:
        parts.append(f"compared with {words(*scorecard.compared_with, zone)}")
    if scorecard.horizon is not None:
        parts.append(f"data reach {moment(scorecard.horizon, zone)}")
    parts.append(safe(scorecard.zone))

    return f" {signs.dot} ".join(parts)


def footnotes(scorecard: Scorecard, signs: Symbols) -> list[str]:
    """Return what must be read below the table."""
    notes = [safe(note) for note in scorecard.notes]
    if len(scorecard.frictions) > 1:
        notes.append("Frictions overlap; do not add the rows.")
    if any(score.status in ("on", "off") for score in scorecard.scores):
        notes.append(
            f"{signs.on} and {signs.off}: the whole 95 % interval lies on one side of "
            "the target."
        )
    if any(score.marked for score in scorecard.scores):
        notes.append(
            f"{signs.up} and {signs.down}: a change outside noise that is large enough "
            "to matter."
        )
    if any(score.pending for score in scorecard.scores):
        notes.append("n +m: m more belong here but cannot be judged yet.")
    if scorecard.scores and scorecard.horizon is not None:
        notes.append(f"Behind a number: {explain_command(scorecard)}")

    return notes


def explain_command(scorecard: Scorecard) -> str:
    """Return the command that leads from a number of the scorecard to its contacts."""
    zone = ZoneInfo(scorecard.zone)
    since, until = (at.astimezone(zone) for at in (scorecard.since, scorecard.until))
    whole_days = all(
        at.timetz().replace(tzinfo=None) == MIDNIGHT for at in (since, until)
    )
    if whole_days:
        first, last = since.date(), until.date() - timedelta(days=1)
        period = f"--since {first} --until {last}"
    else:
        period = (
            f"--since {scorecard.since:{INSTANT}} --until {scorecard.until:{INSTANT}}"
        )
    used = dimensions(scorecard)
    cell = "".join(f" --where {name}=VALUE" for name in used)

    return f"cxmap explain NAME {period}{cell}"


def _shown(score: Score, kpis: Mapping[str, Definition]) -> str:
    definition = kpis.get(score.kpi)

    return definition.shown if isinstance(definition, Kpi) else "card"


def _section(score: Score, kpis: Mapping[str, Definition]) -> str:
    definition = kpis.get(score.kpi)
    known = isinstance(definition, Kpi) and definition.section in SECTIONS

    return definition.section if known and isinstance(definition, Kpi) else "other"

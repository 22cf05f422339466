"""How the KPIs look under other settings: one row a KPI, one column a setting."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rich.text import Text

from cxmap.scorecard import Score, Scorecard, Variation
from cxmap.views.fitting import BETWEEN, least_width
from cxmap.views.markdown import escaped, table_lines
from cxmap.views.paper import Paper
from cxmap.views.wording import Wording, span, title

SETTINGS = ("strict", "normal", "loose", "half", "double")

HEADING = "Sensitivity"

VARIED = (
    "Strict, normal, loose: who is taken for one customer (identity.level). "
    "Half, double: every duration under links: and repeat:, and each KPI's own "
    "window. Value: as configured."
)


@dataclass(frozen=True)
class Row:
    """One KPI under every setting, in words."""

    label: str
    value: str
    cells: tuple[str, ...]
    """In the order of SETTINGS."""
    spread: str

    @property
    def all(self) -> tuple[str, ...]:
        """Every cell of the row."""
        return (self.label, self.value, *self.cells, self.spread)


def of_kpi(scorecard: Scorecard) -> Iterator[tuple[Score, dict[str, Variation]]]:
    """Yield each KPI of the card that was varied, and its variations by setting."""
    whole = {score.kpi: score for score in scorecard.scores if not score.by}
    found: dict[str, dict[str, Variation]] = {}
    for one in scorecard.sensitivity:
        found.setdefault(one.kpi, {})[one.setting] = one
    for kpi, variations in found.items():
        if kpi in whole:
            yield whole[kpi], variations


def spread(score: Score, variations: dict[str, Variation]) -> float | None:
    """Return how far the lowest and the highest value lie apart."""
    values = [score.value, *(one.value for one in variations.values())]
    known = [value for value in values if value is not None]

    return max(known) - min(known) if len(known) == len(values) else None


def sensitivity_table(scorecard: Scorecard, paper: Paper, wording: Wording) -> None:
    """Write the settings as a table; where it does not fit, two lines a KPI."""
    if not scorecard.sensitivity:
        return
    rows, still = _rows(scorecard, wording)
    paper.gap()
    paper.line(Text(HEADING, style="bold"))
    paper.words(Text(paper.shown(VARIED), style="dim"))
    if rows and _fits(rows, paper.width):
        table = paper.table("KPI")
        for name in _header()[1:]:
            table.add_column(Text(name), justify="right", no_wrap=True)
        for row in rows:
            table.add_row(*(Text(paper.shown(cell)) for cell in row.all))
        paper.gap()
        paper.add(table)
    elif rows:
        paper.gap()
        _two_lines(rows, paper)
    for note in _notes(rows, still, wording):
        paper.words(Text(paper.shown(note), style="dim"))


def sensitivity_markdown(scorecard: Scorecard, wording: Wording) -> list[str]:
    """Return the settings as lines of Markdown; none where nothing was varied."""
    if not scorecard.sensitivity:
        return []
    rows, still = _rows(scorecard, wording)
    cells = [[escaped(cell) for cell in row.all] for row in rows]
    aligned = ":--" + "|--:" * (len(_header()) - 1)
    lines = [f"### {HEADING}", "", escaped(VARIED), ""]
    lines += [*table_lines(_header(), aligned, cells), ""] if rows else []
    for note in _notes(rows, still, wording):
        lines += [escaped(note), ""]

    return lines


def _header() -> tuple[str, ...]:
    return ("KPI", "Value", *(name.capitalize() for name in SETTINGS), "Spread")


def _rows(scorecard: Scorecard, wording: Wording) -> tuple[list[Row], list[str]]:
    """Return a row for each KPI that differs anywhere, and the names of the others."""
    rows, still = [], []
    for score, variations in of_kpi(scorecard):
        apart = spread(score, variations)
        if apart == 0:
            still.append(title(score.kpi))
            continue
        cells = [_cell(variations.get(name), score, wording) for name in SETTINGS]
        rows.append(
            Row(
                title(score.kpi),
                wording.value(score),
                tuple(cells),
                _spread(apart, score, wording),
            )
        )

    return rows, still


def _spread(apart: float | None, score: Score, wording: Wording) -> str:
    if apart is None:
        return wording.signs.nothing

    return span(apart) if score.unit == "seconds" else wording.size(apart, score)


def _cell(one: Variation | None, score: Score, wording: Wording) -> str:
    if one is None:
        return wording.signs.nothing
    if one.suppressed and one.value is None:
        return f"<{wording.min_cell}"
    mark = f" {wording.signs.moved}" if one.moved else ""
    like = replace(score, value=one.value) if score.unit == "seconds" else score

    return wording.number(one.value, like) + mark


def _notes(rows: Sequence[Row], still: Sequence[str], wording: Wording) -> list[str]:
    sign = wording.signs.moved
    notes = []
    if any(cell.endswith(f" {sign}") for row in rows for cell in row.cells):
        notes.append(f"{sign} outside the 95 % interval of the value as configured.")
    if still:
        notes.append(f"The same under every setting: {', '.join(still)}.")

    return notes


def _fits(rows: Sequence[Row], width: int | None) -> bool:
    if width is None:
        return True
    columns = zip(_header(), *(row.all for row in rows), strict=True)
    least = [least_width(name, cells, firm=True) for name, *cells in columns]

    return sum(least) + BETWEEN * (len(least) - 1) <= width


def _two_lines(rows: Sequence[Row], paper: Paper) -> None:
    for row in rows:
        paper.pair(
            Text(paper.shown(row.label)),
            Text(paper.shown(row.value), style="bold"),
            Text(""),
        )
        said = zip((*SETTINGS, "spread"), (*row.cells, row.spread), strict=True)
        detail = f" {paper.signs.dot} ".join(f"{name} {cell}" for name, cell in said)
        paper.line(Text(paper.shown(f"  {detail}"), style="dim"))

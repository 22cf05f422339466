"""A comparison cut up: each KPI in its cells on both sides, and what they carry."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from cxmap.changing import can_be_split, scale, sides
from cxmap.comparison import Part
from cxmap.definitions import Kpi, Measure
from cxmap.discretion import companion
from cxmap.engines.local import Answer, Question, Tables, cross, cut, time
from cxmap.insights.crossing import Side
from cxmap.insights.drivers import Looked, look
from cxmap.insights.split import Effect, Split, split
from cxmap.insights.timing import TimeSplit, split_times

PERIODS = ("previous", "current")

OF_TIMES = ("quantile", "survival")
"""Forms whose change is split by mixing the times of the cells."""


@dataclass(frozen=True)
class CutUp:
    """A KPI in its cells on both sides."""

    before: Side
    after: Side
    looked: tuple[Looked, ...]
    """What each cell carries; none where the KPI is one of times."""
    times: TimeSplit | None = None

    @property
    def halves(self) -> Split | None:
        """Mix and rate, where they can be told."""
        return self.times.halves if self.times else split(self.before, self.after)

    @property
    def cells(self) -> list[str]:
        """The cells of either side, in order."""
        return sorted(self.before.cells.keys() | self.after.cells.keys())

    def there(self, cell: str) -> list[Side]:
        """Return the sides that have a cell."""
        return [side for side in (self.before, self.after) if cell in side.cells]


def is_of_times(measure: Measure) -> bool:
    """Tell whether a KPI's change is split by mixing the times of its cells."""
    return measure.form in OF_TIMES and measure.once is None


def cut_up(
    tables: Tables,
    question: Question,
    answer: Answer,
    by: tuple[str, ...],
    least: int,
) -> dict[str, CutUp]:
    """Return each KPI whose change can be split, in its cells."""
    asked = {
        name: pair
        for name, pair in question.kpis.items()
        if (can_be_split(pair[1]) or is_of_times(pair[1]))
        and name not in answer.missing
    }
    of_times = {name: pair for name, pair in asked.items() if is_of_times(pair[1])}
    counted = cross(cut(tables), replace(question, kpis=asked), [by], pairs=True)
    timed = time(cut(tables), replace(question, kpis=of_times), by)
    found = {}
    for name, (_, measure) in asked.items():
        before, after = sides(counted, name, by)
        if name in of_times:
            spells = [timed.filter(kpi=name, period=p) for p in PERIODS]
            times = split_times(spells[0], spells[1], measure.quantile)
            found[name] = CutUp(before, after, (), times)
        else:
            looked = tuple(look(name, before, after, min_cell=least))
            found[name] = CutUp(before, after, looked)

    return found


def scaled(effect: Effect, by: float) -> tuple[float, float | None, float | None]:
    """Return an effect with its interval in the unit that is shown."""
    low, high = (None if e is None else e * by for e in (effect.low, effect.high))
    return effect.value * by, low, high


def parts_of(
    question: Question, cuts: Mapping[str, CutUp], *, min_cell: int
) -> Iterator[Part]:
    """Yield each cell of each KPI: what it carries; of times, how long it takes."""
    for name, parts in cuts.items():
        kpi, measure = question.kpis[name]
        hidden = _hidden(parts, min_cell)
        if parts.times:
            yield from (
                _of_times(cell, parts, kpi, parts.times, hidden) for cell in parts.cells
            )
        by = scale(measure)
        yield from (_of_rates(one, parts, kpi, by, hidden) for one in parts.looked)


def _hidden(parts: CutUp, least: int) -> set[str]:
    """Return the cells to hide: the small ones, and one more where one is alone."""
    small = {
        cell
        for cell in parts.cells
        if min(side.cells[cell].customers for side in parts.there(cell)) < least
    }
    rows = {
        cell: sum(side.cells[cell].n for side in parts.there(cell))
        for cell in parts.cells
    }

    return small | companion(rows, small)


def _of_rates(
    one: Looked, parts: CutUp, kpi: Kpi, by: float, hidden: Collection[str]
) -> Part:
    carried, low, high = scaled(one.contribution, by)
    rates = (one.rates[0] * by, one.rates[1] * by)
    change = parts.after.whole.rate - parts.before.whole.rate

    return replace(
        _part(one.cell, parts, kpi, rates, hidden),
        mix=one.mix * by,
        rate=one.rate * by,
        contribution=carried,
        low=low,
        high=high,
        share=one.share if change else None,
    )


def _of_times(
    cell: str, parts: CutUp, kpi: Kpi, times: TimeSplit, hidden: Collection[str]
) -> Part:
    return _part(cell, parts, kpi, times.cells.get(cell, (None, None)), hidden)


def _part(
    cell: str,
    parts: CutUp,
    kpi: Kpi,
    values: tuple[float | None, float | None],
    hidden: Collection[str],
) -> Part:
    """Return a cell's place on both sides, with nothing that it carries."""
    here = [side.cells.get(cell) for side in (parts.before, parts.after)]
    n_a, n_b = (one.n if one else 0 for one in here)

    return Part(
        kpi=kpi.name,
        by=json.loads(cell),
        unit=kpi.unit,
        n_a=n_a,
        n_b=n_b,
        weight_a=parts.before.weight(cell),
        weight_b=parts.after.weight(cell),
        value_a=values[0] if n_a else None,
        value_b=values[1] if n_b else None,
        mix=None,
        rate=None,
        contribution=None,
        low=None,
        high=None,
        share=None,
        suppressed=cell in hidden,
    )

"""A KPI counted on the table that the test draws."""

from collections.abc import Callable
from datetime import UTC, datetime

import polars as pl
import pytest

from cxmap import scoring
from cxmap.definitions import collect
from cxmap.measures import Result, finish

YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


@pytest.fixture
def counted(drawn: Callable[[str], pl.DataFrame]) -> Callable[..., Result]:
    """Return a function from a KPI's name and options to its result."""

    def result(name: str, until: datetime | None = None, **options: object) -> Result:
        kpi = collect("kpis")[name]
        bound = {name: (kpi, kpi.bind(options))}
        parts = scoring.partials(
            {kpi.over: drawn(kpi.over)},
            bound,
            periods={"current": (YEAR[0], until or YEAR[1])},
        )
        [whole] = finish(parts, bound)
        return whole

    return result

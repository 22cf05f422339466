"""A KPI counted on the table that the test draws; and tables of random rows."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from cxmap import names, scoring, tables
from cxmap.definitions import collect
from cxmap.measures import Result, finish

YEAR = (datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))


EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
WORDS = {
    "channel": ("voice", "voicemail", "email", "chat", "messaging", "social_public"),
    "first_channel": ("voice", "email"),
    "channel_group": ("voice", "written", "chat", "messaging", "social"),
    "disposition": (*names.DISPOSITIONS, "handled", "abandoned", "abandoned"),
    "status": (*names.STATUSES, "solved", "open"),
    "outcome": names.OUTCOMES,
    "ladder": names.LADDER,
    "continuity": names.CONTINUITIES,
    "survey_type": ("csat", "nps", "ces"),
    "topic": ("a", "a/b", "b", "c", "a/b/c"),
    "next_journey_topic": ("a", "a/b", "b", "c"),
    "return_of": ("retry", "campaign_response"),
}
PARTS = (-1.0, -0.5, 0.0, 0.5, 1.0)
SCALES = ((1, 5), (0, 10), (0, 10), (1, 7), (0, 1), (0, 100), (3, 3), (None, None))
ALWAYS = ("started_at", "at", "closed", "inbound")


def _random_table(seed: int, table: str, rows: int) -> pl.DataFrame:
    dice = random.Random(f"{seed} {table}")  # noqa: S311

    def cell(name: str, dtype: pl.DataType) -> object:
        if name not in ALWAYS and dice.random() < 0.25:
            return None
        if dtype == tables.WHEN:
            minutes = dice.randrange(90 * 24 * 60)
            return EARLIEST + timedelta(minutes=minutes)
        if dtype == tables.FLAG:
            return dice.random() < 0.7
        if name.endswith("_seconds"):
            return dice.choice([0, 3, 5, 6, 3600, 86_400, 604_800])
        if dtype.is_numeric():
            return dice.randrange(4) if dtype == tables.COUNT else dice.choice(PARTS)
        return dice.choice(WORDS.get(name, ("a", "b", "c", "d", "e")))

    schema = tables.schema(table)
    drawn = []
    for place in range(rows):
        row = {name: cell(name, dtype) for name, dtype in schema.items()}
        row["contact_id"] = f"c{place}"
        if table == "surveys":
            low, high = dice.choice(SCALES)
            row |= {"scale_min": low, "scale_max": high}
            row["score"] = None if low is None else float(dice.randint(low, high))
            row["contact_id"] = f"c{dice.randrange(rows)}"
        drawn.append(row)

    return pl.DataFrame(drawn, schema=schema)


@pytest.fixture(scope="session")
def random_table() -> Callable[[int, str, int], pl.DataFrame]:
    """Return a function that draws random rows, a quarter of the cells null."""
    return _random_table


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

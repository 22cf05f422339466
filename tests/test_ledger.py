"""The friction ledger: points counted where their journeys began."""

from datetime import UTC, datetime
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.definitions import collect
from cxmap.ledger import friction_lines, friction_partials, merge_frictions
from cxmap.scorecard import FrictionLine

MARCH = (datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC))
FEBRUARY = (datetime(2026, 2, 1, tzinfo=UTC), MARCH[0])
PERIODS = {"current": MARCH, "previous": FEBRUARY}


def table(name: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    return tables.conform(pl.DataFrame(rows, infer_schema_length=None), name)


FRICTIONS = {
    name: (one, one.bind({}))
    for name, one in collect("frictions").items()
    if name in ("abandon", "restart", "transfer")
}


def counted(
    points: pl.DataFrame, steps: pl.DataFrame, journeys: pl.DataFrame
) -> pl.DataFrame:
    return friction_partials(points, steps, journeys, FRICTIONS, periods=PERIODS)


def lines(sums: pl.DataFrame, **severities: str) -> list[FrictionLine]:
    return friction_lines(sums, FRICTIONS, severities=severities)


def test_a_point_counts_where_its_journey_began() -> None:
    journeys = table(
        "journeys",
        [
            {"journey_id": "j1", "started_at": MARCH[0]},
            {"journey_id": "j2", "started_at": MARCH[0]},
            {"journey_id": "j3", "started_at": FEBRUARY[0]},
        ],
    )
    steps = table(
        "steps",
        [
            {"contact_id": "c1", "journey_id": "j1", "contacts_after": 3},
            {"contact_id": "c2", "journey_id": "j1", "contacts_after": 2},
            {"contact_id": "c3", "journey_id": "j3", "contacts_after": 9},
        ],
    )
    points = table(
        "points",
        [
            {"friction": "abandon", "journey_id": "j1", "contact_id": "c1"},
            {"friction": "abandon", "journey_id": "j1", "contact_id": "c2"},
            {"friction": "abandon", "journey_id": "j3", "contact_id": "c3"},
            {"friction": "restart", "journey_id": "j3", "contact_id": "c3"},
        ],
    )

    first, *others = lines(counted(points, steps, journeys), abandon="low")

    assert first == FrictionLine(
        friction="abandon",
        points=2,
        journeys=1,
        share=0.5,
        contacts_after=3,
        severity="low",
    )
    assert [(line.friction, line.points, line.share) for line in others] == [
        ("restart", 0, 0),
        ("transfer", 0, 0),
    ]


def test_a_ledger_of_no_journeys_has_no_shares() -> None:
    sums = counted(
        tables.empty("points"), tables.empty("steps"), tables.empty("journeys")
    )

    assert {line.share for line in lines(sums)} == {None}


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.integers(0, 5), st.sampled_from(sorted(FRICTIONS))), max_size=20
    )
)
def test_ledgers_of_buckets_add_up(found: list[tuple[int, str]]) -> None:
    journeys = table(
        "journeys",
        [{"journey_id": f"j{one}", "started_at": MARCH[0]} for one in range(6)],
    )
    walked = [
        {"contact_id": f"c{place}", "journey_id": f"j{one}", "contacts_after": place}
        for place, (one, _) in enumerate(found)
    ]
    flagged = [
        {"contact_id": f"c{place}", "journey_id": f"j{one}", "friction": name}
        for place, (one, name) in enumerate(found)
    ]
    steps = table("steps", walked) if walked else tables.empty("steps")
    points = table("points", flagged) if flagged else tables.empty("points")
    some = pl.col("journey_id").is_in(["j0", "j3", "j4"])

    added = merge_frictions(
        counted(points.filter(part), steps.filter(part), journeys.filter(part))
        for part in (~some, some)
    )

    assert added.equals(counted(points, steps, journeys))

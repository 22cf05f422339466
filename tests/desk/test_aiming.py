"""Targets from history: the medians of the weeks that can be judged."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap import tables
from cxmap.config import load_config
from cxmap.config.reading import read_config
from cxmap.definitions import collect
from cxmap.desk.aiming import Aim, aims, aims_yaml
from cxmap.periods import whole_weeks_until

NOW = datetime(2026, 6, 30, 12, tzinfo=UTC)
MONDAY = datetime(2026, 6, 29, tzinfo=UTC)
KPIS = collect("kpis")


def held(weeks: dict[int, tuple[int, int]]) -> dict[str, pl.DataFrame]:
    """Contacts of each week back: so many, and how many of them were transferred."""
    rows: list[dict[str, object]] = [
        {
            "contact_id": "last",
            "source": "desk",
            "started_at": MONDAY + timedelta(hours=9),
            "inbound": True,
        }
    ]
    for back, (many, moved) in weeks.items():
        start = MONDAY - timedelta(weeks=back)
        for place in range(many):
            name = f"c{back}-{place}"
            row = {
                "contact_id": name,
                "customer_id": name,
                "source": "desk",
                "channel": "voice",
                "started_at": start + timedelta(hours=place),
                "inbound": True,
                "served": True,
                "disposition": "handled",
                "transfers": int(place < moved),
            }
            rows.append(row)
    frame = tables.conform(pl.DataFrame(rows, infer_schema_length=None), "contacts")
    others = ("journeys", "steps", "surveys", "links", "points")

    return {"contacts": frame, **{name: tables.empty(name) for name in others}}


def found(weeks: dict[int, tuple[int, int]]) -> dict[str, Aim]:
    every = aims(held(weeks), load_config(None), now=NOW, zone=ZoneInfo("UTC"))
    return {one.kpi.name: one for one in every}


def test_the_median_of_the_latest_thirteen_weeks_counts() -> None:
    weeks = {back: (20, 2 if back <= 7 else 10) for back in range(1, 20)}
    aim = found(weeks)["transfer_rate"]

    assert len(aim.values) == 13
    assert aim.n == 260
    assert "transfer_rate: {target: 0.100}" in aims_yaml([aim])
    assert "# n 260, 13 weeks of 30 Mar – 28 Jun 2026, from 0.100 to 0.500" in (
        aims_yaml([aim])
    )


def test_the_week_that_runs_and_thin_weeks_do_not_count() -> None:
    weeks = {0: (20, 20), **{back: (10 - back % 2, 1) for back in range(1, 11)}}
    aim = found(weeks)["transfer_rate"]

    assert aim.values == (0.1,) * 5
    assert "# transfer_rate: left out, 5 weeks with 10 or more" in aims_yaml([aim])


def test_a_kpi_whose_inputs_are_missing_says_so() -> None:
    text = aims_yaml([found({1: (20, 2)})["csat"]])

    assert "# csat: left out, needs score" in text
    assert read_config(text, None).targets == {}


def test_a_kpi_without_a_better_side_has_no_target() -> None:
    assert {"ladder_good", "ladder_unproven"}.isdisjoint(found({1: (20, 2)}))


@pytest.mark.parametrize(
    ("kpi", "value", "target"),
    [
        ("csat", 0.8125, 0.812),
        ("first_response_time", 5400.4, 5400.0),
        ("nps", -12.5, -12.5),
        ("contacts_per_journey", 1.26, 1.26),
    ],
)
def test_what_is_printed_is_a_config(kpi: str, value: float, target: float) -> None:
    text = aims_yaml([Aim(KPIS[kpi], (value,) * 9, 90)])

    assert read_config(text, Path("cxmap.yaml")).targets == {kpi: target}


def test_weeks_are_whole_and_cut_in_the_zone() -> None:
    zone = ZoneInfo("Europe/Berlin")
    weeks = whole_weeks_until(datetime(2026, 4, 5, 22, 0, tzinfo=UTC), 2, zone)

    assert [one.since.isoformat() for one in weeks] == [
        "2026-03-22T23:00:00+00:00",
        "2026-03-29T22:00:00+00:00",
    ]
    assert weeks[-1].until == datetime(2026, 4, 5, 22, tzinfo=UTC)

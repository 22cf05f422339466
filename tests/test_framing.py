"""The third period, without which nothing can be worse two periods running."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from cxmap import tables
from cxmap.comparable import Tables
from cxmap.definitions import collect
from cxmap.framing import Compare, compared, one_further
from cxmap.measures import Bound
from cxmap.periods import Period, read_period

ZONE = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 7, 1, tzinfo=UTC)


def held(
    since: str, until: str = "2026-07-01", *, complete: bool = False
) -> pl.DataFrame:
    ends = [datetime.fromisoformat(f"{day}T00:00:00+00:00") for day in (since, until)]
    return pl.DataFrame(
        {
            "source": ["desk"],
            "since_at": ends[:1],
            "until_at": ends[1:],
            "complete": [complete],
        },
        schema_overrides={"since_at": tables.WHEN, "until_at": tables.WHEN},
    )


def bound(*names: str) -> Bound:
    kpis = collect("kpis")
    return {name: (kpis[name], kpis[name].bind({})) for name in names}


FOLLOWING = bound("first_contact_resolution")


def contacts(known: dict[str, float]) -> Tables:
    """A hundred inbound contacts on each day, of which that share is identified."""
    rows = [
        (
            datetime.fromisoformat(f"{day}T12:00:00+00:00"),
            "ana" if at < share * 100 else None,
        )
        for day, share in known.items()
        for at in range(100)
    ]
    frame = pl.DataFrame(
        rows,
        schema={"started_at": tables.WHEN, "customer_id": pl.String},
        orient="row",
    )
    desk = frame.with_columns(inbound=pl.lit(value=True), source=pl.lit("desk"))
    return {"contacts": tables.conform(desk, "contacts")}


def asked(since: str, compare: Compare) -> tuple[Period, Period | None]:
    period = read_period(since, None, now=NOW, zone=ZONE)
    return period, compared(period, compare, zone=ZONE)


STEADY = {"2026-03-10": 0.9, "2026-04-10": 0.9, "2026-05-10": 0.9}


@pytest.mark.parametrize(
    ("since", "compare", "words"),
    [
        ("2026-05", "previous", "March 2026"),
        ("2026-Q2", "previous", "Q4 2025"),
        ("2026-W20", "previous", "27 Apr – 3 May 2026 (W18)"),
        ("2026-W20", "year", "13 May – 19 May 2024 (W20)"),
    ],
)
def test_the_third_period_follows_the_rules_of_the_second(
    since: str, compare: Compare, words: str
) -> None:
    further, why = one_further(
        contacts(STEADY),
        held("2020-01-01"),
        FOLLOWING,
        asked(since, compare),
        compare,
        zone=ZONE,
    )

    assert why == {}
    assert further is not None
    second = asked(since, compare)[1]
    assert second is not None
    assert further == compared(second, compare, zone=ZONE)
    assert further.words == words


def test_without_a_second_period_there_is_no_third_and_no_reason() -> None:
    pair = asked("2026-05", "none")

    assert one_further(
        contacts(STEADY), held("2020-01-01"), FOLLOWING, pair, "none", zone=ZONE
    ) == (None, {})


@pytest.mark.parametrize("since", ["2026-03-15", "2026-04-15"])
def test_where_a_source_is_not_held_in_all_three_there_is_none(since: str) -> None:
    further, why = one_further(
        contacts(STEADY),
        held(since),
        FOLLOWING,
        asked("2026-05", "previous"),
        "previous",
        zone=ZONE,
    )

    assert further is None
    assert "desk not held in both" in why["first_contact_resolution"]


@pytest.mark.parametrize("day", sorted(STEADY))
def test_where_more_people_were_known_in_one_of_the_three_there_is_none(
    day: str,
) -> None:
    further, why = one_further(
        contacts({**STEADY, day: 0.8}),
        held("2020-01-01"),
        FOLLOWING,
        asked("2026-05", "previous"),
        "previous",
        zone=ZONE,
    )

    assert further is None
    assert "identified" in why["first_contact_resolution"]


def test_there_is_a_third_period_for_those_that_can_be_judged() -> None:
    further, why = one_further(
        contacts({**STEADY, "2026-03-10": 0.8}),
        held("2020-01-01"),
        FOLLOWING | bound("transfer_rate"),
        asked("2026-05", "previous"),
        "previous",
        zone=ZONE,
    )

    assert further is not None
    assert [*why] == ["first_contact_resolution"]


def test_a_complete_source_is_held_throughout() -> None:
    further, why = one_further(
        contacts(STEADY),
        held("2026-05-01", complete=True),
        FOLLOWING,
        asked("2026-05", "previous"),
        "previous",
        zone=ZONE,
    )

    assert why == {}
    assert further is not None

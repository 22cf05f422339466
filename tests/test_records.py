"""The latest version of every record, whatever the order of arrival."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap import tables
from cxmap.records import latest, load_id

START = datetime(2026, 1, 1, tzinfo=UTC)

ROWS = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["desk", "calls"]),
        "part": st.sampled_from(["tickets", "metrics"]),
        "record_key": st.sampled_from(["1", "2", "3"]),
        "version_at": st.none()
        | st.integers(0, 3).map(lambda hours: START + timedelta(hours=hours)),
        "content": st.sampled_from(["a", "b", "c"]),
        "load_id": st.sampled_from(["x", "y"]),
        "row": st.integers(1, 4),
        "event_type": st.sampled_from(["queued", "answered"]),
    }
)


def events(rows: list[dict[str, Any]]) -> pl.DataFrame:
    return tables.conform(
        pl.DataFrame(rows, schema_overrides={"version_at": tables.WHEN}),
        "event_records",
    )


def plainly_latest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    def version(row: dict[str, Any]) -> tuple[Any, ...]:
        at = row["version_at"]
        return (
            at is not None,
            at or START,
            row["content"],
            row["load_id"],
            row["row"],
        )

    def key(row: dict[str, Any]) -> tuple[Any, ...]:
        return (row["source"], row["part"], row["record_key"])

    best: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for row in rows:
        best[key(row)] = max(best.get(key(row), version(row)), version(row))
    return [row for row in rows if version(row) == best[key(row)]]


def bag(frame: pl.DataFrame) -> list[str]:
    return sorted(map(repr, frame.rows()))


@settings(max_examples=100, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_latest_are_those_of_a_plain_loop_in_any_order(
    rows: list[dict[str, Any]], random: Any
) -> None:
    expected = bag(events(plainly_latest(rows)))
    random.shuffle(rows)
    assert bag(latest(events(rows)).collect()) == expected


@settings(max_examples=50, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=12), st.integers(0, 12))
def test_the_latest_of_two_halves_are_the_latest_of_the_whole(
    rows: list[dict[str, Any]], cut: int
) -> None:
    whole = latest(events(rows)).collect()
    first, second = events(rows).head(cut), events(rows).slice(cut)
    halves = pl.concat([latest(first), latest(second)])
    assert bag(latest(halves).collect()) == bag(whole)


def test_all_events_of_the_winning_row_stay() -> None:
    row = {
        "source": "calls",
        "part": "log",
        "record_key": "1",
        "version_at": START,
        "content": "a",
        "load_id": "x",
        "row": 1,
    }
    both = [row | {"event_type": "queued"}, row | {"event_type": "answered"}]
    sent_again = [one | {"load_id": "y", "row": 7} for one in both]
    kept = latest(events(both + sent_again)).collect()
    assert sorted(kept["event_type"]) == ["answered", "queued"]
    assert kept["load_id"].unique().to_list() == ["y"]


def test_a_record_without_a_version_time_is_older_than_any() -> None:
    row = {"source": "s", "part": "p", "record_key": "1", "load_id": "x", "row": 1}
    old = row | {"version_at": None, "content": "z"}
    new = row | {"version_at": START, "content": "a"}
    assert latest(events([new, old])).collect()["content"].to_list() == ["a"]


def test_no_records_have_no_latest() -> None:
    assert latest(tables.empty("contact_records")).collect().is_empty()


def test_a_load_is_named_by_content_source_and_mapping_apart() -> None:
    names = {
        load_id("ab", "c", "d"),
        load_id("a", "bc", "d"),
        load_id("a", "b", "cd"),
        load_id("ab", "cd", ""),
    }
    assert len(names) == 4
    assert load_id("ab", "c", "d") in names

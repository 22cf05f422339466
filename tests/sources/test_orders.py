"""Orders that several rows tell of are one order, whatever the order of rows."""

from typing import Any

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from cxmap.sources.orders import orders
from cxmap.tables import conform

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "source": st.sampled_from(["shop", "till"]),
            "source_order_id": st.sampled_from(["1", "2", "3"]),
            "items": st.none() | st.integers(0, 9),
            "refunded": st.none() | st.integers(0, 9),
            "total": st.none() | st.integers(0, 9),
            "status": st.none() | st.sampled_from(["paid", "open"]),
        }
    ),
    min_size=1,
    max_size=12,
)


def table(rows: list[dict[str, Any]]) -> pl.DataFrame:
    numbered = [
        {**row, "version_no": n, "part": "rows", "record_key": str(n)}
        for n, row in enumerate(rows)
    ]
    return conform(pl.DataFrame(numbered, infer_schema_length=None), "order_records")


@settings(max_examples=50, deadline=None)
@given(ROWS, st.integers(0, 999))
def test_every_order_is_told_once_and_its_shares_add_up(
    rows: list[dict[str, Any]], seed: int
) -> None:
    records = table(rows)
    shuffled = records.sample(fraction=1.0, shuffle=True, seed=seed).select(
        records.columns
    )
    told = orders(shuffled).select(
        "source", "source_order_id", "items", "refunded", "total", "status"
    )

    wanted: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        one = wanted.setdefault((row["source"], row["source_order_id"]), {})
        for name in ("items", "refunded"):
            if row[name] is not None:
                one[name] = one.get(name, 0) + row[name]
        for name in ("total", "status"):
            one[name] = one.get(name) if row[name] is None else row[name]
    assert sorted(told.rows(), key=str) == sorted(
        (
            (*key, *(one.get(n) for n in ("items", "refunded", "total", "status")))
            for key, one in wanted.items()
        ),
        key=str,
    )


def test_the_same_number_in_two_shops_is_two_orders() -> None:
    one = {"source_order_id": "1", "items": 1}
    told = orders(table([{"source": "shop", **one}, {"source": "till", **one}]))

    assert told.height == 2
    assert told["items"].to_list() == [1, 1]

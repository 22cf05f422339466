"""Mix and rate: exact, symmetric, and as sure as a bootstrap over customers says."""

import json
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxmap.insights.crossing import Side, celled, crossings, merge_crossings, side
from cxmap.insights.split import Split, cell_effects, split
from cxmap.measures import mean, ratio

Row = tuple[str | None, str, int]
"""Whose it is (None: nobody known), its cell, and its value."""

ROWS = st.lists(
    st.tuples(
        st.one_of(st.none(), st.sampled_from("pqrst")),
        st.sampled_from("vcb"),
        st.integers(-5, 40),
    ),
    min_size=1,
    max_size=30,
)


def table(rows: Sequence[Row]) -> pl.DataFrame:
    return pl.DataFrame(
        rows,
        schema={"customer_id": pl.String(), "channel": pl.String(), "x": pl.Int64()},
        orient="row",
    )


def counted(rows: Sequence[Row], *, buckets: int = 1) -> Side:
    """The side of rows, counted in buckets of whole customers."""
    measure = mean(pl.col("x"))
    parts = [
        crossings(
            celled(
                table([r for r in rows if hash_of(r[0]) % buckets == place]),
                [("channel",)],
            ),
            measure,
            kpi="k",
            period="p",
            pairs=True,
        )
        for place in range(buckets)
    ]
    return side(merge_crossings(parts))


def hash_of(customer: str | None) -> int:
    return sum(map(ord, customer or ""))


def oracle(before: Sequence[Row], after: Sequence[Row]) -> tuple[Fraction, Fraction]:
    """Mix and rate by the book, in exact fractions, sharing no code."""

    def of(rows: Sequence[Row], cell: str) -> tuple[Fraction, Fraction | None]:
        own = [x for _, c, x in rows if c == cell]
        return Fraction(len(own), len(rows)), Fraction(
            sum(own), len(own)
        ) if own else None

    mix, rate = Fraction(), Fraction()
    for cell in {c for _, c, _ in (*before, *after)}:
        (w0, r0), (w1, r1) = of(before, cell), of(after, cell)
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)
        assert r0 is not None
        assert r1 is not None
        mix += (w1 - w0) * (r1 + r0) / 2
        rate += (r1 - r0) * (w1 + w0) / 2

    return mix, rate


def both(before: Sequence[Row], after: Sequence[Row]) -> Split:
    found = split(counted(before), counted(after))
    assert found is not None
    return found


@given(before=ROWS, after=ROWS)
def test_mix_and_rate_are_those_of_the_book_and_together_the_change(
    before: list[Row], after: list[Row]
) -> None:
    found = both(before, after)
    mix, rate = oracle(before, after)
    change = Fraction(sum(x for *_, x in after), len(after)) - Fraction(
        sum(x for *_, x in before), len(before)
    )

    assert mix + rate == change
    assert found.mix.value == pytest.approx(float(mix), abs=1e-12)
    assert found.rate.value == pytest.approx(float(rate), abs=1e-12)


@given(before=ROWS, after=ROWS)
def test_neither_side_is_the_one_that_counts(
    before: list[Row], after: list[Row]
) -> None:
    there, back = both(before, after), both(after, before)

    assert there.mix.value == pytest.approx(-back.mix.value, abs=1e-12)
    assert there.rate.value == pytest.approx(-back.rate.value, abs=1e-12)
    if there.rate.low is not None and back.rate.high is not None:
        assert there.rate.low == pytest.approx(-back.rate.high, abs=1e-9)


@given(before=ROWS, after=ROWS)
def test_the_parts_of_the_cells_add_up(before: list[Row], after: list[Row]) -> None:
    sides = counted(before), counted(after)
    every = sides[0].cells.keys() | sides[1].cells.keys()
    parts = [cell_effects(*sides, cell) for cell in every]
    whole = both(before, after)

    assert sum(m for m, _ in parts) == pytest.approx(whole.mix.value, abs=1e-12)
    assert sum(r for _, r in parts) == pytest.approx(whole.rate.value, abs=1e-12)


@given(rows=ROWS, buckets=st.integers(2, 5))
def test_any_partition_of_customers_counts_the_same(
    rows: list[Row], buckets: int
) -> None:
    assert counted(rows) == counted(rows, buckets=buckets)


@given(rows=ROWS)
def test_products_are_those_of_plain_loops(rows: list[Row]) -> None:
    found = counted(rows)
    owners = [
        who if who is not None else f"?{place}" for place, (who, *_) in enumerate(rows)
    ]
    for (cell, other), products in found.products.items():
        a, b = (json.loads(one)["channel"] for one in (cell, other))
        totals = [0, 0, 0, 0]
        for owner in set(owners):
            own = [r for r, o in zip(rows, owners, strict=True) if o == owner]
            xa, xb = (sum(x for _, c, x in own if c == one) for one in (a, b))
            na, nb = (sum(c == one for _, c, _ in own) for one in (a, b))
            if na and nb:
                totals = [
                    t + p
                    for t, p in zip(
                        totals, (xa * xb, xa * nb, na * xb, na * nb), strict=True
                    )
                ]
        assert [products.xx, products.xn, products.nx, products.nn] == totals


def test_a_cell_that_comes_is_mix_alone() -> None:
    before: list[Row] = [(f"p{i}", "v", i % 2) for i in range(20)]
    after: list[Row] = [*before, *((f"q{i}", "b", 1) for i in range(20))]
    found = both(before, after)

    assert found.rate.value == 0
    assert found.mix.value == pytest.approx(0.25)


def test_a_cell_that_does_otherwise_is_rate_alone() -> None:
    before: list[Row] = [(f"p{i}", "vc"[i % 2], 0) for i in range(20)]
    after: list[Row] = [(who, cell, int(cell == "c")) for who, cell, _ in before]
    found = both(before, after)

    assert found.mix.value == 0
    assert found.rate.value == pytest.approx(0.5)


def test_what_every_cell_does_against_the_whole_is_seen() -> None:
    """Simpson: both channels get better, the worse one grows."""
    before: list[Row] = [
        *((f"v{i}", "v", int(i < 80)) for i in range(100)),
        *((f"c{i}", "c", int(i < 2)) for i in range(10)),
    ]
    after: list[Row] = [
        *((f"v{i}", "v", int(i < 9)) for i in range(10)),
        *((f"c{i}", "c", int(i < 30)) for i in range(100)),
    ]
    found = both(before, after)

    assert found.mix.value + found.rate.value < 0 < found.rate.value
    assert found.against == 2
    assert found.along == 0


@pytest.mark.parametrize("rows", [9, 10])
def test_below_ten_rows_there_is_no_interval(rows: int) -> None:
    few: list[Row] = [(f"p{i}", "v", i % 3) for i in range(rows)]
    many: list[Row] = [(f"p{i}", "v", i % 2) for i in range(50)]

    assert (both(many, few).mix.low is None) == (rows < 10)
    assert (both(few, many).rate.low is None) == (rows < 10)


def test_nobody_on_a_side_cannot_be_split() -> None:
    assert split(counted([]), counted([("p", "v", 1)])) is None
    assert split(counted([("p", "v", 1)]), counted([])) is None


def world(
    draw: np.random.Generator,
    customers: int,
    weights: Sequence[float],
    rates: Sequence[float],
) -> list[Row]:
    """Customers of one to five contacts; what one of them meets hangs together."""
    rows: list[Row] = []
    for who in range(customers):
        luck = draw.normal(0, 0.15)
        usual = draw.choice(3, p=weights)
        for _ in range(draw.integers(1, 6)):
            cell = usual if draw.random() < 0.6 else draw.choice(3, p=weights)
            x = int(draw.random() < min(1, max(0, rates[cell] + luck)))
            rows.append((f"p{who}", "vcb"[cell], x))

    return rows


BEFORE = ((0.6, 0.3, 0.1), (0.7, 0.5, 0.3))
AFTER = ((0.4, 0.3, 0.3), (0.75, 0.4, 0.35))


def test_the_intervals_are_as_wide_as_a_bootstrap_over_customers() -> None:
    draw = np.random.default_rng(7)
    before, after = (world(draw, 400, *which) for which in (BEFORE, AFTER))
    found = both(before, after)

    assert width(found, "mix") == pytest.approx(
        bootstrapped(before, after, draw)[0], rel=0.1
    )
    assert width(found, "rate") == pytest.approx(
        bootstrapped(before, after, draw)[1], rel=0.1
    )


def test_the_intervals_are_those_of_leaving_out_a_little_of_each_customer() -> None:
    """The delta method by numbers: Σ of what a hair of each customer changes, squared.

    Cells that come, go, and are shared; weights and rates that differ much.
    """
    draw = np.random.default_rng(3)
    before = [r for r in world(draw, 60, *BEFORE) if r[1] != "b"]
    after = [
        (w, {"c": "b"}.get(c, c) if i % 3 else c, x)
        for i, (w, c, x) in enumerate(world(draw, 50, *AFTER))
    ]
    found = both(before, after)
    hair, spread = 1e-6, np.zeros(2)
    for place, rows in enumerate((before, after)):
        for who in {w for w, *_ in rows}:
            ends = []
            for by in (1 - hair, 1 + hair):
                sums = [sums_of(side, {}) for side in (before, after)]
                sums[place] = sums_of(rows, {who: by})
                ends.append(np.array(by_the_book(*sums)))
            spread += ((ends[1] - ends[0]) / (2 * hair)) ** 2

    assert width(found, "mix") == pytest.approx(np.sqrt(spread[0]), rel=1e-5)
    assert width(found, "rate") == pytest.approx(np.sqrt(spread[1]), rel=1e-5)


def sums_of(rows: Sequence[Row], weights: dict[str | None, float]) -> np.ndarray:
    """Sums of x and n by cell, where some customers weigh otherwise."""
    found = np.zeros((3, 2))
    for who, cell, x in rows:
        found["vcb".index(cell)] += np.array((x, 1)) * weights.get(who, 1)
    return found


def by_the_book(before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    mix, rate = 0.0, 0.0
    for (x0, n0), (x1, n1) in zip(before, after, strict=True):
        w0, w1 = n0 / before[:, 1].sum(), n1 / after[:, 1].sum()
        r0, r1 = (x / n if n else None for x, n in ((x0, n0), (x1, n1)))
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)
        if r0 is not None and r1 is not None:
            mix += (w1 - w0) * (r1 + r0) / 2
            rate += (r1 - r0) * (w1 + w0) / 2
    return mix, rate


def width(found: Split, name: str) -> float:
    effect = getattr(found, name)
    return float(effect.high - effect.low) / (2 * 1.959964)


def bootstrapped(
    before: list[Row], after: list[Row], draw: np.random.Generator
) -> tuple[float, float]:
    """Standard errors of mix and rate: customers are drawn again, 800 times."""

    def cube(rows: list[Row]) -> np.ndarray:
        people = sorted({who for who, *_ in rows if who})
        found = np.zeros((len(people), 3, 2))
        for who, cell, x in rows:
            found[people.index(str(who)), "vcb".index(cell)] += (x, 1)
        return found

    cubes = [cube(before), cube(after)]
    drawn = []
    for _ in range(800):
        (w0, r0), (w1, r1) = (
            (s[:, 1] / s[:, 1].sum(), s[:, 0] / s[:, 1])
            for c in cubes
            for s in [c[draw.integers(0, len(c), len(c))].sum(axis=0)]
        )
        drawn.append(
            (((w1 - w0) * (r1 + r0) / 2).sum(), ((r1 - r0) * (w1 + w0) / 2).sum())
        )
    mix, rate = np.std(drawn, axis=0, ddof=1)

    return float(mix), float(rate)


def test_the_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """Of 120 worlds about 114; fewer than 105 in one of a thousand tries."""
    draw = np.random.default_rng(11)
    big = both(*(world(draw, 8_000, *which) for which in (BEFORE, AFTER)))
    held = {"mix": 0, "rate": 0}
    for _ in range(120):
        found = both(*(world(draw, 120, *which) for which in (BEFORE, AFTER)))
        for name in held:
            effect, truth = getattr(found, name), getattr(big, name).value
            held[name] += effect.low <= truth <= effect.high

    assert all(105 <= times <= 119 for times in held.values()), held


def of_ratio(rows: Sequence[tuple[str, str, int, int]]) -> Side:
    """The side of rows: customer, cell, what is measured, and what it is divided by."""
    frame = pl.DataFrame(
        rows, schema=["customer_id", "channel", "x", "per"], orient="row"
    )
    measure = ratio(pl.col("x"), pl.col("per"))
    placed = celled(frame, [("channel",)])
    told = crossings(placed, measure, kpi="k", period="p", pairs=True)

    return side(merge_crossings([told]))


def test_a_ratio_is_weighed_by_what_it_is_divided_by() -> None:
    """Voice 10 of 100 and 20 of 100; chat 20 of 100 and 20 of 300, by hand."""
    names = [f"c{n}" for n in range(10)]
    before = of_ratio([(n, c, x, 10) for n in names for c, x in (("v", 1), ("c", 2))])
    after = of_ratio(
        [(n, c, 2, per) for n in names for c, per in (("v", 10), ("c", 30))]
    )
    told = split(before, after)
    assert told is not None
    r0v, r1v, r0c, r1c = (
        Fraction(1, 10),
        Fraction(1, 5),
        Fraction(1, 5),
        Fraction(1, 15),
    )
    w0v, w1v, w0c, w1c = Fraction(1, 2), Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)
    mix = (w1v - w0v) * (r1v + r0v) / 2 + (w1c - w0c) * (r1c + r0c) / 2
    rate = (r1v - r0v) * (w1v + w0v) / 2 + (r1c - r0c) * (w1c + w0c) / 2
    assert told.mix.value == pytest.approx(float(mix))
    assert told.rate.value == pytest.approx(float(rate))
    assert told.mix.value + told.rate.value == pytest.approx(40 / 400 - 30 / 200)


def test_a_ratio_of_which_a_cell_has_nothing_below_the_line_is_not_split() -> None:
    rows = [(f"c{n}", "v", 1, 2) for n in range(12)]
    assert split(of_ratio(rows), of_ratio(rows)) is not None
    assert split(of_ratio(rows), of_ratio([*rows, ("z", "c", 3, 0)])) is None


def test_below_ten_customers_a_ratio_has_no_interval() -> None:
    few = of_ratio([(f"c{n % 9}", "v", n, 50) for n in range(40)])
    told = split(few, few)
    assert told is not None
    assert told.rate.low is None

"""Who reaches whom along a time line: nearest predecessors and what they connect.

Every row belongs to a `lane` (a customer, or a customer and a topic) and stands in
order of time. A row reaches the later rows of its lane that start no later than its
`reach`. A pair counts where one of the two is a `hub`: in the lane of a topic, the
rows of exactly that topic; among unknown topics, the rows without one. So pairs are
never listed, and the work stays proportional to the rows.
"""

import polars as pl

SPAN = 1 << 34
"""Seconds that fit into one lane of the combined time axis."""

FOREVER = SPAN - 1


def predecessors(rows: pl.DataFrame) -> pl.Series:
    """Return the latest earlier row that reaches each row, as a row number.

    `rows` holds lane (rising integers), start and reach (seconds since the epoch;
    a null reach reaches nothing) and hub, in order. Null: no row reaches it.
    """
    start, reach = _axis(rows)
    hub = rows["hub"]
    nearest = _nearest(start, reach)
    if hub.all():
        return nearest

    dead = rows["lane"] * SPAN
    hubs = pl.select(pl.when(hub).then(reach).otherwise(dead)).to_series()
    nearest_hub = _nearest(start, hubs)
    return pl.select(pl.when(hub).then(nearest).otherwise(nearest_hub)).to_series()


def connections(rows: pl.DataFrame) -> pl.DataFrame:
    """Return edges (a, b: row numbers) with the components of all pairs that count.

    They are fewer than the pairs: a row and the next hub it reaches; a row and the
    nearest hub that reaches it; neighbouring hubs both reached by a row before
    them.
    """
    start, reach = _axis(rows)
    number = pl.int_range(rows.height, dtype=pl.Int64(), eager=True)
    if rows["hub"].all():
        return _edges(number, _nearest(start, reach))

    marks = pl.DataFrame({"hub": rows["hub"], "number": number})
    at_hub = pl.when("hub").then("number")
    around = marks.select(
        before=at_hub.forward_fill().shift(1), after=at_hub.backward_fill().shift(-1)
    )
    before, after = around["before"], around["after"]
    farthest = reach.cum_max()
    dead = rows["lane"] * SPAN
    hubs = pl.select(pl.when(rows["hub"]).then(reach).otherwise(dead)).to_series()
    reached_hub = start.gather(after) <= reach
    both_reached = rows["hub"] & (farthest.gather(before) >= start)
    pieces = [
        _edges(number, pl.select(pl.when(reached_hub).then(after)).to_series()),
        _edges(number, pl.select(pl.when(both_reached).then(before)).to_series()),
        _edges(number, _nearest(start, hubs)),
    ]
    return pl.concat(pieces)


def _axis(rows: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Return start and reach on one axis on which no lane reaches the next."""
    base = pl.col("lane") * SPAN
    axis = rows.select(
        start=base + pl.col("start").clip(1, FOREVER),
        reach=base + pl.col("reach").clip(0, FOREVER).fill_null(0),
    )
    return axis["start"], axis["reach"]


def _nearest(start: pl.Series, reach: pl.Series) -> pl.Series:
    """Return for each row the latest earlier row whose reach is not before its start.

    Who no longer reaches a row never reaches a later one; so whoever a row has
    passed over, the rows after it pass over too, and the steps double in length.
    """
    number = pl.int_range(start.len(), dtype=pl.Int64(), eager=True)
    reached = (reach.cum_max().shift(1) >= start).fill_null(value=False)
    nearest = pl.select(pl.when(reached).then(number - 1)).to_series()
    waiting = number.filter(reached)
    while waiting.len():
        candidates = nearest.gather(waiting)
        passed = reach.gather(candidates) < start.gather(waiting)
        waiting = waiting.filter(passed)
        further = nearest.gather(candidates.filter(passed))
        nearest = nearest.scatter(waiting, further)

    return nearest


def _edges(left: pl.Series, right: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"a": left, "b": right}).drop_nulls()
